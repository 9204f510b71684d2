// Gradients of the cross entropies: probability minus truth, scaled by the cotangent.
#include "ir/ops/Elementwise.h"
#include "ir/ops/Index.h"
#include "ir/ops/Loss.h"
#include "ir/ops/Softmax.h"
#include "ir/support/Formula.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> SparseSoftmaxCrossEntropyOp::buildVjp(OpBuilder &builder,
                                                         ValueRange cotangents) {
  Formula f(builder, getLoc());
  RankedTensorType type = getLogits().getType();
  int64_t classAxis = type.getRank() - 1;
  Value scale = f.restoreAxes(cotangents[0], type, classAxis);
  Value probability = SoftmaxOp::create(builder, getLoc(), type, getLogits(), classAxis);
  Value truth = OneHotOp::create(builder, getLoc(), type, getLabels());
  return {f.mul(f.sub(probability, truth), scale), Value()};
}

SmallVector<Value> SoftmaxCrossEntropyOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  RankedTensorType type = getLogits().getType();
  int64_t classAxis = type.getRank() - 1;
  Value scale = f.restoreAxes(cotangents[0], type, classAxis);
  // The probability is e^(log probability): the gradient by the labels needs the latter anyway.
  Value log = LogSoftmaxOp::create(builder, getLoc(), type, getLogits(), classAxis);
  Value mass = f.restoreAxes(f.sum(getLabels(), classAxis), type, classAxis);
  Value difference = f.sub(f.mul(f.exp(log), mass), getLabels());
  return {f.mul(difference, scale), f.neg(f.mul(log, scale))};
}

SmallVector<Value> SigmoidCrossEntropyOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value dy = cotangents[0];
  Value probability = SigmoidOp::create(builder, getLoc(), getLogits());
  return {f.mul(f.sub(probability, getLabels()), dy), f.neg(f.mul(getLogits(), dy))};
}

} // namespace dlc::ir
