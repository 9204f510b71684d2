// How much work an op of a kernel is, for reports and for choices between kernels.
#pragma once
#include "ir/Dlc.h"
#include "mlir/IR/Operation.h"

namespace dlc::ir {

/// The flops of one op: 2 per multiply-add of a contraction, convolution or attention, one per
/// element of an elementwise op or a reduction, else 0.
SizeAttr flopsOf(mlir::Operation *op);

/// The bytes of a tensor as it is stored: an i1 takes one.
SizeAttr storedBytesOf(mlir::Type type);

} // namespace dlc::ir
