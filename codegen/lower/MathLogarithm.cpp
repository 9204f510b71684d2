// Logarithms: log, log1p, and pow that is made of them.
//
// x = 2^k m with m in [sqrt 1/2, sqrt 2), f = m - 1, log x = k ln 2 + log(1 + f). f32 uses
// f - f^2/2 + f^3 P(f); f64 uses s = f / (2 + f) and the odd series 2s + s^3 P(s^2).
#include "codegen/lower/MathCoefficients.h"
#include "codegen/lower/MathFunctions.h"
#include <cmath>
#include <limits>

using namespace mlir;
namespace coef = dlc::codegen::coefficients;

namespace dlc::codegen {
namespace {

using P = FloatMath::Predicate;

constexpr double kLn2Hi32 = 0x1.62e4p-1, kLn2Lo32 = 0x1.7f7d1cf79abcap-20;
constexpr double kLn2Hi64 = 0x1.62e42feep-1, kLn2Lo64 = 0x1.a39ef35793c76p-33;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Split {
  Value k; // exponent, as floats
  Value f; // mantissa - 1
};

// For normal positive x; anything else gives numbers that the caller replaces.
Split split(const FloatMath &f, Value x) {
  Value raw = f.bits(x);
  Value rootHalf = f.integer(f.wide ? 0x3FE6A09E667F3BCD : 0x3F3504F3);
  Value k = f.sar(f.subI(raw, rootHalf), f.mantissaBits());
  Value m = f.fromBits(f.subI(raw, f.shl(k, f.mantissaBits())));
  return {f.toFloat(k), f.addC(m, -1.0)};
}

// k ln 2 + log(1 + f) + tail, smallest terms first.
Value combine(const FloatMath &f, Split x, Value tail) {
  Value low = f.fmaC(x.k, f.wide ? kLn2Lo64 : kLn2Lo32, tail);
  if (!f.wide) {
    Value square = f.mul(x.f, x.f);
    Value t = f.fma(f.mul(square, x.f), f.horner(x.f, coef::kLog32), low);
    t = f.add(f.fmaC(square, -0.5, t), x.f);
    return f.fmaC(x.k, kLn2Hi32, t);
  }
  // f - (f^2/2 - s (f^2/2 + R)) is 2s + s R without the rounding of s at full weight.
  Value s = f.div(x.f, f.addC(x.f, 2.0)), z = f.mul(s, s);
  Value half = f.mul(f.mulC(x.f, 0.5), x.f);
  Value r = f.mul(z, f.horner(z, coef::kLog64));
  Value inner = f.fma(s, f.add(half, r), low);
  return f.fmaC(x.k, kLn2Hi64, f.sub(x.f, f.sub(half, inner)));
}

// y = log of |x|: infinity, zero, negative numbers and NaN get their results.
Value withLogSpecials(const FloatMath &f, Value x, Value y, double zero) {
  y = f.select(f.cmpC(P::OEQ, x, kInfinity), x, y);
  y = f.select(f.cmpC(P::OEQ, x, zero), f.constant(-kInfinity), y);
  y = f.select(f.cmpC(P::OLT, x, zero), f.constant(kNaN), y);
  return f.select(f.cmp(P::UNO, x, x), x, y);
}

} // namespace

Value expandLog(const FloatMath &f, Value x) {
  // Subnormals are scaled into the normal range first.
  int lift = f.mantissaBits() + 2;
  Value isTiny = f.cmpC(P::OLT, x, f.wide ? 0x1p-1022 : 0x1p-126);
  Split parts = split(f, f.select(isTiny, f.mulC(x, std::ldexp(1.0, lift)), x));
  parts.k = f.select(isTiny, f.addC(parts.k, -lift), parts.k);
  return withLogSpecials(f, x, combine(f, parts, f.constant(0.0)), 0.0);
}

// log(u) + c / u with u = 1 + x rounded and c what the rounding lost.
Value expandLog1p(const FloatMath &f, Value x) {
  Value one = f.constant(1.0), u = f.add(x, one);
  Value c = f.select(f.cmpC(P::OGE, x, 1.0), f.sub(one, f.sub(u, x)), f.sub(x, f.sub(u, one)));
  Value y = combine(f, split(f, u), f.div(c, u));
  y = withLogSpecials(f, x, y, -1.0);
  return f.select(f.cmpC(P::OLT, f.abs(x), f.wide ? 0x1p-54 : 0x1p-25), x, y);
}

//===----------------------------------------------------------------------===//
// pow
//===----------------------------------------------------------------------===//
namespace {

// A number as the unevaluated sum of two.
struct Pair {
  Value hi, lo;
};

Pair quickTwoSum(const FloatMath &f, Value a, Value b) {
  Value s = f.add(a, b);
  return {s, f.sub(b, f.sub(s, a))};
}

// a * b exactly. Without fma by Dekker's split into halves of 26 bits.
Pair twoProduct(const FloatMath &f, Value a, Value b) {
  Value p = f.mul(a, b);
  if (f.fused)
    return {p, f.fma(a, b, f.neg(p))};
  auto halves = [&](Value x) -> Pair {
    Value high = f.fromBits(f.andI(f.bits(x), f.integer(~0x7FFFFFFLL)));
    return {high, f.sub(x, high)};
  };
  Pair u = halves(a), v = halves(b);
  Value e = f.sub(f.mul(u.hi, v.hi), p);
  e = f.add(f.add(e, f.mul(u.hi, v.lo)), f.mul(u.lo, v.hi));
  return {p, f.add(e, f.mul(u.lo, v.lo))};
}

// log(x) for finite positive x to about 2^-66: the terms s and s^3/3 are carried in two parts.
Pair logPair(const FloatMath &f, Value x) {
  constexpr double kThirds = 0x1.5555555555555p-1, kThirdsLow = 0x1.5555555555555p-55;
  Value isTiny = f.cmpC(P::OLT, x, 0x1p-1022);
  Split v = split(f, f.select(isTiny, f.mulC(x, 0x1p54), x));
  Value k = f.select(isTiny, f.addC(v.k, -54.0), v.k);
  Pair d = quickTwoSum(f, f.constant(2.0), v.f);
  Value s = f.div(v.f, d.hi);
  Pair sd = twoProduct(f, s, d.hi);
  Value rest = f.sub(f.sub(f.sub(v.f, sd.hi), sd.lo), f.mul(s, d.lo));
  Value sLow = f.div(rest, d.hi);
  Pair z = twoProduct(f, s, s);
  z.lo = f.fma(f.add(s, s), sLow, z.lo);
  Pair w = twoProduct(f, z.hi, f.constant(kThirds));
  Value tail = f.mul(f.mul(z.hi, z.hi), f.horner(z.hi, coef::kPowLog64));
  w.lo = f.add(f.fmaC(z.lo, kThirds, f.fmaC(z.hi, kThirdsLow, w.lo)), tail);
  Pair cubic = twoProduct(f, s, w.hi);
  cubic.lo = f.add(f.fma(s, w.lo, f.mul(sLow, w.hi)), cubic.lo);
  Pair sum = quickTwoSum(f, f.add(s, s), cubic.hi);
  sum.lo = f.add(sum.lo, f.fmaC(sLow, 2.0, cubic.lo));
  // k ln2 is zero or larger than the rest; its first part is exact.
  Pair total = quickTwoSum(f, f.mulC(k, kLn2Hi64), sum.hi);
  Value isPlain = f.cmpC(P::OEQ, k, 0.0);
  total.hi = f.select(isPlain, sum.hi, total.hi);
  total.lo = f.select(isPlain, f.constant(0.0), total.lo);
  total.lo = f.add(total.lo, f.fmaC(k, kLn2Lo64, sum.lo));
  return quickTwoSum(f, total.hi, total.lo);
}

// x^y for |x| in f64, special values aside.
Value powMagnitude64(const FloatMath &f, Value x, Value y) {
  Pair log = logPair(f, x);
  log.hi = withLogSpecials(f, x, log.hi, 0.0);
  // The low part would make NaN of infinities; past +-800 only the sign and size matter.
  Pair p = twoProduct(f, log.hi, y);
  p.lo = f.fma(log.lo, y, p.lo);
  Value finite = f.cmpC(P::OLT, f.abs(p.hi), 800.0);
  p.lo = f.select(finite, p.lo, f.constant(0.0));
  p.hi = f.atMost(f.atLeast(p.hi, -800.0), 800.0);
  // e^(hi + lo) = e^hi (1 + lo)
  Value e = f.atMost(f.atLeast(p.hi, -750.0), 710.0);
  Value magic = f.constant(f.magic());
  Value shifted = f.fmaC(e, 0x1.71547652b82fep+0, magic), n = f.sub(shifted, magic);
  Value r = f.add(f.fmaC(n, -kLn2Lo64, f.fmaC(n, -kLn2Hi64, e)), p.lo);
  Value body = f.addC(f.fma(f.mul(r, r), f.horner(r, coef::kExp64), r), 1.0);
  Value whole = f.magicInteger(shifted), half = f.sar(whole, 1);
  return f.mul(f.mul(body, f.powerOfTwo(half)), f.powerOfTwo(f.subI(whole, half)));
}

// x^y for |x| of f32 operands, computed in f64 to 2^-32: |f| is the f64 shape.
Value powMagnitude32(const FloatMath &f, Value x, Value y) {
  Split v = split(f, x);
  Value s = f.div(v.f, f.addC(v.f, 2.0)), z = f.mul(s, s);
  Value log = f.fma(f.mul(z, s), f.horner(z, coef::kPowLog32), f.add(s, s));
  log = f.fmaC(v.k, 0x1.62e42fefa39efp-1, log);
  Value e = f.mul(withLogSpecials(f, x, log, 0.0), y);
  e = f.atMost(f.atLeast(e, -200.0), 200.0);
  Value magic = f.constant(f.magic());
  Value shifted = f.fmaC(e, 0x1.71547652b82fep+0, magic), n = f.sub(shifted, magic);
  Value r = f.fmaC(n, -0x1.62e42fefa39efp-1, e);
  Value body = f.addC(f.fma(f.mul(r, r), f.horner(r, coef::kPowExp32), r), 1.0);
  return f.mul(body, f.powerOfTwo(f.magicInteger(shifted)));
}

Value isWhole(const FloatMath &f, Value x) {
  return f.cmp(P::OEQ, f.make<math::FloorOp>(x), x);
}

} // namespace

// |x|^y, then the sign of odd powers, then C's special values.
Value expandPow(const FloatMath &f, Value x, Value y) {
  Value a = f.abs(x), magnitude;
  if (f.wide) {
    magnitude = powMagnitude64(f, a, y);
  } else {
    FloatMath w = f.widened();
    Value wide = powMagnitude32(w, w.make<arith::ExtFOp>(w.type, a),
                                w.make<arith::ExtFOp>(w.type, y));
    magnitude = f.make<arith::TruncFOp>(f.type, wide);
  }
  Value one = f.constant(1.0);
  magnitude = f.select(f.cmpC(P::OEQ, a, 1.0), one, magnitude);
  Value whole = isWhole(f, y);
  Value even = isWhole(f, f.mulC(y, 0.5));
  Value oddSign = f.select(f.make<arith::AndIOp>(whole, f.make<arith::XOrIOp>(whole, even)), x, one);
  Value y0 = f.fromBits(f.xorI(f.bits(magnitude), f.andI(f.bits(oddSign), f.signMask())));
  Value negative = f.make<arith::AndIOp>(f.cmpC(P::OLT, x, 0.0), f.cmpC(P::OGT, x, -kInfinity));
  Value notWhole = f.cmp(P::ONE, f.make<math::FloorOp>(y), y);
  y0 = f.select(f.make<arith::AndIOp>(negative, notWhole), f.constant(kNaN), y0);
  Value nan = f.cmp(P::UNO, x, y);
  y0 = f.select(nan, f.add(x, y), y0);
  y0 = f.select(f.cmpC(P::OEQ, y, 0.0), one, y0);
  return f.select(f.cmpC(P::OEQ, x, 1.0), one, y0);
}

} // namespace dlc::codegen
