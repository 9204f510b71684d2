// The models behind the streaming rows of `dlc bench --kernels`, as IR text.
#pragma once
#include "tools/driver/KernelBench.h"
#include <optional>

namespace dlc::driver {

// One row: an entry that the passes turn into one kernel.
struct StreamText {
  std::string name, text;
  double elements = 0; // the count that ns per element is of
  // Bytes that a run cannot do without, of a row that is bound by memory.
  std::optional<double> bytes;
  int64_t indexBelow = 1000; // labels and positions
  double goal = 0; // ns per element that the laboratory reached for this row; 0: not tried there
};

// Softmax, layer norm, batch norm, pooling, gelu, dropout, transposes, reductions, gather, scatter
// and Adam, forward and backward, at a size that stays in the second-level cache and at one that
// lives in memory.
std::vector<StreamText> streamTexts();

} // namespace dlc::driver
