#include "ir/support/Splat.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace dlc::ir {

Attribute splatElement(Attribute constant) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(constant);
  bool isSplat = dense && dense.isSplat() && dense.getNumElements() > 0;
  return isSplat ? dense.getSplatValue<Attribute>() : Attribute();
}

bool isSplatOf(Attribute constant, double value) {
  Attribute element = splatElement(constant);
  if (auto number = dyn_cast_or_null<FloatAttr>(element))
    return number.getValue().isExactlyValue(value);
  auto number = dyn_cast_or_null<IntegerAttr>(element);
  return number && number.getType().isSignlessInteger() && !number.getType().isInteger(1) &&
         number.getValue().getSExtValue() == int64_t(value);
}

OpFoldResult foldSplats(Type type, Attribute a, Attribute b, FloatFold onFloats,
                        IntegerFold onIntegers) {
  Attribute x = splatElement(a), y = splatElement(b);
  if (!x || !y)
    return {};
  auto shaped = cast<ShapedType>(type);
  if (auto left = dyn_cast<FloatAttr>(x)) {
    APFloat result = onFloats(left.getValue(), cast<FloatAttr>(y).getValue());
    return result.isNaN() ? OpFoldResult() : DenseElementsAttr::get(shaped, result);
  }
  if (!onIntegers)
    return {};
  APInt result = onIntegers(cast<IntegerAttr>(x).getValue(), cast<IntegerAttr>(y).getValue());
  return DenseElementsAttr::get(shaped, result);
}

} // namespace dlc::ir
