#include "ir/ops/Conv.h"
#include "ir/ops/Assembly.h"
#include "ir/support/Window.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Conv.cpp.inc"

namespace dlc::ir {
namespace {

/// conv_c5. The channels may be symbolic; the filters of several groups may not.
LogicalResult checkGroups(EmitError emitError, SizeAttr channels, SizeAttr perGroup,
                          SizeAttr filters, int64_t groups) {
  if (groups < 1) {
    emitError() << "has " << groups << " groups, expected at least 1";
    return failure();
  }
  if (channels != sizeMul(perGroup, groups)) {
    emitError() << "input has " << sizeToString(channels) << " channels but the filter has "
                << sizeToString(perGroup) << " in " << groups << " groups";
    return failure();
  }
  if (groups > 1 && (!filters.isConstant() || filters.getValue() % groups != 0)) {
    emitError() << groups << " groups do not divide " << sizeToString(filters) << " filters";
    return failure();
  }
  return success();
}

/// conv_c2.
LogicalResult checkCounts(EmitError emitError, const ConvGeometry &geometry, int64_t rank) {
  auto check = [&](StringRef what, size_t count) {
    return checkSpatialCount(emitError, what, count, rank);
  };
  return success(succeeded(check("strides", geometry.strides.size())) &&
                 succeeded(check("dilations", geometry.dilations.size())) &&
                 succeeded(check("low amounts of padding", geometry.padLow.size())) &&
                 succeeded(check("high amounts of padding", geometry.padHigh.size())));
}

/// `actual` is `operand`, or its wider accumulator type.
bool isResultElement(Type actual, Type operand) {
  return actual == operand || (actual.isF32() && (operand.isF16() || operand.isBF16()));
}

/// Checks a gradient against the convolution of `x` and `filter` that it belongs to.
LogicalResult verifyGradient(Operation *op, RankedTensorType x, RankedTensorType filter,
                             RankedTensorType dy, const ConvGeometry &geometry) {
  auto emitError = [&] { return op->emitOpError(); };
  FailureOr<Shape> expected = inferConv(emitError, shapeOf(x), shapeOf(filter), geometry);
  if (failed(expected)) // _c1
    return failure();
  if (shapeOf(dy) != *expected) // _c2
    return op->emitOpError("dy has sizes ") << sizesToString(shapeOf(dy)) << ", expected "
                                            << sizesToString(*expected);
  Type first = cast<RankedTensorType>(op->getOperand(0).getType()).getElementType();
  Type second = cast<RankedTensorType>(op->getOperand(1).getType()).getElementType();
  Type result = cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  if (first != second) // _c3
    return op->emitOpError("operands have element types ") << first << " and " << second;
  if (!isResultElement(result, first)) // _c4
    return op->emitOpError("result has element type ") << result << ", expected " << first;
  return success();
}

/// Adds operands and attributes; shared by the builders of all three ops.
template <typename Op>
void buildConv(OpBuilder &builder, OperationState &state, Type result, Value first, Value second,
               const ConvGeometry &geometry) {
  MLIRContext *context = builder.getContext();
  Op::build(builder, state, result, first, second, geometry.strides,
            DimsAttr::get(context, geometry.padLow), DimsAttr::get(context, geometry.padHigh),
            geometry.dilations, geometry.groups);
}

} // namespace

FailureOr<Shape> inferConv(EmitError emitError, ArrayRef<SizeAttr> x, ArrayRef<SizeAttr> filter,
                           const ConvGeometry &geometry) {
  int64_t rank = x.size();
  if (failed(checkSpatialRank(emitError, rank))) // conv_c1
    return failure();
  if (filter.size() != x.size()) {
    emitError() << "filter has rank " << filter.size() << " for an input of rank " << rank;
    return failure();
  }
  if (failed(checkCounts(emitError, geometry, rank)))
    return failure();
  SmallVector<int64_t> window;
  for (SizeAttr size : filter.drop_back(2)) {
    if (!size.isConstant()) { // conv_c4
      emitError() << "filter has the symbolic spatial size " << sizeToString(size);
      return failure();
    }
    window.push_back(size.getValue());
  }
  FailureOr<Shape> output = slideWindow( // conv_c3, conv_c4, conv_c6
      emitError, x.slice(1, rank - 2),
      {window, geometry.strides, geometry.dilations, geometry.padLow, geometry.padHigh});
  if (failed(output) || failed(checkGroups(emitError, x.back(), filter[rank - 2], filter.back(),
                                           geometry.groups)))
    return failure();
  output->insert(output->begin(), x.front());
  output->push_back(filter.back());
  return output;
}

void ConvOp::build(OpBuilder &builder, OperationState &state, Value x, Value filter,
                   const ConvGeometry &geometry, Type elementType) {
  auto type = cast<RankedTensorType>(x.getType());
  // Without a valid shape the verifier says why; the type given here is only a stand-in.
  FailureOr<Shape> shape = inferConv([] { return InFlightDiagnostic(); }, shapeOf(x),
                                     shapeOf(filter), geometry);
  Type element = elementType ? elementType : type.getElementType();
  Type result = succeeded(shape) ? tensorType(builder.getContext(), *shape, element) : type;
  buildConv<ConvOp>(builder, state, result, x, filter, geometry);
}

void ConvOp::build(OpBuilder &builder, OperationState &state, Value x, Value filter,
                   ArrayRef<int64_t> strides, ArrayRef<SizeAttr> padLow,
                   ArrayRef<SizeAttr> padHigh, ArrayRef<int64_t> dilations, int64_t groups,
                   Type elementType) {
  build(builder, state, x, filter, ConvGeometry{strides, dilations, padLow, padHigh, groups},
        elementType);
}

LogicalResult ConvOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  FailureOr<Shape> shape = inferConv(emitError, shapeOf(getX()), shapeOf(getFilter()),
                                     getGeometry());
  if (failed(shape))
    return failure();
  Type x = getX().getType().getElementType(), filter = getFilter().getType().getElementType();
  if (x != filter) // conv_c7
    return emitOpError("operands have element types ") << x << " and " << filter;
  Type element = isResultElement(getType().getElementType(), x) ? getType().getElementType() : x;
  RankedTensorType expected = tensorType(getContext(), *shape, element);
  if (getType() != expected) // conv_c8
    return emitOpError("result has type ") << typeToString(getType()) << ", expected "
                                           << typeToString(expected);
  return success();
}

void ConvInputGradOp::build(OpBuilder &builder, OperationState &state, Type dx, Value dy,
                            Value filter, const ConvGeometry &geometry) {
  buildConv<ConvInputGradOp>(builder, state, dx, dy, filter, geometry);
}

LogicalResult ConvInputGradOp::verify() {
  return verifyGradient(*this, getType(), getFilter().getType(), getDy().getType(), getGeometry());
}

void ConvFilterGradOp::build(OpBuilder &builder, OperationState &state, Type dfilter, Value x,
                             Value dy, const ConvGeometry &geometry) {
  buildConv<ConvFilterGradOp>(builder, state, dfilter, x, dy, geometry);
}

LogicalResult ConvFilterGradOp::verify() {
  return verifyGradient(*this, getX().getType(), getType(), getDy().getType(), getGeometry());
}

} // namespace dlc::ir
