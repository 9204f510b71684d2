// Folds of reductions: over no axis there is nothing to do.
#include "ir/ops/Reduce.h"

using namespace mlir;

namespace dlc::ir {

template <typename Op> static OpFoldResult foldNoAxes(Op op) {
  return op.getAxes().empty() ? OpFoldResult(op.getX()) : OpFoldResult();
}

OpFoldResult SumOp::fold(FoldAdaptor) { return foldNoAxes(*this); }
OpFoldResult MeanOp::fold(FoldAdaptor) { return foldNoAxes(*this); }
OpFoldResult ProdOp::fold(FoldAdaptor) { return foldNoAxes(*this); }
OpFoldResult ReduceMaxOp::fold(FoldAdaptor) { return foldNoAxes(*this); }
OpFoldResult ReduceMinOp::fold(FoldAdaptor) { return foldNoAxes(*this); }

} // namespace dlc::ir
