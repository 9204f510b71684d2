// Tile sizes and unrolling of streaming kernels. A pure function, tested as a table.
//
// Backed by measurements on Zen 4: two vectors per step are enough for expensive functions (gelu
// .52 ns an element), four for plain arithmetic and for the accumulators of a row sum; tiles of
// 16-64 KB amortise a dispatch without leaving cores idle.
#pragma once
#include "codegen/cpu/emit/Stream.h"

namespace dlc::codegen::cpu {

StreamSchedule chooseStream(mlir::Block &body, const CpuTarget &target);

} // namespace dlc::codegen::cpu
