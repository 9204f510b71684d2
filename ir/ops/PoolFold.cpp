// Folds of pools: windows of one element, side by side, are the elements.
#include "ir/ops/Pool.h"

using namespace mlir;

namespace dlc::ir {

template <typename Op> static OpFoldResult foldUnitWindow(Op op) {
  auto isOne = [](int64_t value) { return value == 1; };
  bool isIdentity = llvm::all_of(op.getWindow(), isOne) && llvm::all_of(op.getStrides(), isOne) &&
                    op.getX().getType() == op.getType();
  return isIdentity ? OpFoldResult(op.getX()) : OpFoldResult();
}

OpFoldResult MaxPoolOp::fold(FoldAdaptor) { return foldUnitWindow(*this); }
OpFoldResult AvgPoolOp::fold(FoldAdaptor) { return foldUnitWindow(*this); }

} // namespace dlc::ir
