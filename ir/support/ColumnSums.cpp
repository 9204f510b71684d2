#include "ir/support/ColumnSums.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/Splat.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace dlc::ir {
namespace {

/// Whether every element of `value` is the number of elements that `sum` adds up to one.
bool isCountOf(Value value, SumOp sum) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getX();
  SizeAttr count = sizeConstant(sum.getContext(), 1);
  Shape shape = shapeOf(sum.getX());
  for (int64_t axis : sum.getAxes())
    count = sizeMul(count, shape[axis]);
  if (auto size = value.getDefiningOp<SizeOp>())
    return sizeProduct(sum.getContext(), size.getDims().getSizes()) == count;
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && count.isConstant() && isSplatOf(constant.getValue(), count.getValue());
}

} // namespace

bool sumsColumns(Operation *op) {
  auto sum = dyn_cast<SumOp>(op);
  if (!sum || !isa<FloatType>(getElementTypeOrSelf(sum.getType())))
    return false;
  int64_t rank = sum.getX().getType().getRank();
  return rank > 1 && llvm::equal(sum.getAxes(), llvm::seq<int64_t>(0, rank - 1));
}

Value centredOperand(SumOp squares) {
  auto square = squares.getX().getDefiningOp<MulOp>();
  if (!sumsColumns(squares) || !square || square.getA() != square.getB())
    return {};
  auto centred = square.getA().getDefiningOp<SubOp>();
  auto repeated = centred ? centred.getB().getDefiningOp<BroadcastOp>() : BroadcastOp();
  auto mean = repeated ? repeated.getX().getDefiningOp<DivOp>() : DivOp();
  auto sum = mean ? mean.getA().getDefiningOp<SumOp>() : SumOp();
  int64_t last = squares.getX().getType().getRank() - 1;
  if (!sum || !sumsColumns(sum) || repeated.getDims() != ArrayRef<int64_t>(last) ||
      !isCountOf(mean.getB(), sum) || sum.getX() != centred.getA())
    return {};
  return centred.getA();
}

} // namespace dlc::ir
