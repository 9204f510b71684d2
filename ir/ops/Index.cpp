#include "ir/ops/Index.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Index.cpp.inc"

namespace dlc::ir {
namespace {

/// The type of `gather`: the sizes of `indices` in the place of `axis`.
RankedTensorType gatheredType(RankedTensorType x, RankedTensorType indices, int64_t axis) {
  Shape whole = shapeOf(x), shape(whole.begin(), whole.begin() + axis);
  llvm::append_range(shape, shapeOf(indices));
  shape.append(whole.begin() + axis + 1, whole.end());
  return tensorType(x.getContext(), shape, x.getElementType());
}

LogicalResult checkAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError("axis ") << axis << " is outside [0, " << rank << ")";
}

LogicalResult expectType(Operation *op, StringRef what, RankedTensorType actual,
                         RankedTensorType expected) {
  if (actual == expected)
    return success();
  return op->emitOpError(what) << " has type " << typeToString(actual) << ", expected "
                               << typeToString(expected);
}

} // namespace

void GatherOp::build(OpBuilder &builder, OperationState &state, Value x, Value indices,
                     int64_t axis) {
  build(builder, state,
        gatheredType(cast<RankedTensorType>(x.getType()),
                     cast<RankedTensorType>(indices.getType()), axis),
        x, indices, axis);
}

LogicalResult GatherOp::verify() {
  RankedTensorType x = getX().getType();
  if (failed(checkAxis(*this, getAxis(), x.getRank()))) // gather_c1
    return failure();
  return expectType(*this, "result", getType(), // gather_c2
                    gatheredType(x, getIndices().getType(), getAxis()));
}

void ScatterAddOp::build(OpBuilder &builder, OperationState &state, Value x, Value indices,
                         Value updates, int64_t axis) {
  build(builder, state, x.getType(), x, indices, updates, axis);
}

LogicalResult ScatterAddOp::verify() {
  RankedTensorType x = getX().getType();
  if (failed(checkAxis(*this, getAxis(), x.getRank())) || // scatter_add_c1
      failed(expectType(*this, "updates", getUpdates().getType(), // scatter_add_c2
                        gatheredType(x, getIndices().getType(), getAxis()))))
    return failure();
  return expectType(*this, "result", getType(), x); // scatter_add_c3
}

LogicalResult OneHotOp::verify() {
  Shape expected = shapeOf(getIndices()), actual = shapeOf(getY());
  if (actual.size() != expected.size() + 1 ||
      !llvm::equal(expected, ArrayRef(actual).drop_back())) // one_hot_c1
    return emitOpError("result has sizes ")
           << sizesToString(actual) << ", expected those of indices, " << sizesToString(expected)
           << ", and one more";
  return success();
}

LogicalResult IotaOp::verify() {
  return checkAxis(*this, getAxis(), getType().getRank()); // iota_c1
}

} // namespace dlc::ir
