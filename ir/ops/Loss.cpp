#include "ir/ops/Loss.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Loss.cpp.inc"

namespace dlc::ir {
namespace {

/// The sizes of one value per row of `logits`; none are left of a scalar.
Shape rowsOf(RankedTensorType logits) {
  Shape rows = shapeOf(logits);
  if (!rows.empty())
    rows.pop_back();
  return rows;
}

RankedTensorType perRow(RankedTensorType logits) {
  return tensorType(logits.getContext(), rowsOf(logits), logits.getElementType());
}

LogicalResult verifyPerRow(Operation *op, RankedTensorType logits) {
  if (logits.getRank() < 1) // _c1
    return op->emitOpError("logits are a scalar, expected classes in the last dimension");
  Type result = op->getResult(0).getType();
  if (result != perRow(logits)) // _c3
    return op->emitOpError("result has type ") << typeToString(result) << ", expected "
                                               << typeToString(perRow(logits));
  return success();
}

} // namespace

void SparseSoftmaxCrossEntropyOp::build(OpBuilder &builder, OperationState &state, Value logits,
                                        Value labels) {
  build(builder, state, perRow(cast<RankedTensorType>(logits.getType())), logits, labels);
}

LogicalResult SparseSoftmaxCrossEntropyOp::verify() {
  if (failed(verifyPerRow(*this, getLogits().getType())))
    return failure();
  Shape rows = rowsOf(getLogits().getType());
  if (shapeOf(getLabels()) != rows) // sparse_softmax_cross_entropy_c2
    return emitOpError("labels have sizes ") << sizesToString(shapeOf(getLabels()))
                                             << ", expected " << sizesToString(rows);
  return success();
}

void SoftmaxCrossEntropyOp::build(OpBuilder &builder, OperationState &state, Value logits,
                                  Value labels) {
  build(builder, state, perRow(cast<RankedTensorType>(logits.getType())), logits, labels);
}

LogicalResult SoftmaxCrossEntropyOp::verify() {
  if (failed(verifyPerRow(*this, getLogits().getType())))
    return failure();
  if (getLabels().getType() != getLogits().getType()) // softmax_cross_entropy_c2
    return emitOpError("labels have type ") << typeToString(getLabels().getType())
                                            << ", expected "
                                            << typeToString(getLogits().getType());
  return success();
}

} // namespace dlc::ir
