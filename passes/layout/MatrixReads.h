// Where a value is read as the matrix of a contraction or convolution, through the regions of loops
// and branches that it is passed into.
#pragma once
#include "ir/support/Panels.h"
#include "passes/layout/PanelRule.h"

namespace dlc::passes {

/// One operand that reads the value.
struct MatrixRead {
  mlir::Operation *reader; ///< the contraction or convolution, maybe in a region
  mlir::Operation *user;   ///< the reader, or the op beside the value that it is inside of
  ir::PanelForm form;
  PanelUse use;
};

/// The reads that have a form, in panels of `width` columns.
llvm::SmallVector<MatrixRead> matrixReads(mlir::Value value, int64_t width);

/// Makes those reads of `value` that have this form, and that panels pay for, read `panels`, which
/// are passed into the regions on the way. A scan's or while's invariants and an if's inputs are
/// followed; carried values change.
void readPanels(mlir::Value value, mlir::Value panels, const ir::PanelForm &form);

} // namespace dlc::passes
