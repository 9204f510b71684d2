// What this processor can run, and the variant of a program that suits it best.
#ifndef DLC_RUNTIME_CORE_ISA_H
#define DLC_RUNTIME_CORE_ISA_H

#include "runtime/core/Status.h"

struct dlc_program;

namespace dlc::runtime::core {

// The DLC_DEVICE_CPU_... that this runtime is built for.
extern const uint32_t hostDevice;

// Bit x % 64 of word x / 64: the processor has feature x, as hostDevice counts them, and the
// operating system saves the registers that it needs.
struct IsaFeatures {
  uint64_t words[4];
};
IsaFeatures hostFeatures();

// The name of a feature of a device in messages, "avx512f".
const char *featureName(uint32_t device, unsigned feature);

// The index of the variant called |wanted|, or, when that is null, of the best one that runs here.
// Fails with NOT_FOUND, or with UNIMPLEMENTED and the missing features.
Status pickVariant(const dlc_program &program, const char *name, const char *wanted,
                   uint32_t *index);

} // namespace dlc::runtime::core

#endif
