// erf, by sixteen polynomials where a register of coefficients can be permuted, else by two.
//
// With AVX-512 the range [0, 3.875] is cut into sixteen, and each coefficient of all of them is one
// register: a permutation by the number of the piece picks every lane's own. Around the middle m of
// a piece, erf(x) = erf(m) + d q(d) with d = x - m, exactly subtracted. The middles are moved a
// little off the multiples of 1/4, to where erf and its slope are nearly floats: neither's rounding
// counts. In the first piece m = 0 and erf(x) = x + x q(x), so that small results keep their
// relative error. Six steps of one polynomial instead of seven, seven and an exponential: half the
// time, and less error.
//
// Elsewhere: x + x P(x^2) near zero, else 1 - erfc with erfc = e^(a polynomial).
#include "codegen/lower/MathCoefficients.h"
#include "codegen/lower/MathFunctions.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

using namespace mlir;
namespace coef = dlc::codegen::coefficients;

namespace dlc::codegen {
namespace {

using P = FloatMath::Predicate;

//===----------------------------------------------------------------------===//
// Sixteen pieces
//===----------------------------------------------------------------------===//

constexpr int64_t kPieces = 16;

// The entries of row |row| of the table that the low four bits of each lane of |piece| name.
Value pick(const FloatMath &f, int row, Value piece) {
  Value table = f.table(row, coef::kErfTable32[row]);
  auto name = f.b.getStringAttr("llvm.x86.avx512.permvar.sf.512");
  return LLVM::CallIntrinsicOp::create(f.b, f.loc, f.type, name, ValueRange{table, piece})
      .getResult(0);
}

// |f| of sixteen lanes.
Value erfByPieces(const FloatMath &f, Value x) {
  // Past the last piece's end erf rounds to 1, and so does that polynomial there.
  Value t = f.atMost(f.abs(x), 0x1.effffep+1);
  // Added to it, a number is rounded to quarters, whose count stands in the low bits.
  Value first = f.constant(f.magic() / 4);
  Value shifted = f.add(t, first), piece = f.bits(shifted);
  Value d = f.sub(t, pick(f, 0, piece));
  constexpr int kRows = std::size(coef::kErfTable32);
  Value q = pick(f, kRows - 1, piece);
  for (int row = kRows - 2; row >= 2; --row)
    q = f.fma(q, d, pick(f, row, piece));
  Value base = f.select(f.cmp(P::OEQ, shifted, first), t, pick(f, 1, piece));
  return f.withSign(f.fma(q, d, base), x);
}

// A vector of any length, or a scalar, by sixteens; a shorter one fills its register with anything.
Value erfBySixteens(const FloatMath &f, Value x) {
  auto sixteen = VectorType::get({kPieces}, f.b.getF32Type());
  FloatMath wide(f.b, f.loc, sixteen, f.fused, f.scales);
  wide.pool = f.pool;
  wide.poolBase = f.poolBase;
  auto vector = dyn_cast<VectorType>(f.type);
  if (vector == sixteen)
    return erfByPieces(wide, x);
  if (!vector) {
    Value y = erfByPieces(wide, f.make<vector::BroadcastOp>(sixteen, x));
    return f.make<vector::ExtractOp>(y, 0);
  }
  int64_t lanes = vector.getNumElements();
  // Places [from, from + count) of |a| before |b|, and whatever lies behind the last.
  auto shuffle = [&](Value a, Value b, int64_t from, int64_t count, int64_t length) {
    SmallVector<int64_t> places(length, vector::ShuffleOp::kPoisonIndex);
    std::iota(places.begin(), places.begin() + count, from);
    return Value(f.make<vector::ShuffleOp>(a, b, places));
  };
  Value y;
  for (int64_t from = 0; from < lanes; from += kPieces) {
    int64_t here = std::min(kPieces, lanes - from);
    Value part = erfByPieces(wide, shuffle(x, x, from, here, kPieces));
    part = here < kPieces ? shuffle(part, part, 0, here, here) : part;
    y = y ? shuffle(y, part, 0, from + here, from + here) : part;
  }
  return y;
}

//===----------------------------------------------------------------------===//
// Two pieces
//===----------------------------------------------------------------------===//

// log(erfc(t)) in f64: three polynomials around the middles of their intervals, chosen per lane.
Value logErfc64(const FloatMath &f, Value t) {
  constexpr double kLow = 1.5, kHigh = 2.75;
  constexpr double kMid[] = {(0.85 + 1.5) / 2, (1.5 + 2.75) / 2, (2.75 + 6.0) / 2};
  Value middle = f.cmpC(P::OGE, t, kLow), upper = f.cmpC(P::OGE, t, kHigh);
  auto pick = [&](double a, double b, double c) {
    return f.select(upper, f.constant(c), f.select(middle, f.constant(b), f.constant(a)));
  };
  Value u = f.sub(t, pick(kMid[0], kMid[1], kMid[2]));
  constexpr int kTerms = std::size(coef::kErfLarge64_0);
  Value sum;
  for (int i = kTerms - 1; i >= 0; --i) {
    Value c = pick(coef::kErfLarge64_0[i], coef::kErfLarge64_1[i], coef::kErfLarge64_2[i]);
    sum = sum ? f.fma(sum, u, c) : c;
  }
  return sum;
}

} // namespace

Value expandErf(const FloatMath &f, Value x) {
  auto vector = dyn_cast<VectorType>(f.type);
  if (f.scales && f.fused && !f.wide && (!vector || vector.getRank() == 1))
    return erfBySixteens(f, x);
  Value a = f.abs(x), u = f.mul(x, x);
  Value small = f.wide ? f.horner(u, coef::kErfSmall64) : f.horner(u, coef::kErfSmall32);
  small = f.fma(small, x, x);
  Value t = f.atMost(a, f.wide ? 6.0 : 3.95);
  Value g = f.wide ? logErfc64(f, t) : f.horner(t, coef::kErfLarge32);
  Value large = f.sub(f.constant(1.0), expInRange(f, g));
  Value isSmall = f.cmpC(P::ULT, a, f.wide ? 0.88 : 0.925);
  return f.withSign(f.select(isSmall, f.abs(small), large), x);
}

} // namespace dlc::codegen
