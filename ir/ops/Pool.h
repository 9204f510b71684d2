// Pools and their gradients; see Pool.td.
#pragma once
#include "ir/support/ShapeMath.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace dlc::ir {

/// How the window slides: one entry per spatial dimension in each list. Refers to memory that
/// the attributes of an op own.
struct PoolGeometry {
  llvm::ArrayRef<int64_t> window, strides;
  llvm::ArrayRef<SizeAttr> padLow, padHigh;
};

/// The sizes of a pool of `x`, or failure after a report of what does not fit (max_pool_c1 to
/// max_pool_c4).
mlir::FailureOr<Shape> inferPool(EmitError emitError, llvm::ArrayRef<SizeAttr> x,
                                 const PoolGeometry &geometry);

/// The most positions of a window that max_pool_winners numbers: the numbers are bytes.
inline constexpr int64_t kMostPositions = 128;

/// The number of positions of a window.
int64_t positionCount(llvm::ArrayRef<int64_t> window);

} // namespace dlc::ir

#define GET_OP_CLASSES
#include "ir/ops/Pool.h.inc"
