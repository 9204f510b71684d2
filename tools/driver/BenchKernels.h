// `dlc bench --kernels`: the kernels whose speed is promised, each with its floor.
#pragma once
#include "tools/driver/KernelBench.h"

namespace dlc::driver {

// The rows, in the order in which they are printed, with schedules chosen for |target| as the
// compiler would choose them.
std::vector<BenchKernel> promisedKernels(const codegen::cpu::CpuTarget &target);

// Measures and prints them; see runBench.
bool benchKernels(const BenchOptions &options, llvm::raw_ostream &out);

} // namespace dlc::driver
