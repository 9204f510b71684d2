// Windows that slide over the spatial dimensions of a channels-last tensor [N, spatial..., C]:
// what convolutions and pools have in common.
#pragma once
#include "ir/support/ShapeMath.h"

namespace dlc::ir {

/// One entry per spatial dimension in each list.
struct Window {
  llvm::ArrayRef<int64_t> sizes, strides, dilations;
  llvm::ArrayRef<SizeAttr> padLow, padHigh;
};

/// Checks that x has 1 to 3 spatial dimensions between its batch and its channels, and that the
/// named list has one entry for each.
mlir::LogicalResult checkSpatialRank(EmitError emitError, int64_t rank);
mlir::LogicalResult checkSpatialCount(EmitError emitError, llvm::StringRef what, size_t count,
                                      int64_t rank);

/// Where windows may stand, along each spatial dimension of sizes `spatial`. Reports sizes,
/// strides and dilations below 1, negative padding and windows that do not fit.
mlir::FailureOr<Shape> slideWindow(EmitError emitError, llvm::ArrayRef<SizeAttr> spatial,
                                   const Window &window);

} // namespace dlc::ir
