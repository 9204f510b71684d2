// Which processor features code for a target may use, as the loader checks them.
#pragma once
#include "codegen/cpu/Target.h"
#include <vector>

namespace dlc::codegen::cpu {

/// Sets the DLC_ISA_... bits (runtime/abi/program.h) of `target` in four words. Targets other than
/// x86-64 have none.
void setIsaBits(const CpuTarget &target, std::vector<uint64_t> &words);

} // namespace dlc::codegen::cpu
