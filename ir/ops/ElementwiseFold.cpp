// Folds of elementwise ops: identities that hold for every element, NaN and signed zeros
// included, and arithmetic of constants of one value.
#include "ir/ops/Elementwise.h"
#include "ir/support/Splat.h"

using namespace mlir;

namespace dlc::ir {
namespace {

constexpr auto kRound = APFloat::rmNearestTiesToEven;

/// f(f(x)) is f(x).
template <typename Op> OpFoldResult foldIdempotent(Op op) {
  return op.getX().template getDefiningOp<Op>() ? OpFoldResult(op.getX()) : OpFoldResult();
}

/// What is whole already stays: rounding a rounded value, whichever way each goes.
OpFoldResult foldRounding(Value x) {
  Operation *inner = x.getDefiningOp();
  return isa_and_nonnull<FloorOp, CeilOp, RoundOp>(inner) ? OpFoldResult(x) : OpFoldResult();
}

/// f(x, x) is x.
template <typename Op> OpFoldResult foldSame(Op op) {
  return op.getA() == op.getB() ? OpFoldResult(op.getA()) : OpFoldResult();
}

} // namespace

OpFoldResult NegOp::fold(FoldAdaptor adaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>())
    return inner.getX();
  return foldSplats(
      getType(), adaptor.getX(), adaptor.getX(),
      [](const APFloat &x, const APFloat &) { return -x; },
      [](const APInt &x, const APInt &) { return -x; });
}

OpFoldResult AbsOp::fold(FoldAdaptor) {
  if (auto inner = getX().getDefiningOp<NegOp>()) { // |-x| is |x|, also for the least integer
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return foldIdempotent(*this);
}

OpFoldResult SignOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult ReluOp::fold(FoldAdaptor) { return foldIdempotent(*this); }
OpFoldResult FloorOp::fold(FoldAdaptor) { return foldRounding(getX()); }
OpFoldResult CeilOp::fold(FoldAdaptor) { return foldRounding(getX()); }
OpFoldResult RoundOp::fold(FoldAdaptor) { return foldRounding(getX()); }

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  // x + (-0.0) is x for every x; x + 0.0 is not (-0 becomes 0). For integers 0 does it.
  bool isFloat = isa<FloatType>(getType().getElementType());
  if (isSplatOf(adaptor.getB(), isFloat ? -0.0 : 0.0))
    return getA();
  return foldSplats(
      getType(), adaptor.getA(), adaptor.getB(),
      [](APFloat a, const APFloat &b) { return a.add(b, kRound), a; },
      [](const APInt &a, const APInt &b) { return a + b; });
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (isSplatOf(adaptor.getB(), 0.0))
    return getA();
  return foldSplats(
      getType(), adaptor.getA(), adaptor.getB(),
      [](APFloat a, const APFloat &b) { return a.subtract(b, kRound), a; },
      [](const APInt &a, const APInt &b) { return a - b; });
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (isSplatOf(adaptor.getB(), 1.0))
    return getA();
  return foldSplats(
      getType(), adaptor.getA(), adaptor.getB(),
      [](APFloat a, const APFloat &b) { return a.multiply(b, kRound), a; },
      [](const APInt &a, const APInt &b) { return a * b; });
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  if (isSplatOf(adaptor.getB(), 1.0))
    return getA();
  return foldSplats(
      getType(), adaptor.getA(), adaptor.getB(),
      [](APFloat a, const APFloat &b) { return a.divide(b, kRound), a; }, nullptr);
}

OpFoldResult MaxOp::fold(FoldAdaptor) { return foldSame(*this); }
OpFoldResult MinOp::fold(FoldAdaptor) { return foldSame(*this); }
OpFoldResult AndOp::fold(FoldAdaptor) { return foldSame(*this); }
OpFoldResult OrOp::fold(FoldAdaptor) { return foldSame(*this); }

OpFoldResult NotOp::fold(FoldAdaptor) {
  auto inner = getX().getDefiningOp<NotOp>();
  return inner ? OpFoldResult(inner.getX()) : OpFoldResult();
}

} // namespace dlc::ir
