// Gradients of convolutions. A convolution is linear in each operand, so its two gradients are
// linear too and the three ops differentiate into one another.
#include "ir/ops/Conv.h"
#include "ir/support/Formula.h"

using namespace mlir;

namespace dlc::ir {

/// A widened result (f32 of f16 operands) has a cotangent that comes back in the operands' type.
static Value narrowCotangent(OpBuilder &builder, Operation *op, Value cotangent) {
  Type element = cast<RankedTensorType>(op->getOperand(0).getType()).getElementType();
  return Formula(builder, op->getLoc()).cast(cotangent, element);
}

SmallVector<Value> ConvOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Value dy = narrowCotangent(builder, *this, cotangents[0]);
  return {ConvInputGradOp::create(builder, getLoc(), getX().getType(), dy, getFilter(),
                                  getGeometry()),
          ConvFilterGradOp::create(builder, getLoc(), getFilter().getType(), getX(), dy,
                                   getGeometry())};
}

SmallVector<Value> ConvInputGradOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Value ddx = narrowCotangent(builder, *this, cotangents[0]);
  return {ConvOp::create(builder, getLoc(), ddx, getFilter(), getGeometry()),
          ConvFilterGradOp::create(builder, getLoc(), getFilter().getType(), ddx, getDy(),
                                   getGeometry())};
}

SmallVector<Value> ConvFilterGradOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Value ddfilter = narrowCotangent(builder, *this, cotangents[0]);
  return {ConvInputGradOp::create(builder, getLoc(), getX().getType(), getDy(), ddfilter,
                                  getGeometry()),
          ConvOp::create(builder, getLoc(), getX(), ddfilter, getGeometry())};
}

} // namespace dlc::ir
