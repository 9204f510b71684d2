#include "ir/ops/Compare.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Compare.cpp.inc"

namespace dlc::ir {

void CompareOp::build(OpBuilder &builder, OperationState &state, ComparePredicate predicate,
                      Value a, Value b) {
  build(builder, state, withElementType(a.getType(), builder.getI1Type()), predicate, a, b);
}

LogicalResult CompareOp::verify() {
  if (getA().getType() != getB().getType()) // compare_c1
    return emitOpError("operands have types ") << typeToString(getA().getType()) << " and "
                                               << typeToString(getB().getType());
  if (shapeOf(getY()) != shapeOf(getA())) // compare_c2
    return emitOpError("result has sizes ") << sizesToString(shapeOf(getY())) << ", expected "
                                            << sizesToString(shapeOf(getA()));
  return success();
}

void SelectOp::build(OpBuilder &builder, OperationState &state, Value predicate, Value onTrue,
                     Value onFalse) {
  build(builder, state, onTrue.getType(), predicate, onTrue, onFalse);
}

LogicalResult SelectOp::verify() {
  if (getOnTrue().getType() != getOnFalse().getType() ||
      getOnTrue().getType() != getY().getType()) // select_c1
    return emitOpError("branches and result have types ")
           << typeToString(getOnTrue().getType()) << ", " << typeToString(getOnFalse().getType())
           << " and " << typeToString(getY().getType()) << ", expected one type";
  if (shapeOf(getPredicate()) != shapeOf(getY())) // select_c2
    return emitOpError("predicate has sizes ") << sizesToString(shapeOf(getPredicate()))
                                               << ", expected " << sizesToString(shapeOf(getY()));
  return success();
}

void CastOp::build(OpBuilder &builder, OperationState &state, Value x, Type elementType) {
  build(builder, state, withElementType(x.getType(), elementType), x);
}

LogicalResult CastOp::verify() {
  if (shapeOf(getX()) != shapeOf(getY())) // cast_c1
    return emitOpError("result has sizes ") << sizesToString(shapeOf(getY())) << ", expected "
                                            << sizesToString(shapeOf(getX()));
  return success();
}

} // namespace dlc::ir
