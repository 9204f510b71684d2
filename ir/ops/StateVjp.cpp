// Gradients of the markers, and what becomes of them when all gradients are expanded.
#include "ir/ops/State.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> WatchOp::buildVjp(OpBuilder &, ValueRange cotangents) {
  return {cotangents[0]};
}

SmallVector<Value> WatchOp::dissolve(OpBuilder &) { return {getX()}; }

SmallVector<Value> StopGradientOp::dissolve(OpBuilder &) { return {getX()}; }

} // namespace dlc::ir
