// The streaming rows of `dlc bench --kernels`, made as the compiler makes them: from a model's text
// through the passes to the emitter.
#pragma once
#include "tools/driver/KernelBench.h"

namespace dlc::driver {

// Appends softmax, layer norm, batch norm, Adam (bound by memory) and gelu (bound by arithmetic).
void addStreams(std::vector<BenchKernel> &rows);

} // namespace dlc::driver
