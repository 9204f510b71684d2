// Convolutions by minimal filtering; see Winograd.td.
#pragma once
#include "ir/support/ShapeMath.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace dlc::ir {

/// Sums of products per 2x2 elements of a result: 4x4.
inline constexpr int64_t kWinogradSums = 16;

/// Tiles of 2x2 elements that a result of these sizes, [N, H, W, C], is cut into.
SizeAttr winogradTiles(llvm::ArrayRef<SizeAttr> y);

} // namespace dlc::ir

#define GET_OP_CLASSES
#include "ir/ops/Winograd.h.inc"
