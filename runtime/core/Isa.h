// What this processor can run, and the variant of a program that suits it best.
#ifndef DLC_RUNTIME_CORE_ISA_H
#define DLC_RUNTIME_CORE_ISA_H

#include "runtime/core/Status.h"

struct dlc_program;

namespace dlc::runtime::core {

// Bit DLC_ISA_x of word x / 64: the processor has the feature and the operating system saves the
// registers that it needs.
struct IsaFeatures {
  uint64_t words[4];
};
IsaFeatures hostFeatures();

// The name of a feature in messages, "avx512f".
const char *featureName(unsigned feature);

// The index of the variant called |wanted|, or, when that is null, of the best one that runs here.
// Fails with NOT_FOUND, or with UNIMPLEMENTED and the missing features.
Status pickVariant(const dlc_program &program, const char *name, const char *wanted,
                   uint32_t *index);

} // namespace dlc::runtime::core

#endif
