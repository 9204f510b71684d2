#include "ir/ops/Reduce.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Reduce.cpp.inc"

namespace dlc::ir {
namespace {

RankedTensorType withoutAxes(RankedTensorType type, ArrayRef<int64_t> axes, Type elementType) {
  Shape kept;
  for (auto [axis, size] : llvm::enumerate(shapeOf(type)))
    if (!llvm::is_contained(axes, int64_t(axis)))
      kept.push_back(size);
  return tensorType(type.getContext(), kept, elementType);
}

LogicalResult verifyReduction(Operation *op, RankedTensorType x, ArrayRef<int64_t> axes,
                              RankedTensorType y, bool sameElement) {
  auto emitError = [&] { return op->emitOpError(); };
  if (failed(checkAxes(emitError, "axis", axes, x.getRank(), /*sorted=*/true)))
    return failure();
  Type element = sameElement ? x.getElementType() : y.getElementType();
  RankedTensorType expected = withoutAxes(x, axes, element);
  if (y != expected)
    return op->emitOpError("result has type ") << typeToString(y) << ", expected "
                                               << typeToString(expected);
  return success();
}

template <typename Op>
void buildReduction(OpBuilder &builder, OperationState &state, Value x, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  auto type = cast<RankedTensorType>(x.getType());
  Op::build(builder, state, withoutAxes(type, sorted, type.getElementType()), x, sorted);
}

} // namespace

#define DLC_REDUCTION(Op)                                                                          \
  void Op::build(OpBuilder &builder, OperationState &state, Value x, ArrayRef<int64_t> axes) {     \
    buildReduction<Op>(builder, state, x, axes);                                                   \
  }                                                                                                \
  LogicalResult Op::verify() {                                                                     \
    return verifyReduction(*this, getX().getType(), getAxes(), getType(), true);                   \
  }
DLC_REDUCTION(SumOp)
DLC_REDUCTION(MeanOp)
DLC_REDUCTION(ProdOp)
DLC_REDUCTION(ReduceMaxOp)
DLC_REDUCTION(ReduceMinOp)
#undef DLC_REDUCTION

#define DLC_ARG_REDUCTION(Op)                                                                      \
  void Op::build(OpBuilder &builder, OperationState &state, Value x, int64_t axis,                 \
                 Type elementType) {                                                               \
    auto type = cast<RankedTensorType>(x.getType());                                               \
    build(builder, state, withoutAxes(type, axis, elementType), x, axis);                          \
  }                                                                                                \
  LogicalResult Op::verify() {                                                                     \
    return verifyReduction(*this, getX().getType(), int64_t(getAxis()), getType(), false);         \
  }
DLC_ARG_REDUCTION(ArgmaxOp)
DLC_ARG_REDUCTION(ArgminOp)
#undef DLC_ARG_REDUCTION

} // namespace dlc::ir
