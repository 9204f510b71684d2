// Arithmetic and math of elements. Reals go through double and libm and are rounded once, which is
// the correctly rounded result for + - * / sqrt in f32, f16 and bf16 (53 >= 2 * 24 + 2 bits), and
// within half an ulp plus libm's error (< 1 ulp of double) for the rest.
#include "codegen/reference/Call.h"
#include <cmath>

using namespace mlir;

namespace dlc::reference {

template <typename Real> static llvm::Error unaryReal(Call &call, Real real) {
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setReal(i, real(call.in(0).real(i)));
  return llvm::Error::success();
}

template <typename Real, typename Integer>
static llvm::Error unary(Call &call, Real real, Integer integer) {
  if (call.out().isFloat())
    return unaryReal(call, real);
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setInteger(i, integer(call.in(0).integer(i)));
  return llvm::Error::success();
}

template <typename Real, typename Integer>
static llvm::Error binary(Call &call, Real real, Integer integer) {
  Tensor &y = call.out();
  for (int64_t i = 0; i < y.count(); ++i)
    if (y.isFloat())
      y.setReal(i, real(call.in(0).real(i), call.in(1).real(i)));
    else
      y.setInteger(i, integer(call.in(0).integer(i), call.in(1).integer(i)));
  return llvm::Error::success();
}

// Integers wrap: computed without sign, where C++ defines it, and cut to the width on storing.
static int64_t wrapAdd(int64_t a, int64_t b) { return int64_t(uint64_t(a) + uint64_t(b)); }
static int64_t wrapSub(int64_t a, int64_t b) { return int64_t(uint64_t(a) - uint64_t(b)); }
static int64_t wrapMul(int64_t a, int64_t b) { return int64_t(uint64_t(a) * uint64_t(b)); }

static int64_t divide(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? wrapSub(0, a) : a / b;
}

static int64_t remainder(int64_t a, int64_t b) {
  if (b == 0)
    return a;
  return b == -1 ? 0 : a % b;
}

// Wrapping at the width of the type and not at 64 bits matters for a negative exponent only,
// where the power's magnitude is compared with 1.
static int64_t power(int64_t a, int64_t b) {
  if (b < 0)
    return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
  int64_t result = 1;
  for (uint64_t e = uint64_t(b); e; e >>= 1, a = wrapMul(a, a))
    if (e & 1)
      result = wrapMul(result, a);
  return result;
}

static double larger(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::nan("");
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

static double smaller(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::nan("");
  if (a == b)
    return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

llvm::Error evaluate(ir::NegOp, Call &call) {
  return unary(call, [](double x) { return -x; }, [](int64_t x) { return wrapSub(0, x); });
}
llvm::Error evaluate(ir::AbsOp, Call &call) {
  return unary(
      call, [](double x) { return std::fabs(x); },
      [](int64_t x) { return x < 0 ? wrapSub(0, x) : x; });
}
llvm::Error evaluate(ir::SignOp, Call &call) {
  return unary(
      call, [](double x) { return x > 0   ? 1.0
                                  : x < 0 ? -1.0
                                          : x; },
      [](int64_t x) { return int64_t(x > 0) - int64_t(x < 0); });
}
llvm::Error evaluate(ir::ReluOp, Call &call) {
  return unary(
      call, [](double x) { return x > 0 || std::isnan(x) ? x : 0.0; },
      [](int64_t x) { return std::max<int64_t>(x, 0); });
}
llvm::Error evaluate(ir::ExpOp, Call &call) {
  return unaryReal(call, [](double x) { return std::exp(x); });
}
llvm::Error evaluate(ir::Expm1Op, Call &call) {
  return unaryReal(call, [](double x) { return std::expm1(x); });
}
llvm::Error evaluate(ir::LogOp, Call &call) {
  return unaryReal(call, [](double x) { return std::log(x); });
}
llvm::Error evaluate(ir::Log1pOp, Call &call) {
  return unaryReal(call, [](double x) { return std::log1p(x); });
}
llvm::Error evaluate(ir::SqrtOp, Call &call) {
  return unaryReal(call, [](double x) { return std::sqrt(x); });
}
llvm::Error evaluate(ir::RsqrtOp, Call &call) {
  return unaryReal(call, [](double x) { return 1.0 / std::sqrt(x); });
}
llvm::Error evaluate(ir::ReciprocalOp, Call &call) {
  return unaryReal(call, [](double x) { return 1.0 / x; });
}
llvm::Error evaluate(ir::TanhOp, Call &call) {
  return unaryReal(call, [](double x) { return std::tanh(x); });
}
llvm::Error evaluate(ir::SigmoidOp, Call &call) {
  // Each branch keeps its exponential below 1, so that neither tail loses digits.
  return unaryReal(call, [](double x) {
    double e = std::exp(-std::fabs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
  });
}
llvm::Error evaluate(ir::ErfOp, Call &call) {
  return unaryReal(call, [](double x) { return std::erf(x); });
}
llvm::Error evaluate(ir::SinOp, Call &call) {
  return unaryReal(call, [](double x) { return std::sin(x); });
}
llvm::Error evaluate(ir::CosOp, Call &call) {
  return unaryReal(call, [](double x) { return std::cos(x); });
}
llvm::Error evaluate(ir::FloorOp, Call &call) {
  return unaryReal(call, [](double x) { return std::floor(x); });
}
llvm::Error evaluate(ir::CeilOp, Call &call) {
  return unaryReal(call, [](double x) { return std::ceil(x); });
}
llvm::Error evaluate(ir::RoundOp, Call &call) {
  return unaryReal(call, [](double x) { return std::nearbyint(x); });
}

llvm::Error evaluate(ir::AddOp, Call &call) { return binary(call, std::plus<double>(), wrapAdd); }
llvm::Error evaluate(ir::SubOp, Call &call) { return binary(call, std::minus<double>(), wrapSub); }
llvm::Error evaluate(ir::MulOp, Call &call) {
  return binary(call, std::multiplies<double>(), wrapMul);
}
llvm::Error evaluate(ir::DivOp, Call &call) { return binary(call, std::divides<double>(), divide); }
llvm::Error evaluate(ir::MaxOp, Call &call) {
  return binary(call, larger, [](int64_t a, int64_t b) { return std::max(a, b); });
}
llvm::Error evaluate(ir::MinOp, Call &call) {
  return binary(call, smaller, [](int64_t a, int64_t b) { return std::min(a, b); });
}
llvm::Error evaluate(ir::PowOp, Call &call) {
  return binary(call, [](double a, double b) { return std::pow(a, b); }, power);
}
llvm::Error evaluate(ir::RemOp, Call &call) {
  return binary(call, [](double a, double b) { return std::fmod(a, b); }, remainder);
}

static llvm::Error logical(Call &call, llvm::function_ref<int64_t(int64_t, int64_t)> combine) {
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setInteger(i, combine(call.in(0).integer(i), call.in(1).integer(i)));
  return llvm::Error::success();
}
llvm::Error evaluate(ir::AndOp, Call &call) { return logical(call, std::bit_and<int64_t>()); }
llvm::Error evaluate(ir::OrOp, Call &call) { return logical(call, std::bit_or<int64_t>()); }
llvm::Error evaluate(ir::XorOp, Call &call) { return logical(call, std::bit_xor<int64_t>()); }
llvm::Error evaluate(ir::NotOp, Call &call) {
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setInteger(i, !call.in(0).integer(i));
  return llvm::Error::success();
}

} // namespace dlc::reference
