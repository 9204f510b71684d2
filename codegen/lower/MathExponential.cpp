// Exponentials: exp, expm1, and tanh that is made of them.
//
// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2, and e^r = 1 + r + r^2 q(r). The last
// scaling multiplies by powers of two (never adds to the exponent field, which would turn NaN into
// a number), such that subnormal results are rounded exactly once.
#include "codegen/lower/MathCoefficients.h"
#include "codegen/lower/MathFunctions.h"
#include <cmath>

using namespace mlir;
namespace coef = dlc::codegen::coefficients;

namespace dlc::codegen {
namespace {

using P = FloatMath::Predicate;

// ln 2 in two parts; n times the first is exact without a fused multiply-add too.
constexpr double kLn2Hi32 = 0x1.62e4p-1, kLn2Lo32 = 0x1.7f7d1cf79abcap-20;
constexpr double kLn2Hi64 = 0x1.62e42feep-1, kLn2Lo64 = 0x1.a39ef35793c76p-33;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kInvLn2 = 0x1.71547652b82fep+0;

struct Reduced {
  Value shifted; // n with a magic number added
  Value n;       // as a float
  Value r;       // remainder
};

// |bias|: added to the integer that stands in the low bits of |shifted|.
Reduced reduce(const FloatMath &f, Value x, int64_t bias = 0) {
  Value magic = f.constant(f.magic() + bias);
  Value shifted = f.fmaC(x, kInvLn2, magic), n = f.sub(shifted, magic);
  Value r = f.fmaC(n, f.wide ? -kLn2Hi64 : -kLn2Hi32, x);
  r = f.fmaC(n, f.wide ? -kLn2Lo64 : -kLn2Lo32, r);
  return {shifted, n, r};
}

// e^r - 1
Value tailOf(const FloatMath &f, Value r) {
  Value q = f.wide ? f.horner(r, coef::kExp64) : f.horner(r, coef::kExp32);
  return f.fma(f.mul(r, r), q, r);
}

// |value| * 2^n where |value| is in [1/2, 2] and the product may be subnormal or overflow. n - 1
// fits a normal exponent from above; from below it is raised, and the last factor takes the rest.
Value scale(const FloatMath &f, Value value, const Reduced &e, Value x) {
  if (Value y = f.scaledByInstruction(value, e.n))
    return y;
  int64_t raise = 2 * f.mantissaBits() + 20;
  Value low = f.cmpC(P::OLT, x, f.wide ? -600.0 : -60.0);
  Value n = f.magicInteger(e.shifted);
  Value exponent = f.addI(n, f.select(low, f.kept(f.bias() - 1 + raise),
                                      f.kept(f.bias() - 1)));
  Value rest = f.select(low, f.constant(std::ldexp(2.0, -raise)), f.constant(2.0));
  return f.mul(f.mul(value, f.fromBits(f.shl(exponent, f.mantissaBits()))), rest);
}

// The range outside which e^x is 0 or infinite; at its ends n - 1 is still an exponent.
Value clampExp(const FloatMath &f, Value x) {
  return f.wide ? f.atMost(f.atLeast(x, -750.0), 710.0) : f.atMost(f.atLeast(x, -105.0), 89.0);
}

} // namespace

Value expInRange(const FloatMath &f, Value x) {
  // With the bias in the low bits one shift makes the power of two.
  Reduced e = reduce(f, x, f.bias());
  Value p = f.addC(tailOf(f, e.r), 1.0);
  return f.mul(p, f.fromBits(f.shl(f.bits(e.shifted), f.mantissaBits())));
}

Value expandExp(const FloatMath &f, Value x) {
  Value clamped = clampExp(f, x);
  Reduced e = reduce(f, clamped);
  return scale(f, f.addC(tailOf(f, e.r), 1.0), e, clamped);
}

// 2^x = 2^n 2^r with n = round(x) and |r| <= 1/2, exact without any constant of ln 2. n stands in
// the low bits of |shifted| with a bias, so that a shift makes a power of two of it. One power
// cannot hold all exponents, subnormal results included: where the caller knows that none is above
// 0, the polynomial is 2^64 times smaller and the power as much larger; else two powers share n.
Value expandExp2(const FloatMath &f, Value x, Exp2Range range) {
  constexpr int64_t kLift = 64;
  bool lifted = range == Exp2Range::NotPositive, normal = range == Exp2Range::Normal;
  double least = f.wide ? -1076 : -151;
  Value t = f.atLeast(x, normal ? double(-f.bias()) : least);
  if (!lifted)
    t = f.atMost(t, f.bias() + (normal ? 1 : 2));
  int64_t bias = lifted ? f.bias() + kLift : normal ? f.bias() : 2 * f.bias();
  Value magic = f.constant(f.magic() + double(bias));
  Value shifted = f.add(t, magic), n = f.sub(shifted, magic), r = f.sub(t, n);
  ArrayRef<double> tail = f.wide ? ArrayRef<double>(coef::kExp64) : ArrayRef<double>(coef::kExp32);
  double unit = lifted ? std::ldexp(1.0, -kLift) : 1.0, power = unit * kLn2;
  SmallVector<double> terms = {unit, power};
  for (double term : tail)
    terms.push_back(term * (power *= kLn2));
  Value p = f.horner(r, terms), bits = f.bits(shifted);
  auto powerOf = [&](Value n) { return f.fromBits(f.shl(n, f.mantissaBits())); };
  if (lifted || normal)
    return f.mul(p, powerOf(bits));
  if (Value y = f.scaledByInstruction(p, n))
    return y;
  Value half = f.shr(bits, 1);
  return f.mul(f.mul(p, powerOf(half)), powerOf(f.subI(bits, half)));
}

// 2^n (e^r - 1) + (2^n - 1), whose two terms have no cancellation that matters; from 2^n past the
// precision on, where 2^n itself may overflow, e^x is the result.
Value expandExpm1(const FloatMath &f, Value x) {
  double least = f.wide ? -40.0 : -20.0;
  int64_t large = f.mantissaBits() + 2;
  Value clamped = f.atMost(f.atLeast(x, least), f.wide ? 710.0 : 89.0);
  Reduced e = reduce(f, clamped);
  Value n = f.magicInteger(e.shifted), p = tailOf(f, e.r);
  Value big = scale(f, f.addC(p, 1.0), e, clamped);
  Value two = f.powerOfTwo(n);
  Value small = f.fma(two, p, f.addC(two, -1.0));
  Value isBig = arith::CmpIOp::create(f.b, f.loc, arith::CmpIPredicate::sgt, n, f.integer(large));
  Value y = f.select(isBig, big, small);
  // x itself where x^2/2 vanishes; keeps the sign of zero.
  return f.select(f.cmpC(P::OLT, f.abs(x), f.wide ? 0x1p-54 : 0x1p-25), x, y);
}

// f32: a polynomial below 0.625, else 1 - 2 / (e^2a + 1), which loses nothing there.
// f64: t / (t + 2) with t = e^2a - 1 is accurate everywhere.
Value expandTanh(const FloatMath &f, Value x) {
  Value a = f.abs(x);
  if (f.wide) {
    Value t = expandExpm1(f, f.atMost(f.add(a, a), 40.0));
    return f.withSign(f.div(t, f.addC(t, 2.0)), x);
  }
  Value u = f.mul(x, x);
  Value small = f.fma(f.mul(f.horner(u, coef::kTanh32), u), x, x);
  // -0.0 + 0.0 is 0.0 in the sum above: the sign is put back.
  Value e = expInRange(f, f.atMost(f.add(a, a), 20.0));
  Value large = f.sub(f.constant(1.0), f.div(f.constant(2.0), f.addC(e, 1.0)));
  return f.withSign(f.select(f.cmpC(P::ULT, a, 0.625), f.abs(small), large), x);
}

} // namespace dlc::codegen
