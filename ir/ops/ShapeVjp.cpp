// Gradients of the ops that move elements: they move back, and what was repeated is summed.
#include "ir/ops/Shape.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

namespace dlc::ir {

using Values = SmallVector<Value>;

static Values noneFor(ValueRange indices) { return Values(indices.size()); }

Values ReshapeOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {ReshapeOp::create(builder, getLoc(), getX().getType(), cotangents[0])};
}

Values TransposeOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  SmallVector<int64_t> inverse(getPermutation().size());
  for (auto [i, dim] : llvm::enumerate(getPermutation()))
    inverse[dim] = i;
  return {Formula(builder, getLoc()).transpose(cotangents[0], inverse)};
}

Values BroadcastOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  SmallVector<int64_t> repeated = otherAxes(getType().getRank(), getDims());
  return {Formula(builder, getLoc()).sum(cotangents[0], repeated)};
}

Values SliceOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // Each element returns to its place; zeros fill the gaps of the strides and both ends.
  Formula f(builder, getLoc());
  SmallVector<SizeAttr> high;
  SmallVector<int64_t> gaps;
  SizeAttr zero = sizeConstant(getContext(), 0);
  for (auto [whole, part, start, stride] : llvm::zip_equal(
           shapeOf(getX()), shapeOf(getY()), getStarts().getSizes(), getStrides())) {
    gaps.push_back(stride - 1);
    SizeAttr filled = stride == 1 ? zero : sizeMul(sizeMax(sizeAdd(part, -1), zero), stride - 1);
    high.push_back(sizeSub(whole, sizeAdd(start, sizeAdd(part, filled))));
  }
  Value fill = buildScalar(builder, getLoc(), getType().getElementType(), 0);
  return {PadOp::create(builder, getLoc(), cotangents[0], fill, getStarts().getSizes(), high,
                        gaps)};
}

Values DynamicSliceOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value zeros = f.zeros(getX().getType());
  Values gradients = {DynamicUpdateSliceOp::create(builder, getLoc(), getX().getType(), zeros,
                                                   cotangents[0], getIndices())};
  llvm::append_range(gradients, noneFor(getIndices()));
  return gradients;
}

Values DynamicUpdateSliceOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value dy = cotangents[0], hole = f.zeros(getUpdate().getType());
  Values gradients = {
      DynamicUpdateSliceOp::create(builder, getLoc(), getX().getType(), dy, hole, getIndices()),
      DynamicSliceOp::create(builder, getLoc(), getUpdate().getType(), dy, getIndices())};
  llvm::append_range(gradients, noneFor(getIndices()));
  return gradients;
}

Values PadOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value dy = cotangents[0];
  SmallVector<SizeAttr> limits;
  SmallVector<int64_t> strides;
  for (auto [size, low, gap] :
       llvm::zip_equal(shapeOf(getX()), getLow().getSizes(), getInterior())) {
    // One past the last element of x, written so that (limit - low) / stride is its size also
    // where that is symbolic; an empty x takes the empty range.
    SizeAttr span = size.isConstant(0) ? size : sizeAdd(sizeMul(size, gap + 1), -gap);
    limits.push_back(sizeAdd(low, span));
    strides.push_back(gap + 1);
  }
  Value dx = SliceOp::create(builder, getLoc(), dy, getLow().getSizes(), limits, strides);
  SmallVector<int64_t> all = otherAxes(getType().getRank(), {});
  return {dx, f.sub(f.sum(dy, all), f.sum(dx, all))};
}

Values ConcatOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Values gradients;
  SizeAttr zero = sizeConstant(getContext(), 0), offset = zero;
  SmallVector<int64_t> strides(getType().getRank(), 1);
  for (Value input : getInputs()) {
    Shape limits = shapeOf(input), starts(limits.size(), zero);
    starts[getAxis()] = offset;
    offset = limits[getAxis()] = sizeAdd(offset, limits[getAxis()]);
    gradients.push_back(
        SliceOp::create(builder, getLoc(), cotangents[0], starts, limits, strides));
  }
  return gradients;
}

Values ReverseOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {ReverseOp::create(builder, getLoc(), cotangents[0], getAxes())};
}

} // namespace dlc::ir
