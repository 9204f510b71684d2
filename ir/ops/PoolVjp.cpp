// Gradients of pools.
#include "ir/ops/Compare.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Pool.h"
#include "ir/ops/Shape.h"
#include "ir/support/Formula.h"

using namespace mlir;

namespace dlc::ir {
namespace {

/// Looks at a padded tensor through the windows of a pool: `at(offset)` holds, for every window,
/// the element at one offset inside it.
class WindowView {
public:
  WindowView(OpBuilder &builder, Location loc, Value x, double fill, RankedTensorType windows,
             const PoolGeometry &geometry)
      : builder(builder), loc(loc), windows(shapeOf(windows)), geometry(geometry) {
    int64_t rank = windows.getRank();
    SizeAttr zero = sizeConstant(builder.getContext(), 0);
    SmallVector<SizeAttr> low(rank, zero), high(rank, zero);
    llvm::copy(geometry.padLow, low.begin() + 1);
    llvm::copy(geometry.padHigh, high.begin() + 1);
    Value value = buildScalar(builder, loc, windows.getElementType(), fill);
    SmallVector<int64_t> interior(rank, 0);
    padded = PadOp::create(builder, loc, x, value, low, high, interior);
  }

  Value at(ArrayRef<int64_t> offset) {
    Shape sizes = shapeOf(padded);
    SmallVector<SizeAttr> starts(sizes.size(), sizeConstant(builder.getContext(), 0));
    Shape limits(sizes);
    SmallVector<int64_t> strides(sizes.size(), 1);
    for (auto [i, start] : llvm::enumerate(offset)) {
      strides[i + 1] = geometry.strides[i];
      starts[i + 1] = sizeConstant(builder.getContext(), start);
      // One past the last window's element; start + 0 for no windows, so that it stays in range.
      SizeAttr span = sizeMul(windows[i + 1], strides[i + 1]);
      limits[i + 1] =
          windows[i + 1].isConstant(0) ? starts[i + 1] : sizeAdd(span, start + 1 - strides[i + 1]);
    }
    return SliceOp::create(builder, loc, padded, starts, limits, strides);
  }

private:
  OpBuilder &builder;
  Location loc;
  Shape windows;
  PoolGeometry geometry;
  Value padded;
};

/// Every offset inside a window, in row-major order.
SmallVector<SmallVector<int64_t>> windowOffsets(ArrayRef<int64_t> window) {
  SmallVector<SmallVector<int64_t>> offsets{SmallVector<int64_t>{}};
  for (int64_t size : window) {
    SmallVector<SmallVector<int64_t>> longer;
    for (const SmallVector<int64_t> &prefix : offsets)
      for (int64_t i = 0; i < size; ++i) {
        longer.push_back(prefix);
        longer.back().push_back(i);
      }
    offsets = std::move(longer);
  }
  return offsets;
}

} // namespace

// The winners are taken where the pool is, not where its gradient is: one kernel computes both, and
// of x nothing is kept. A window of one element has one winner, too many positions have no number.
SmallVector<Value> MaxPoolOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  int64_t positions = positionCount(getWindow());
  if (positions == 1 || positions > kMostPositions)
    return {MaxPoolGradOp::create(builder, getLoc(), getX(), cotangents[0], getGeometry())};
  OpBuilder atPool(builder.getContext());
  atPool.setInsertionPointAfter(*this);
  Value winners = MaxPoolWinnersOp::create(atPool, getLoc(), getX(), getGeometry());
  return {MaxPoolScatterOp::create(builder, getLoc(), getX().getType(), winners, cotangents[0],
                                   getGeometry())};
}

SmallVector<Value> AvgPoolOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {AvgPoolGradOp::create(builder, getLoc(), getX().getType(), cotangents[0], getGeometry())};
}

SmallVector<Value> AvgPoolGradOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  return {AvgPoolOp::create(builder, getLoc(), cotangents[0], getGeometry())};
}

// ddy picks ddx at the place that each window's element of dy went to: at most one offset is the
// winner's, and padding holds zeros.
SmallVector<Value> MaxPoolScatterOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  RankedTensorType type = getDy().getType();
  WindowView ddx(builder, getLoc(), cotangents[0], 0, type, getGeometry());
  Value ddy = f.zeros(type);
  for (auto [number, offset] : llvm::enumerate(windowOffsets(getWindow()))) {
    Value hit = f.compare(ComparePredicate::eq, getWinners(),
                          f.splat(getWinners(), static_cast<double>(number)));
    ddy = f.select(hit, ddx.at(offset), ddy);
  }
  return {Value(), ddy};
}

// ddy picks ddx at the place that each window's element of dy went to. Places are found as the
// forward pass defines them, by looking at the window's offsets in order: the first one that
// equals the maximum, or the first NaN (the only elements for which x != x).
SmallVector<Value> MaxPoolGradOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  RankedTensorType type = getDy().getType();
  Value largest = MaxPoolOp::create(builder, getLoc(), getX(), getGeometry());
  WindowView x(builder, getLoc(), getX(), -std::numeric_limits<double>::infinity(), type,
               getGeometry());
  WindowView ddx(builder, getLoc(), cotangents[0], 0, type, getGeometry());
  Value ddy = f.zeros(type), found;
  for (ArrayRef<int64_t> offset : windowOffsets(getWindow())) {
    Value element = x.at(offset);
    Value hit = OrOp::create(builder, getLoc(), f.compare(ComparePredicate::eq, element, largest),
                             f.compare(ComparePredicate::ne, element, element));
    Value first =
        found
            ? Value(AndOp::create(builder, getLoc(), hit, NotOp::create(builder, getLoc(), found)))
            : hit;
    ddy = f.select(first, ddx.at(offset), ddy);
    found = found ? Value(OrOp::create(builder, getLoc(), found, hit)) : hit;
  }
  return {Value(), ddy};
}

} // namespace dlc::ir
