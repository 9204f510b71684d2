// Gradients of the markers, and what becomes of them when all gradients are expanded or, for seams,
// when kernels are formed.
#include "ir/ops/State.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> WatchOp::buildVjp(OpBuilder &, ValueRange cotangents) {
  return {cotangents[0]};
}

SmallVector<Value> WatchOp::dissolve(OpBuilder &) { return {getX()}; }

SmallVector<Value> SeamOp::buildVjp(OpBuilder &, ValueRange cotangents) {
  return {cotangents[0]};
}

FlatSymbolRefAttr variableBehind(Value target) {
  while (auto watch = target.getDefiningOp<WatchOp>())
    target = watch.getX();
  auto argument = dyn_cast<BlockArgument>(target);
  auto entry = argument ? dyn_cast<EntryOp>(argument.getOwner()->getParentOp()) : EntryOp();
  return entry ? entry.getArgState(argument.getArgNumber()) : FlatSymbolRefAttr();
}

void dissolveSeams(Operation *root) {
  root->walk([](SeamOp seam) {
    seam.replaceAllUsesWith(seam.getX());
    seam.erase();
  });
}

SmallVector<Value> StopGradientOp::dissolve(OpBuilder &) { return {getX()}; }

} // namespace dlc::ir
