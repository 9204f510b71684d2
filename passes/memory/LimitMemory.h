// Makes a planned entry take less memory by running kernels a second time; see LimitMemory.cpp.
#pragma once
#include "passes/memory/PlanSize.h"

namespace dlc::passes {

struct LimitedPlan {
  PlanSize before, after;
  bool reached = false;
  int64_t repeated = 0; ///< calls of kernels that were added
  double work = 0;      ///< how much work they are, as a share of the entry's
};

/// Repeats kernels of `entry` until its temporaries take at most `bytes`, and plans it anew. Where
/// that cannot be reached the entry takes as little as repeating achieves. None when a symbol has
/// no value or the bytes overflow; then nothing is changed.
std::optional<LimitedPlan> limitMemory(ir::EntryOp entry, int64_t bytes, SymbolValue value);

} // namespace dlc::passes
