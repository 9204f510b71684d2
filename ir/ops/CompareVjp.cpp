// Gradients of selection and conversion.
#include "ir/ops/Compare.h"
#include "ir/support/Formula.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> SelectOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value dy = cotangents[0], zero = f.splat(dy, 0);
  return {Value(), f.select(getPredicate(), dy, zero), f.select(getPredicate(), zero, dy)};
}

SmallVector<Value> CastOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Type from = getElementTypeOrSelf(getX().getType());
  return {isa<FloatType>(from) ? f.cast(cotangents[0], from) : Value()};
}

} // namespace dlc::ir
