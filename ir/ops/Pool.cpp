#include "ir/ops/Pool.h"
#include "ir/ops/Assembly.h"
#include "ir/support/Window.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Pool.cpp.inc"

namespace dlc::ir {
namespace {

/// max_pool_c2.
LogicalResult checkCounts(EmitError emitError, const PoolGeometry &geometry, int64_t rank) {
  auto check = [&](StringRef what, size_t count) {
    return checkSpatialCount(emitError, what, count, rank);
  };
  return success(succeeded(check("window sizes", geometry.window.size())) &&
                 succeeded(check("strides", geometry.strides.size())) &&
                 succeeded(check("low amounts of padding", geometry.padLow.size())) &&
                 succeeded(check("high amounts of padding", geometry.padHigh.size())));
}

/// max_pool_c3: padding as wide as the window would make windows of nothing but padding.
LogicalResult checkPadding(EmitError emitError, const PoolGeometry &geometry) {
  for (auto [i, window] : llvm::enumerate(geometry.window))
    for (SizeAttr amount : {geometry.padLow[i], geometry.padHigh[i]}) {
      if (!amount.isConstant() || amount.getValue() < window)
        continue;
      emitError() << "padding " << amount.getValue() << " in spatial dimension " << i
                  << " is not smaller than the window " << window;
      return failure();
    }
  return success();
}

/// The verifier of a pool: `y` must have the sizes that those of `x` and the attributes say, and
/// elements of type `element`.
LogicalResult verifyPool(Operation *op, RankedTensorType x, RankedTensorType y, StringRef yName,
                         const PoolGeometry &geometry, Type element) {
  auto emitError = [&] { return op->emitOpError(); };
  FailureOr<Shape> shape = inferPool(emitError, shapeOf(x), geometry);
  if (failed(shape))
    return failure();
  RankedTensorType expected = tensorType(op->getContext(), *shape, element);
  if (y != expected)
    return op->emitOpError(yName) << " has type " << typeToString(y) << ", expected "
                                  << typeToString(expected);
  return success();
}

LogicalResult verifyPool(Operation *op, RankedTensorType x, RankedTensorType y, StringRef yName,
                         const PoolGeometry &geometry) {
  return verifyPool(op, x, y, yName, geometry, x.getElementType());
}

/// max_pool_winners_c2.
LogicalResult verifyPositions(Operation *op, const PoolGeometry &geometry) {
  int64_t positions = positionCount(geometry.window);
  if (positions <= kMostPositions)
    return success();
  return op->emitOpError("a window has ")
         << positions << " positions, and bytes number " << kMostPositions << " at most";
}

template <typename Op>
void buildPool(OpBuilder &builder, OperationState &state, Value x, const PoolGeometry &geometry,
               Type element = Type()) {
  auto type = cast<RankedTensorType>(x.getType());
  // Without a valid shape the verifier says why; the type given here is only a stand-in.
  FailureOr<Shape> shape = inferPool([] { return InFlightDiagnostic(); }, shapeOf(x), geometry);
  MLIRContext *context = builder.getContext();
  if (!element)
    element = type.getElementType();
  Type result = succeeded(shape) ? tensorType(context, *shape, element) : type;
  Op::build(builder, state, result, x, geometry.window, geometry.strides,
            DimsAttr::get(context, geometry.padLow), DimsAttr::get(context, geometry.padHigh));
}

} // namespace

FailureOr<Shape> inferPool(EmitError emitError, ArrayRef<SizeAttr> x,
                           const PoolGeometry &geometry) {
  int64_t rank = x.size();
  if (failed(checkSpatialRank(emitError, rank)) || // max_pool_c1
      failed(checkCounts(emitError, geometry, rank)))
    return failure();
  SmallVector<int64_t> dilations(rank - 2, 1);
  FailureOr<Shape> output = slideWindow( // max_pool_c3, max_pool_c4
      emitError, x.slice(1, rank - 2),
      {geometry.window, geometry.strides, dilations, geometry.padLow, geometry.padHigh});
  if (failed(output) || failed(checkPadding(emitError, geometry)))
    return failure();
  output->insert(output->begin(), x.front());
  output->push_back(x.back());
  return output;
}

int64_t positionCount(ArrayRef<int64_t> window) {
  int64_t count = 1;
  for (int64_t size : window)
    count *= size;
  return count;
}

#define DLC_POOL(Op)                                                                               \
  void Op::build(OpBuilder &builder, OperationState &state, Value x,                               \
                 const PoolGeometry &geometry) {                                                   \
    buildPool<Op>(builder, state, x, geometry);                                                    \
  }                                                                                                \
  void Op::build(OpBuilder &builder, OperationState &state, Value x, ArrayRef<int64_t> window,     \
                 ArrayRef<int64_t> strides, ArrayRef<SizeAttr> padLow,                             \
                 ArrayRef<SizeAttr> padHigh) {                                                     \
    buildPool<Op>(builder, state, x, {window, strides, padLow, padHigh});                          \
  }                                                                                                \
  LogicalResult Op::verify() {                                                                     \
    return verifyPool(*this, getX().getType(), getType(), "result", getGeometry());                \
  }
DLC_POOL(MaxPoolOp)
DLC_POOL(AvgPoolOp)
#undef DLC_POOL

void MaxPoolGradOp::build(OpBuilder &builder, OperationState &state, Value x, Value dy,
                          const PoolGeometry &geometry) {
  MLIRContext *context = builder.getContext();
  build(builder, state, x.getType(), x, dy, geometry.window, geometry.strides,
        DimsAttr::get(context, geometry.padLow), DimsAttr::get(context, geometry.padHigh));
}

LogicalResult MaxPoolGradOp::verify() {
  RankedTensorType x = getX().getType();
  if (failed(verifyPool(*this, x, getDy().getType(), "dy", getGeometry())))
    return failure();
  if (getType() != x) // max_pool_grad_c3
    return emitOpError("result has type ")
           << typeToString(getType()) << ", expected " << typeToString(x);
  return success();
}

void AvgPoolGradOp::build(OpBuilder &builder, OperationState &state, Type dx, Value dy,
                          const PoolGeometry &geometry) {
  MLIRContext *context = builder.getContext();
  build(builder, state, dx, dy, geometry.window, geometry.strides,
        DimsAttr::get(context, geometry.padLow), DimsAttr::get(context, geometry.padHigh));
}

LogicalResult AvgPoolGradOp::verify() {
  return verifyPool(*this, getType(), getDy().getType(), "dy", getGeometry());
}

void MaxPoolWinnersOp::build(OpBuilder &builder, OperationState &state, Value x,
                             const PoolGeometry &geometry) {
  buildPool<MaxPoolWinnersOp>(builder, state, x, geometry, builder.getI8Type());
}

LogicalResult MaxPoolWinnersOp::verify() {
  if (failed(verifyPool(*this, getX().getType(), getType(), "result", getGeometry(),
                        getType().getElementType())))
    return failure();
  return verifyPositions(*this, getGeometry());
}

void MaxPoolScatterOp::build(OpBuilder &builder, OperationState &state, Type dx, Value winners,
                             Value dy, const PoolGeometry &geometry) {
  MLIRContext *context = builder.getContext();
  build(builder, state, dx, winners, dy, geometry.window, geometry.strides,
        DimsAttr::get(context, geometry.padLow), DimsAttr::get(context, geometry.padHigh));
}

LogicalResult MaxPoolScatterOp::verify() {
  if (failed(verifyPool(*this, getType(), getDy().getType(), "dy", getGeometry())) ||
      failed(verifyPositions(*this, getGeometry())))
    return failure();
  RankedTensorType dy = getDy().getType(), winners = getWinners().getType();
  if (shapeOf(winners) != shapeOf(dy)) // max_pool_scatter_c4
    return emitOpError("winners have type ")
           << typeToString(winners) << ", expected the sizes of " << typeToString(dy);
  return success();
}

} // namespace dlc::ir
