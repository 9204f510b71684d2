// Folds of selection and conversion.
#include "ir/ops/Compare.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Shape.h"
#include "ir/support/Splat.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace dlc::ir {
namespace {

/// The one value of a predicate, seen through the repetition of a scalar.
std::optional<bool> knownPredicate(Value predicate) {
  while (auto broadcast = predicate.getDefiningOp<BroadcastOp>())
    predicate = broadcast.getX();
  Attribute constant;
  if (!matchPattern(predicate, m_Constant(&constant)))
    return std::nullopt;
  auto element = dyn_cast_or_null<IntegerAttr>(splatElement(constant));
  return element ? std::optional<bool>(!element.getValue().isZero()) : std::nullopt;
}

bool isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }

/// Whether every value of `from` is one of `to`.
bool holdsAll(Type from, Type to) {
  auto fromFloat = dyn_cast<FloatType>(from), toFloat = dyn_cast<FloatType>(to);
  if (fromFloat && toFloat)
    return from == to || (fromFloat.getFPMantissaWidth() <= toFloat.getFPMantissaWidth() &&
                          fromFloat.getWidth() < toFloat.getWidth());
  if (fromFloat)
    return false;
  unsigned width = from.getIntOrFloatBitWidth(), digits = width - !isUnsigned(from);
  if (toFloat)
    return digits <= toFloat.getFPMantissaWidth();
  if (to.isInteger(1))
    return from == to;
  unsigned room = to.getIntOrFloatBitWidth() - !isUnsigned(to);
  return isUnsigned(from) ? digits <= room : !isUnsigned(to) && digits <= room;
}

/// Whether from -> through -> to is from -> to. The middle must hold every value; then only
/// integers that end as integers differ, which saturate from a float but wrap from an integer.
bool isShortcut(Type from, Type through, Type to) {
  if (!holdsAll(from, through))
    return false;
  bool wraps = isa<IntegerType>(from) && isa<FloatType>(through) && isa<IntegerType>(to);
  return !wraps || from == to || holdsAll(from, to);
}

} // namespace

OpFoldResult SelectOp::fold(FoldAdaptor) {
  if (getOnTrue() == getOnFalse())
    return getOnTrue();
  if (std::optional<bool> predicate = knownPredicate(getPredicate()))
    return *predicate ? getOnTrue() : getOnFalse();
  auto negation = getPredicate().getDefiningOp<NotOp>();
  if (!negation)
    return {};
  Value onTrue = getOnTrue(), onFalse = getOnFalse();
  getPredicateMutable().assign(negation.getX());
  getOnTrueMutable().assign(onFalse);
  getOnFalseMutable().assign(onTrue);
  return getResult();
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  if (getX().getType() == getType())
    return getX();
  auto inner = getX().getDefiningOp<CastOp>();
  if (!inner || !isShortcut(inner.getX().getType().getElementType(),
                            getX().getType().getElementType(), getType().getElementType()))
    return {};
  if (inner.getX().getType() == getType())
    return inner.getX();
  getXMutable().assign(inner.getX());
  return getResult();
}

} // namespace dlc::ir
