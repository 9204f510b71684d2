// Which processor features code for a target may use, as the loader checks them.
#pragma once
#include "codegen/cpu/Target.h"
#include <vector>

namespace dlc::codegen::cpu {

/// The DLC_DEVICE_CPU_... of `target` (runtime/abi/program.h).
uint32_t deviceOf(const CpuTarget &target);

/// Whether LLVM moves 16-bit floats of `target` without calling a library.
bool movesHalves(const CpuTarget &target);

/// Sets the feature bits of `target` in four words, as its device counts them.
void setIsaBits(const CpuTarget &target, std::vector<uint64_t> &words);

} // namespace dlc::codegen::cpu
