// Attention and its gradient; see Attention.td.
#pragma once
#include "ir/Dlc.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace dlc::ir {

/// The attributes of attention and of its gradient.
struct AttentionGeometry {
  llvm::ArrayRef<int64_t> maskDims; ///< dimensions of the scores that the mask has
  bool causal = false;
  int64_t axis = 0; ///< of q, k, v: queries and keys
  double scale = 1;
  double dropout = 0; ///< the share of weights that are dropped
};

/// The sizes of the scores: [batch..., queries, keys], where dimension `axis` of the operands
/// counts queries and keys and all others but the last are batches.
Shape attentionScores(llvm::ArrayRef<SizeAttr> q, llvm::ArrayRef<SizeAttr> k, int64_t axis);

/// The types of `y` and `lse`.
std::pair<mlir::RankedTensorType, mlir::RankedTensorType>
attentionResults(mlir::RankedTensorType q, mlir::RankedTensorType v);

} // namespace dlc::ir

#define GET_OP_CLASSES
#include "ir/ops/Attention.h.inc"
