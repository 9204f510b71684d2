// Gradients of gather and scatter_add: each is the other's.
#include "ir/ops/Compare.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Index.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace dlc::ir {

/// The last valid index along the axis, repeated to the sizes of `indices`.
static Value lastIndex(Formula &f, Value x, int64_t axis, Value indices) {
  Value count = f.size({shapeOf(x)[axis]}, getElementTypeOrSelf(indices.getType()));
  return f.broadcast(f.sub(count, f.splat(count, 1)), indices.getType(), {});
}

SmallVector<Value> GatherOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  // scatter_add drops what gather clamps, so the clamping is written out.
  Formula f(builder, getLoc());
  Value last = lastIndex(f, getX(), getAxis(), getIndices());
  Value atLeastZero =
      MaxOp::create(builder, getLoc(), getIndices(), f.splat(getIndices(), 0));
  Value clamped = MinOp::create(builder, getLoc(), atLeastZero, last);
  Value zeros = f.zeros(getX().getType());
  return {ScatterAddOp::create(builder, getLoc(), zeros, clamped, cotangents[0], getAxis()),
          Value()};
}

SmallVector<Value> ScatterAddOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Value dy = cotangents[0], indices = getIndices();
  Value picked = GatherOp::create(builder, getLoc(), dy, indices, getAxis());
  Value inside = AndOp::create(
      builder, getLoc(), f.compare(ComparePredicate::ge, indices, f.splat(indices, 0)),
      f.compare(ComparePredicate::le, indices, lastIndex(f, getX(), getAxis(), indices)));
  // The dimensions of `indices` stand where the axis was.
  SmallVector<int64_t> dims;
  for (int64_t i = 0; i < getIndices().getType().getRank(); ++i)
    dims.push_back(getAxis() + i);
  Value mask = f.broadcast(inside, withElementType(picked.getType(), builder.getI1Type()), dims);
  return {dy, Value(), f.select(mask, picked, f.zeros(picked.getType()))};
}

} // namespace dlc::ir
