// Gradients of convolutions. A convolution is linear in each operand, so its two gradients are
// linear too and the three ops differentiate into one another.
#include "ir/ops/Conv.h"
#include "ir/support/VjpHelpers.h"

using namespace mlir;

namespace dlc::ir {

// Where f16 or bf16 operands gave an f32 result, the cotangent is f32 as well: the other operand
// is widened and only the final gradient rounds.

SmallVector<Value> ConvOp::buildVjp(OpBuilder &b, ValueRange cotangents) {
  Value dy = cotangents[0];
  Type wide = elementTypeOf(dy), narrow = elementTypeOf(getX());
  Value dx = ConvInputGradOp::create(b, getLoc(), withElementType(getX().getType(), wide), dy,
                                     castTo(b, getFilter(), wide), getGeometry());
  Value dfilter =
      ConvFilterGradOp::create(b, getLoc(), withElementType(getFilter().getType(), wide),
                               castTo(b, getX(), wide), dy, getGeometry());
  return {castTo(b, dx, narrow), castTo(b, dfilter, narrow)};
}

SmallVector<Value> ConvInputGradOp::buildVjp(OpBuilder &b, ValueRange cotangents) {
  Value ddx = cotangents[0];
  Type wide = elementTypeOf(ddx), narrow = elementTypeOf(getDy());
  Value ddy = ConvOp::create(b, getLoc(), ddx, castTo(b, getFilter(), wide), getGeometry());
  Value dfilter =
      ConvFilterGradOp::create(b, getLoc(), withElementType(getFilter().getType(), wide), ddx,
                               castTo(b, getDy(), wide), getGeometry());
  return {castTo(b, ddy, narrow), castTo(b, dfilter, narrow)};
}

SmallVector<Value> ConvFilterGradOp::buildVjp(OpBuilder &b, ValueRange cotangents) {
  Value ddfilter = cotangents[0];
  Type wide = elementTypeOf(ddfilter), narrow = elementTypeOf(getX());
  Value dx = ConvInputGradOp::create(b, getLoc(), withElementType(getX().getType(), wide),
                                     castTo(b, getDy(), wide), ddfilter, getGeometry());
  Value ddy = ConvOp::create(b, getLoc(), castTo(b, getX(), wide), ddfilter, getGeometry());
  return {castTo(b, dx, narrow), castTo(b, ddy, narrow)};
}

} // namespace dlc::ir
