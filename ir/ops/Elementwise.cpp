#include "ir/ops/Elementwise.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Elementwise.cpp.inc"

namespace dlc::ir {

// Identities that are exact for every element, NaN and signed zeros included.

/// The one value of a splat (a constant, as the folder sees it), or none.
static std::optional<APFloat> splatFloat(Attribute attribute) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(attribute);
  if (!dense || !dense.isSplat() || !isa<FloatType>(dense.getElementType()))
    return std::nullopt;
  return dense.getSplatValue<APFloat>();
}

static bool isSplatOf(Attribute attribute, double value) {
  if (auto number = splatFloat(attribute))
    return number->isExactlyValue(value);
  auto dense = dyn_cast_or_null<DenseElementsAttr>(attribute);
  return dense && dense.isSplat() && dense.getElementType().isSignlessInteger() &&
         dense.getSplatValue<APInt>().getSExtValue() == int64_t(value);
}

OpFoldResult NegOp::fold(FoldAdaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>())
    return inner.getX();
  return {};
}

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  // x + (-0.0) is x for every x; x + 0.0 is not (-0 becomes 0). For integers 0 does it.
  bool isFloat = isa<FloatType>(getType().getElementType());
  double neutral = isFloat ? -0.0 : 0.0;
  return isSplatOf(adaptor.getB(), neutral) ? OpFoldResult(getA()) : OpFoldResult();
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  return isSplatOf(adaptor.getB(), 0.0) ? OpFoldResult(getA()) : OpFoldResult();
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  return isSplatOf(adaptor.getB(), 1.0) ? OpFoldResult(getA()) : OpFoldResult();
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  return isSplatOf(adaptor.getB(), 1.0) ? OpFoldResult(getA()) : OpFoldResult();
}

} // namespace dlc::ir
