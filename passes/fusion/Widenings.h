// Conversions to a wider element type, which belong to those who read them.
//
// Whoever reads a bf16 value in f32 makes it of the bf16 one in a register. Made once for all, it
// would lie in memory beside the narrow value or instead of it, twice as large for the same bits.
//
//   %y = dlc.cast %sum to bf16                 %y = dlc.cast %sum to bf16
//   %f = dlc.cast %y to f32                    .. the kernels that read %y
//   .. kernels that read %f             ==>    %f1 = dlc.cast %y to f32     | in one kernel
//                                              %f2 = dlc.cast %y to f32     | in another
#pragma once
#include "passes/fusion/SumEpilogues.h"

namespace dlc::passes {

/// Whether the op repeats a stored value in more bytes, and nothing else.
bool isWidening(mlir::Operation *op);
/// Whether it converts to an element type of fewer bytes.
bool isNarrowing(mlir::Operation *op);

/// A value whose narrow form is stored anyway is widened from that, if nothing is lost: relu of a
/// widened sum, which the next convolution reads in bf16, the next sum in f32, and its gradient.
void readNarrowForms(mlir::Block &block);

/// Gives every reader of a widened value a widening of its own, as far as it can compute one. Each
/// of the `runs` has what it needs already.
void repeatWidenings(mlir::Block &block, llvm::ArrayRef<SumRun> runs);

} // namespace dlc::passes
