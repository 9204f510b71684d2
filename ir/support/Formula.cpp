#include "ir/support/Formula.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace dlc::ir {

Value Formula::add(Value a, Value b) { return AddOp::create(builder, loc, a, b); }
Value Formula::sub(Value a, Value b) { return SubOp::create(builder, loc, a, b); }
Value Formula::mul(Value a, Value b) { return MulOp::create(builder, loc, a, b); }
Value Formula::div(Value a, Value b) { return DivOp::create(builder, loc, a, b); }
Value Formula::neg(Value x) { return NegOp::create(builder, loc, x); }
Value Formula::exp(Value x) { return ExpOp::create(builder, loc, x); }
Value Formula::log(Value x) { return LogOp::create(builder, loc, x); }

Value Formula::compare(ComparePredicate predicate, Value a, Value b) {
  return CompareOp::create(builder, loc, predicate, a, b);
}

Value Formula::select(Value predicate, Value onTrue, Value onFalse) {
  return SelectOp::create(builder, loc, predicate, onTrue, onFalse);
}

Value Formula::cast(Value x, Type elementType) {
  if (getElementTypeOrSelf(x.getType()) == elementType)
    return x;
  return CastOp::create(builder, loc, x, elementType);
}

Value Formula::splat(Value like, double value) {
  return buildSplat(builder, loc, llvm::cast<RankedTensorType>(like.getType()), value);
}

Value Formula::zeros(Type type) {
  return buildSplat(builder, loc, llvm::cast<RankedTensorType>(type), 0);
}

Value Formula::size(ArrayRef<SizeAttr> sizes, Type elementType) {
  // dlc.size yields the four types that arithmetic on sizes needs; others are cast.
  bool direct = elementType.isF32() || elementType.isF64() || elementType.isSignlessInteger(32) ||
                elementType.isSignlessInteger(64);
  Type counted = direct                     ? elementType
                 : isa<FloatType>(elementType) ? Type(builder.getF32Type())
                                               : Type(builder.getI64Type());
  Value size = SizeOp::create(builder, loc, scalarType(counted),
                              DimsAttr::get(builder.getContext(), sizes));
  return cast(size, elementType);
}

Value Formula::sum(Value x, ArrayRef<int64_t> axes) {
  return SumOp::create(builder, loc, x, axes);
}

Value Formula::transpose(Value x, ArrayRef<int64_t> permutation) {
  return TransposeOp::create(builder, loc, x, permutation);
}

Value Formula::broadcast(Value x, Type type, ArrayRef<int64_t> dims) {
  return BroadcastOp::create(builder, loc, llvm::cast<RankedTensorType>(type), x, dims);
}

Value Formula::restoreAxes(Value reduced, Type type, ArrayRef<int64_t> axes) {
  auto tensor = llvm::cast<RankedTensorType>(type);
  return broadcast(reduced, withElementType(tensor, getElementTypeOrSelf(reduced.getType())),
                   otherAxes(tensor.getRank(), axes));
}

SmallVector<int64_t> otherAxes(int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<int64_t> others;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(axes, axis))
      others.push_back(axis);
  return others;
}

bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

} // namespace dlc::ir
