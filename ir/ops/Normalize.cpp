#include "ir/ops/Normalize.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Normalize.cpp.inc"

namespace dlc::ir {
namespace {

/// The type of one value per channel (the last dimension) of `x`.
RankedTensorType perChannel(RankedTensorType x) {
  return tensorType(x.getContext(), shapeOf(x).back(), x.getElementType());
}

/// What the three ops have in common: _c1, _c2 and _c3.
LogicalResult verifyParameters(Operation *op, int64_t minRank, const APFloat &epsilon) {
  auto x = cast<RankedTensorType>(op->getOperand(0).getType());
  if (x.getRank() < minRank) // _c1
    return op->emitOpError("x has rank ") << x.getRank() << ", expected at least " << minRank;
  RankedTensorType expected = perChannel(x);
  static constexpr StringLiteral names[] = {"x", "scale", "offset", "mean", "variance"};
  for (auto [name, operand] : llvm::drop_begin(llvm::zip(names, op->getOperands())))
    if (operand.getType() != expected) // _c2
      return op->emitOpError(name) << " has type " << typeToString(operand.getType())
                                   << ", expected " << typeToString(expected);
  if (!(epsilon.convertToDouble() >= 0)) // _c3
    return op->emitOpError("epsilon ") << epsilon.convertToDouble() << " is negative";
  return success();
}

LogicalResult expectType(Operation *op, StringRef name, Type actual, RankedTensorType expected) {
  if (actual == expected)
    return success();
  return op->emitOpError(name) << " has type " << typeToString(actual) << ", expected "
                               << typeToString(expected);
}

} // namespace

void BatchNormTrainingOp::build(OpBuilder &builder, OperationState &state, Value x, Value scale,
                                Value offset, double epsilon) {
  build(builder, state, x.getType(), scale.getType(), scale.getType(), x, scale, offset,
        builder.getF64FloatAttr(epsilon));
}

LogicalResult BatchNormTrainingOp::verify() {
  if (failed(verifyParameters(*this, 2, getEpsilon())))
    return failure();
  RankedTensorType x = getX().getType(), statistic = perChannel(x);
  return success(succeeded(expectType(*this, "y", getY().getType(), x)) && // _c4
                 succeeded(expectType(*this, "mean", getMean().getType(), statistic)) &&
                 succeeded(expectType(*this, "variance", getVariance().getType(), statistic)));
}

LogicalResult BatchNormInferenceOp::verify() {
  if (failed(verifyParameters(*this, 2, getEpsilon())))
    return failure();
  return expectType(*this, "y", getType(), getX().getType()); // batch_norm_inference_c4
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyParameters(*this, 1, getEpsilon())))
    return failure();
  return expectType(*this, "y", getType(), getX().getType()); // layer_norm_c4
}

} // namespace dlc::ir
