// Sums over all rows of a tensor: over all dimensions but the last, one value per column.
//
//   %s = dlc.sum %y over [0, 1, 2]             the statistics of a batch normalisation, whose
//   %m = dlc.div %s, %count                    kernel may leave both to the kernel that computes
//   %c = dlc.sub %y, (%m repeated)             %y: it takes them from registers.
//   %v = dlc.sum (%c * %c) over [0, 1, 2]
#pragma once
#include "ir/Ops.h"

namespace dlc::ir {

/// Whether the op sums floats over all dimensions but the last, and there are such dimensions.
bool sumsColumns(mlir::Operation *op);

/// Of a sum over columns of (y - m)^2, where m is the mean of the same columns: y. Else null.
mlir::Value centredOperand(SumOp squares);

} // namespace dlc::ir
