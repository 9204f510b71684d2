// Gradients of the reductions: what was folded away is repeated back.
#include "ir/ops/Compare.h"
#include "ir/ops/Control.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Reduce.h"
#include "ir/ops/Shape.h"
#include "ir/ops/State.h"
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

/// For each slice along axis 0 the product of the slices before it, or behind it: 1 where there are
/// none.
static Value productsBeside(OpBuilder &builder, Location loc, Value x, bool behind) {
  auto type = cast<RankedTensorType>(x.getType());
  Shape shape = shapeOf(type);
  RankedTensorType slice = ScanOp::sliceType(type);
  Value one = buildSplat(builder, loc, slice, 1);
  auto scan = ScanOp::create(builder, loc, TypeRange{slice, type}, one, x, ValueRange(),
                             shape.front(), behind);
  OpBuilder inner = OpBuilder::atBlockEnd(&scan.addBody());
  Value product = scan.getCarries()[0];
  Value next = MulOp::create(inner, loc, product, scan.getSlices()[0]);
  YieldOp::create(inner, loc, ValueRange{next, product});
  return scan.getStacks()[0];
}

SmallVector<Value> ProdOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // y / x would be one division instead of two loops, but at a zero neither that quotient nor any
  // selection around it has the right derivative; products do, to any order.
  Formula f(builder, getLoc());
  RankedTensorType wide = getX().getType();
  size_t reduced = getAxes().size();
  SmallVector<int64_t> order(getAxes()), back(wide.getRank());
  llvm::append_range(order, otherAxes(wide.getRank(), getAxes()));
  for (auto [to, from] : llvm::enumerate(order))
    back[from] = int64_t(to);
  Value front = f.transpose(getX(), order);
  Shape shape = shapeOf(front);
  Shape flat{sizeProduct(getContext(), ArrayRef(shape).take_front(reduced))};
  flat.append(shape.begin() + reduced, shape.end());
  auto flatType = tensorType(getContext(), flat, wide.getElementType());
  Value rows = ReshapeOp::create(builder, getLoc(), flatType, front);
  Value others = f.mul(productsBeside(builder, getLoc(), rows, /*behind=*/false),
                       productsBeside(builder, getLoc(), rows, /*behind=*/true));
  others = ReshapeOp::create(builder, getLoc(), front.getType(), others);
  return {f.mul(f.restoreAxes(cotangents[0], wide, getAxes()), f.transpose(others, back))};
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
