// Sums over the rows of what a convolution computes, taken by its kernel.
#pragma once
#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace dlc::passes {

/// Ops that follow each other in the block, but for free ones between them, and that become one
/// kernel: a convolution, what it is continued with element by element, and column sums of that.
using SumRun = llvm::SmallVector<mlir::Operation *>;

/// Rewrites the block so that such runs stand in it; see SumEpilogues.cpp.
llvm::SmallVector<SumRun> placeSumEpilogues(mlir::Block &block);

} // namespace dlc::passes
