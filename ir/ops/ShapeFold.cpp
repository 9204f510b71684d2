// Folds of ops that move elements: moves that change nothing, and moves of moves.
#include "ir/ops/Shape.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/Splat.h"

using namespace mlir;

namespace dlc::ir {
namespace {

bool isZero(SizeAttr size) { return size.isConstant(0); }

/// A constant of one value under other sizes.
OpFoldResult foldMovedSplat(Type type, Attribute x) {
  Attribute element = splatElement(x);
  return element ? OpFoldResult(DenseElementsAttr::get(cast<ShapedType>(type), element))
                 : OpFoldResult();
}

bool isDense(SliceOp slice) {
  return llvm::all_of(slice.getStrides(), [](int64_t stride) { return stride == 1; });
}

} // namespace

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  auto inner = getX().getDefiningOp<ReshapeOp>();
  if (!inner)
    return foldMovedSplat(getType(), adaptor.getX());
  if (inner.getX().getType() == getType())
    return inner.getX();
  getXMutable().assign(inner.getX());
  return getResult();
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size())))
    return getX();
  auto inner = getX().getDefiningOp<TransposeOp>();
  if (!inner)
    return foldMovedSplat(getType(), adaptor.getX());
  SmallVector<int64_t> permutation;
  for (int64_t dim : getPermutation())
    permutation.push_back(inner.getPermutation()[dim]);
  setPermutation(permutation);
  getXMutable().assign(inner.getX());
  return getResult();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  // A repeated scalar constant stays one: its full form would be a constant of any size.
  if (getX().getType() == getType())
    return getX();
  auto inner = getX().getDefiningOp<BroadcastOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> dims;
  for (int64_t dim : inner.getDims())
    dims.push_back(getDims()[dim]);
  setDims(dims);
  getXMutable().assign(inner.getX());
  return getResult();
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (isDense(*this) && llvm::all_of(getStarts().getSizes(), isZero) &&
      getX().getType() == getType())
    return getX();
  auto inner = getX().getDefiningOp<SliceOp>();
  if (!inner || !isDense(inner))
    return foldMovedSplat(getType(), adaptor.getX());
  // A part of a dense part begins that much later in the whole.
  SmallVector<SizeAttr> starts, limits;
  for (auto [offset, start, limit] : llvm::zip(inner.getStarts().getSizes(),
                                               getStarts().getSizes(), getLimits().getSizes())) {
    starts.push_back(sizeAdd(offset, start));
    limits.push_back(sizeAdd(offset, limit));
  }
  setStartsAttr(DimsAttr::get(getContext(), starts));
  setLimitsAttr(DimsAttr::get(getContext(), limits));
  getXMutable().assign(inner.getX());
  return getResult();
}

OpFoldResult DynamicSliceOp::fold(FoldAdaptor) {
  // The whole: every start is clamped to 0.
  return getX().getType() == getType() ? OpFoldResult(getX()) : OpFoldResult();
}

OpFoldResult DynamicUpdateSliceOp::fold(FoldAdaptor) {
  return getUpdate().getType() == getType() ? OpFoldResult(getUpdate()) : OpFoldResult();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1)
    return getInputs().front();
  SmallVector<Value> filled;
  for (Value input : getInputs())
    if (!isZero(shapeOf(input)[getAxis()]))
      filled.push_back(input);
  if (filled.empty() || filled.size() == getInputs().size())
    return {};
  if (filled.size() == 1)
    return filled.front();
  getInputsMutable().assign(filled);
  return getResult();
}

OpFoldResult ReverseOp::fold(FoldAdaptor) {
  // Along an axis of at most one element nothing moves.
  Shape sizes = shapeOf(getX());
  bool isIdentity = llvm::all_of(getAxes(), [&](int64_t axis) {
    return sizes[axis].isConstant() && sizes[axis].getValue() <= 1;
  });
  return isIdentity ? OpFoldResult(getX()) : OpFoldResult();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult SizeOp::fold(FoldAdaptor) {
  SizeAttr product = sizeProduct(getContext(), getDims().getSizes());
  if (!product.isConstant())
    return {};
  Builder builder(getContext());
  Type element = getType().getElementType();
  Attribute value = isa<FloatType>(element)
                        ? Attribute(builder.getFloatAttr(element, double(product.getValue())))
                        : Attribute(builder.getIntegerAttr(element, product.getValue()));
  return DenseElementsAttr::get(cast<ShapedType>(getType()), value);
}

} // namespace dlc::ir
