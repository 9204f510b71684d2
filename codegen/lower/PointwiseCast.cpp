// Conversions between element types, as dlc.cast defines them.
//
// The machine's conversions are undefined out of range and round twice on the way to 16 bits; here
// every float to integer conversion is clamped first, and integers reach f16 and bf16 through f64
// in a form whose second rounding is the only one that matters.
#include "codegen/lower/FloatMath.h"
#include "codegen/lower/Pointwise.h"
#include <cmath>

using namespace mlir;

namespace dlc::codegen {
namespace {

using F = arith::CmpFPredicate;
using I = arith::CmpIPredicate;

struct Converter {
  OpBuilder &b;
  Location loc;

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value constant(Type type, TypedAttr attr) {
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return make<arith::ConstantOp>(attr);
  }
  Value real(Type type, double v) {
    return constant(type, b.getFloatAttr(getElementTypeOrSelf(type), v));
  }
  Value integer(Type type, const APInt &v) {
    return constant(type, b.getIntegerAttr(getElementTypeOrSelf(type), v));
  }
  Value integer(Type type, int64_t v) {
    return integer(type, APInt(getElementTypeOrSelf(type).getIntOrFloatBitWidth(), v, true, true));
  }

  Value resizeFloat(Value x, Type element) {
    Type from = getElementTypeOrSelf(x.getType());
    if (from == element)
      return x;
    unsigned bits = from.getIntOrFloatBitWidth(), wanted = element.getIntOrFloatBitWidth();
    if (bits == wanted) // f16 and bf16
      return resizeFloat(resizeFloat(x, b.getF32Type()), element);
    Type type = withElement(x.getType(), element);
    return bits < wanted ? make<arith::ExtFOp>(type, x) : make<arith::TruncFOp>(type, x);
  }

  Value resizeInteger(Value x, Type element, bool isUnsigned) {
    unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    unsigned wanted = element.getIntOrFloatBitWidth();
    if (bits == wanted)
      return x;
    Type type = withElement(x.getType(), element);
    if (bits > wanted)
      return make<arith::TruncIOp>(type, x);
    return isUnsigned ? make<arith::ExtUIOp>(type, x) : make<arith::ExtSIOp>(type, x);
  }

  // Truncates toward zero, saturates, NaN gives 0.
  Value floatToInteger(Value x, Type element, bool isUnsigned) {
    unsigned bits = element.getIntOrFloatBitWidth();
    if (getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth() == 16)
      x = resizeFloat(x, b.getF32Type());
    Type work = withElement(x.getType(), b.getIntegerType(bits == 64 ? 64 : 32));
    unsigned workBits = bits == 64 ? 64 : 32;
    APInt least = isUnsigned ? APInt(workBits, 0) : APInt::getSignedMinValue(bits).sext(workBits);
    APInt most = isUnsigned ? APInt::getMaxValue(bits).zext(workBits)
                            : APInt::getSignedMaxValue(bits).sext(workBits);
    double low = isUnsigned ? 0 : -std::ldexp(1.0, static_cast<int>(bits) - 1);
    double high = std::ldexp(1.0, static_cast<int>(isUnsigned ? bits : bits - 1));
    Type floats = x.getType();
    Value whole = make<math::TruncOp>(x);
    Value above = make<arith::CmpFOp>(F::OGE, whole, real(floats, high));
    Value inside = make<arith::CmpFOp>(F::OGE, whole, real(floats, low));
    Value isNumber = make<arith::CmpFOp>(F::ORD, x, x);
    Value fits = make<arith::AndIOp>(inside, make<arith::CmpFOp>(F::OLT, whole, real(floats, high)));
    Value safe = make<arith::SelectOp>(fits, whole, real(floats, 0));
    Value y = make<arith::FPToSIOp>(work, safe);
    Value zero = integer(work, 0);
    y = make<arith::SelectOp>(fits, y,
                              make<arith::SelectOp>(isNumber, integer(work, least), zero));
    y = make<arith::SelectOp>(above, integer(work, most), y);
    return resizeInteger(y, element, false);
  }

  // An i64 whose conversion to f64 is exact and lies on the same side of every 16-bit tie: the low
  // 11 bits are folded into one sticky bit where they would be rounded away.
  Value sticky(Value x) {
    Type type = x.getType();
    Value low = make<arith::AndIOp>(x, integer(type, 2047));
    Value any = make<arith::CmpIOp>(I::ne, low, integer(type, 0));
    Value cleared = make<arith::SubIOp>(x, low);
    Value folded = make<arith::SelectOp>(
        any, make<arith::OrIOp>(cleared, integer(type, 1 << 11)), cleared);
    Value magnitude = make<arith::SelectOp>(
        make<arith::CmpIOp>(I::slt, x, integer(type, 0)),
        make<arith::SubIOp>(integer(type, 0), x), x);
    Value isLarge = make<arith::CmpIOp>(I::ugt, magnitude, integer(type, int64_t(1) << 53));
    return make<arith::SelectOp>(isLarge, folded, x);
  }

  Value integerToFloat(Value x, Type element, bool isUnsigned) {
    unsigned bits = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
    bool half = element.getIntOrFloatBitWidth() == 16;
    if (bits == 1) {
      Type type = withElement(x.getType(), element);
      return make<arith::SelectOp>(x, real(type, 1), real(type, 0));
    }
    if (isUnsigned) { // widened, so that the conversion is a signed one
      x = resizeInteger(x, b.getI32Type(), true);
      bits = 32;
      // Bytes are exact in f32.
      Type f32 = withElement(x.getType(), b.getF32Type());
      return half ? resizeFloat(make<arith::SIToFPOp>(f32, x), element)
                  : make<arith::SIToFPOp>(withElement(x.getType(), element), x);
    }
    if (!half)
      return make<arith::SIToFPOp>(withElement(x.getType(), element), x);
    if (bits == 64)
      x = sticky(x);
    Type wide = bits == 8 ? Type(b.getF32Type()) : Type(b.getF64Type());
    return resizeFloat(make<arith::SIToFPOp>(withElement(x.getType(), wide), x), element);
  }

  Value isNonZero(Value x) {
    Type type = x.getType();
    if (!isa<FloatType>(getElementTypeOrSelf(type)))
      return make<arith::CmpIOp>(I::ne, x, integer(type, 0));
    x = resizeFloat(x, getElementTypeOrSelf(type).isF64() ? Type(b.getF64Type())
                                                          : Type(b.getF32Type()));
    return make<arith::CmpFOp>(F::UNE, x, real(x.getType(), 0));
  }
};

} // namespace

Value emitCast(OpBuilder &b, Location loc, Value x, Type from, Type to) {
  Converter c{b, loc};
  Type element = kernelElement(to);
  if (from == to)
    return x;
  if (element.isInteger(1))
    return c.isNonZero(x);
  if (isa<FloatType>(from))
    return isa<FloatType>(to) ? c.resizeFloat(x, element)
                              : c.floatToInteger(x, element, to.isUnsignedInteger());
  bool isUnsigned = from.isUnsignedInteger() || from.isInteger(1);
  if (isa<FloatType>(to))
    return c.integerToFloat(x, element, isUnsigned);
  return c.resizeInteger(x, element, isUnsigned);
}

} // namespace dlc::codegen
