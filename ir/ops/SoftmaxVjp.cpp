// Gradients of softmax and log_softmax, both from the result.
#include "ir/ops/Softmax.h"
#include "ir/support/Formula.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> SoftmaxOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  int64_t axis = getAxis();
  Value dy = cotangents[0], y = getY();
  Value shared = f.restoreAxes(f.sum(f.mul(dy, y), axis), getType(), axis);
  return {f.mul(f.sub(dy, shared), y)};
}

SmallVector<Value> LogSoftmaxOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  int64_t axis = getAxis();
  Value dy = cotangents[0];
  Value total = f.restoreAxes(f.sum(dy, axis), getType(), axis);
  return {f.sub(dy, f.mul(f.exp(getY()), total))};
}

} // namespace dlc::ir
