// The streaming rows of `dlc bench --kernels`, made as the compiler makes them: from a model's text
// through the passes to the emitter.
#pragma once
#include "tools/driver/KernelBench.h"

namespace dlc::driver {

// A row that runs an entry, given as IR text, as the compiler makes it: one phase after another of
// all its kernels. |inPlace|: (result, argument) pairs that share memory.
BenchKernel entryKernel(const std::string &name, const std::string &text, Limit limit, double work,
                        double floor, std::vector<std::pair<unsigned, unsigned>> inPlace = {});

// Appends softmax, layer norm, batch norm, Adam (bound by memory) and gelu (bound by arithmetic).
void addStreams(std::vector<BenchKernel> &rows);

} // namespace dlc::driver
