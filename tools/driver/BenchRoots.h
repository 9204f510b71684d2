// Rows of `dlc bench --kernels` for depthwise convolutions and attention, forward and backward.
#pragma once
#include "tools/driver/KernelBench.h"

namespace dlc::driver {

void addDepthwise(std::vector<BenchKernel> &rows);
void addAttention(std::vector<BenchKernel> &rows);

} // namespace dlc::driver
