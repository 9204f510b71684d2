// Gradients of the reductions: what was folded away is repeated back.
#include "ir/ops/Compare.h"
#include "ir/ops/Reduce.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> SumOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  return {f.restoreAxes(cotangents[0], getX().getType(), getAxes())};
}

SmallVector<Value> MeanOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // Divided before it is repeated: one division per result element, not per operand element.
  Formula f(builder, getLoc());
  Shape shape = shapeOf(getX()), folded;
  for (int64_t axis : getAxes())
    folded.push_back(shape[axis]);
  Value count = f.size(folded, getType().getElementType());
  Value share = f.div(cotangents[0], f.broadcast(count, getType(), {}));
  return {f.restoreAxes(share, getX().getType(), getAxes())};
}

SmallVector<Value> ProdOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // The product of the others is y / x, except near zeros: with one zero it is the product of
  // the rest there and 0 elsewhere, with several it is 0 everywhere.
  Formula f(builder, getLoc());
  RankedTensorType wide = getX().getType();
  Type element = wide.getElementType();
  Value isZero = f.compare(ComparePredicate::eq, getX(), f.splat(getX(), 0));
  Value safe = f.select(isZero, f.splat(getX(), 1), getX());
  Value rest = ProdOp::create(builder, getLoc(), safe, getAxes());
  Value zeroCount = f.sum(f.cast(isZero, element), getAxes());
  Value none = f.splat(rest, 0);
  auto where = [&](double count) {
    Value matches = f.compare(ComparePredicate::eq, zeroCount, f.splat(zeroCount, count));
    Value product = f.select(matches, f.mul(cotangents[0], rest), none);
    return f.restoreAxes(product, wide, getAxes());
  };
  return {f.select(isZero, where(1), f.div(where(0), safe))};
}

/// The cotangent of an extremum, shared equally among the elements that attain it.
static Value shareAmongWinners(OpBuilder &builder, Location loc, Value x, Value y, Value dy,
                               ArrayRef<int64_t> axes) {
  Formula f(builder, loc);
  auto wide = cast<RankedTensorType>(x.getType());
  Value wins = f.compare(ComparePredicate::eq, x, f.restoreAxes(y, wide, axes));
  Value winners = f.sum(f.cast(wins, wide.getElementType()), axes);
  Value share = f.restoreAxes(f.div(dy, winners), wide, axes);
  return f.select(wins, share, f.splat(x, 0));
}

SmallVector<Value> ReduceMaxOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {shareAmongWinners(builder, getLoc(), getX(), getY(), cotangents[0], getAxes())};
}

SmallVector<Value> ReduceMinOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {shareAmongWinners(builder, getLoc(), getX(), getY(), cotangents[0], getAxes())};
}

} // namespace dlc::ir
