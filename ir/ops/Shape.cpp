#include "ir/ops/Shape.h"
#include "ir/ops/Assembly.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Shape.cpp.inc"

namespace dlc::ir {
namespace {

LogicalResult expectType(Operation *op, RankedTensorType actual, RankedTensorType expected) {
  if (actual == expected)
    return success();
  return op->emitOpError("result has type ") << typeToString(actual) << ", expected "
                                             << typeToString(expected);
}

LogicalResult expectCount(Operation *op, StringRef what, size_t count, int64_t rank) {
  if (int64_t(count) == rank)
    return success();
  return op->emitOpError("has ") << count << " " << what << " for an operand of rank " << rank;
}

} // namespace

//===- reshape ------------------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  SizeAttr from = elementCount(getX().getType()), to = elementCount(getType());
  if (from != to) // reshape_c1
    return emitOpError("cannot turn ") << sizesToString(shapeOf(getX())) << " with "
                                       << sizeToString(from) << " elements into "
                                       << sizesToString(shapeOf(getY())) << " with "
                                       << sizeToString(to);
  if (getX().getType().getElementType() != getType().getElementType()) // reshape_c2
    return emitOpError("element type changes from ") << getX().getType().getElementType() << " to "
                                                     << getType().getElementType();
  return success();
}

//===- transpose ----------------------------------------------------------------------------===//

static RankedTensorType transposedType(RankedTensorType type, ArrayRef<int64_t> permutation) {
  Shape from = shapeOf(type), to;
  for (int64_t dim : permutation)
    to.push_back(from[dim]);
  return tensorType(type.getContext(), to, type.getElementType());
}

void TransposeOp::build(OpBuilder &builder, OperationState &state, Value x,
                        ArrayRef<int64_t> permutation) {
  build(builder, state, transposedType(cast<RankedTensorType>(x.getType()), permutation), x,
        permutation);
}

LogicalResult TransposeOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  int64_t rank = getX().getType().getRank();
  if (failed(expectCount(*this, "permutation entries", getPermutation().size(), rank)) ||
      failed(checkAxes(emitError, "dimension", getPermutation(), rank, false))) // transpose_c1
    return failure();
  return expectType(*this, getType(), transposedType(getX().getType(), getPermutation()));
}

//===- broadcast ----------------------------------------------------------------------------===//

LogicalResult BroadcastOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  RankedTensorType x = getX().getType(), y = getType();
  if (failed(expectCount(*this, "dims", getDims().size(), x.getRank())) ||
      failed(checkAxes(emitError, "result dimension", getDims(), y.getRank(), true)))
    return failure(); // broadcast_c1
  Shape from = shapeOf(x), to = shapeOf(y);
  for (auto [i, dim] : llvm::enumerate(getDims()))
    if (from[i] != to[dim]) // broadcast_c2
      return emitOpError("dimension ") << i << " of x has size " << sizeToString(from[i])
                                       << " but result dimension " << dim << " has size "
                                       << sizeToString(to[dim]);
  if (x.getElementType() != y.getElementType()) // broadcast_c3
    return emitOpError("element type changes from ") << x.getElementType() << " to "
                                                     << y.getElementType();
  return success();
}

//===- slice --------------------------------------------------------------------------------===//

static RankedTensorType slicedType(RankedTensorType type, ArrayRef<SizeAttr> starts,
                                   ArrayRef<SizeAttr> limits, ArrayRef<int64_t> strides) {
  Shape shape;
  for (auto [start, limit, stride] : llvm::zip(starts, limits, strides))
    shape.push_back(
        sizeCeilDiv(sizeSub(limit, start), sizeConstant(type.getContext(), stride)));
  return tensorType(type.getContext(), shape, type.getElementType());
}

void SliceOp::build(OpBuilder &builder, OperationState &state, Value x, ArrayRef<SizeAttr> starts,
                    ArrayRef<SizeAttr> limits, ArrayRef<int64_t> strides) {
  MLIRContext *context = builder.getContext();
  build(builder, state,
        slicedType(cast<RankedTensorType>(x.getType()), starts, limits, strides), x,
        DimsAttr::get(context, starts), DimsAttr::get(context, limits), strides);
}

LogicalResult SliceOp::verify() {
  RankedTensorType x = getX().getType();
  ArrayRef<SizeAttr> starts = getStarts().getSizes(), limits = getLimits().getSizes();
  if (failed(expectCount(*this, "starts", starts.size(), x.getRank())) || // slice_c1
      failed(expectCount(*this, "limits", limits.size(), x.getRank())) ||
      failed(expectCount(*this, "strides", getStrides().size(), x.getRank())))
    return failure();
  for (auto [i, start, limit, size] : llvm::enumerate(starts, limits, shapeOf(x))) {
    if (getStrides()[i] < 1) // slice_c2
      return emitOpError("stride ") << getStrides()[i] << " in dimension " << i
                                    << ", expected at least 1";
    // slice_c3; what is symbolic is checked when the symbol is bound.
    auto above = [](SizeAttr low, SizeAttr high) {
      SizeAttr difference = sizeSub(high, low);
      return difference.isConstant() && difference.getValue() < 0;
    };
    SizeAttr zero = sizeConstant(getContext(), 0);
    if (above(zero, start) || above(start, limit) || above(limit, size))
      return emitOpError("takes [") << sizeToString(start) << ", " << sizeToString(limit)
                                    << ") of dimension " << i << " with size "
                                    << sizeToString(size);
  }
  return expectType(*this, getType(), slicedType(x, starts, limits, getStrides())); // slice_c4
}

//===- dynamic_slice, dynamic_update_slice --------------------------------------------------===//

static LogicalResult verifyPart(Operation *op, RankedTensorType whole, RankedTensorType part,
                                StringRef partName, size_t indexCount) {
  if (failed(expectCount(op, "indices", indexCount, whole.getRank())))
    return failure();
  if (part.getRank() != whole.getRank() || part.getElementType() != whole.getElementType())
    return op->emitOpError(partName) << " has type " << typeToString(part)
                                     << ", expected rank and element type of "
                                     << typeToString(whole);
  for (auto [i, small, large] : llvm::enumerate(shapeOf(part), shapeOf(whole))) {
    SizeAttr room = sizeSub(large, small);
    if (room.isConstant() && room.getValue() < 0)
      return op->emitOpError(partName) << " has size " << sizeToString(small) << " in dimension "
                                       << i << ", more than " << sizeToString(large);
  }
  return success();
}

LogicalResult DynamicSliceOp::verify() {
  return verifyPart(*this, getX().getType(), getType(), "result", getIndices().size());
}

LogicalResult DynamicUpdateSliceOp::verify() {
  if (failed(verifyPart(*this, getX().getType(), getUpdate().getType(), "update",
                        getIndices().size())))
    return failure();
  return expectType(*this, getType(), getX().getType()); // dynamic_update_slice_c4
}

//===- pad ----------------------------------------------------------------------------------===//

static RankedTensorType paddedType(RankedTensorType type, ArrayRef<SizeAttr> low,
                                   ArrayRef<SizeAttr> high, ArrayRef<int64_t> interior) {
  Shape shape;
  SizeAttr zero = sizeConstant(type.getContext(), 0);
  for (auto [size, before, after, gap] : llvm::zip(shapeOf(type), low, high, interior)) {
    SizeAttr gaps = gap ? sizeMul(sizeMax(sizeAdd(size, -1), zero), gap) : zero;
    shape.push_back(sizeAdd(sizeAdd(before, after), sizeAdd(size, gaps)));
  }
  return tensorType(type.getContext(), shape, type.getElementType());
}

void PadOp::build(OpBuilder &builder, OperationState &state, Value x, Value value,
                  ArrayRef<SizeAttr> low, ArrayRef<SizeAttr> high, ArrayRef<int64_t> interior) {
  MLIRContext *context = builder.getContext();
  build(builder, state, paddedType(cast<RankedTensorType>(x.getType()), low, high, interior), x,
        value, DimsAttr::get(context, low), DimsAttr::get(context, high), interior);
}

LogicalResult PadOp::verify() {
  RankedTensorType x = getX().getType();
  ArrayRef<SizeAttr> low = getLow().getSizes(), high = getHigh().getSizes();
  if (failed(expectCount(*this, "low amounts", low.size(), x.getRank())) || // pad_c1
      failed(expectCount(*this, "high amounts", high.size(), x.getRank())) ||
      failed(expectCount(*this, "interior amounts", getInterior().size(), x.getRank())))
    return failure();
  for (int64_t i = 0; i < x.getRank(); ++i) {
    for (SizeAttr amount : {low[i], high[i], sizeConstant(getContext(), getInterior()[i])})
      if (amount.isConstant() && amount.getValue() < 0) // pad_c2
        return emitOpError("amount ") << amount.getValue() << " in dimension " << i
                                      << " is negative; use dlc.slice to remove elements";
  }
  if (getValue().getType().getElementType() != x.getElementType()) // pad_c3
    return emitOpError("pads ") << x.getElementType() << " with a value of "
                                << getValue().getType().getElementType();
  return expectType(*this, getType(), paddedType(x, low, high, getInterior())); // pad_c4
}

//===- concat -------------------------------------------------------------------------------===//

static RankedTensorType concatType(ValueRange inputs, int64_t axis) {
  auto first = cast<RankedTensorType>(inputs.front().getType());
  Shape shape = shapeOf(first);
  for (Value input : inputs.drop_front())
    shape[axis] = sizeAdd(shape[axis], shapeOf(input)[axis]);
  return tensorType(first.getContext(), shape, first.getElementType());
}

void ConcatOp::build(OpBuilder &builder, OperationState &state, ValueRange inputs, int64_t axis) {
  build(builder, state, concatType(inputs, axis), inputs, axis);
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty()) // concat_c2
    return emitOpError("has no inputs");
  auto first = cast<RankedTensorType>(getInputs().front().getType());
  int64_t axis = getAxis(), rank = first.getRank();
  if (axis < 0 || axis >= rank) // concat_c1
    return emitOpError("axis ") << axis << " is outside [0, " << rank << ") for a result of rank "
                                << rank;
  for (auto [n, input] : llvm::enumerate(getInputs())) {
    auto type = cast<RankedTensorType>(input.getType());
    if (type.getRank() != rank || type.getElementType() != first.getElementType()) // concat_c2
      return emitOpError("input ") << n << " has type " << typeToString(type)
                                   << ", expected rank and element type of "
                                   << typeToString(first);
    for (auto [i, size, expected] : llvm::enumerate(shapeOf(type), shapeOf(first)))
      if (int64_t(i) != axis && size != expected) // concat_c3
        return emitOpError("input ") << n << " has size " << sizeToString(size) << " in dimension "
                                     << i << ", expected " << sizeToString(expected);
  }
  return expectType(*this, getType(), concatType(getInputs(), axis)); // concat_c4
}

//===- reverse ------------------------------------------------------------------------------===//

void ReverseOp::build(OpBuilder &builder, OperationState &state, Value x, ArrayRef<int64_t> axes) {
  build(builder, state, x.getType(), x, axes);
}

LogicalResult ReverseOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  if (failed(checkAxes(emitError, "axis", getAxes(), getX().getType().getRank(), true)))
    return failure(); // reverse_c1
  return expectType(*this, getType(), getX().getType()); // reverse_c2
}

} // namespace dlc::ir
