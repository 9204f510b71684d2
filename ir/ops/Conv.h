// Convolutions and their gradients; see Conv.td.
#pragma once
#include "ir/support/ShapeMath.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace dlc::ir {

/// How the filter slides: one entry per spatial dimension in each list. Refers to memory that
/// the attributes of an op own.
struct ConvGeometry {
  llvm::ArrayRef<int64_t> strides, dilations;
  llvm::ArrayRef<SizeAttr> padLow, padHigh;
  int64_t groups = 1;
};

/// The sizes of `conv(x, filter)`, or failure after a report of what does not fit (conv_c1 to
/// conv_c6).
mlir::FailureOr<Shape> inferConv(EmitError emitError, llvm::ArrayRef<SizeAttr> x,
                                 llvm::ArrayRef<SizeAttr> filter, const ConvGeometry &geometry);

} // namespace dlc::ir

#define GET_OP_CLASSES
#include "ir/ops/Conv.h.inc"
