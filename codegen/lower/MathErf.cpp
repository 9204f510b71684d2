// erf, by a polynomial for each piece of its range where a register of coefficients can be permuted,
// else by two.
//
// The range up to where erf rounds to 1 is cut into as many pieces as a register has lanes, sixteen
// with AVX-512 and eight with AVX2, and each coefficient of all of them is one register: a
// permutation by the number of the piece picks every lane's own. Around the middle m of a piece,
// erf(x) = erf(m) + d q(d) with d = x - m, exactly subtracted. The middles are moved a little off the
// multiples of a piece's width, to where erf and its slope are nearly floats: neither's rounding
// counts. In the first piece m = 0 and erf(x) = x + x q(x), so that small results keep their relative
// error. Six or eight steps of one polynomial instead of seven, seven and an exponential: half the
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
// A piece for each lane
//===----------------------------------------------------------------------===//

// Row by row the pieces' middles, erf there, and coefficients of the rest.
struct Pieces {
  ArrayRef<double> numbers;
  int count;
  double width; // of a piece
  double last;  // from here on erf rounds to 1, and so does the last polynomial
  StringRef permutation; // the instruction, of a table and numbers of pieces

  int rows() const { return numbers.size() / count; }
};

Pieces piecesOf(const FloatMath &f) {
  if (f.permuted == 16)
    return {ArrayRef(*coef::kErfSixteen32, std::size(coef::kErfSixteen32) * 16), 16, 0.25,
            0x1.effffep+1, "llvm.x86.avx512.permvar.sf.512"};
  return {ArrayRef(*coef::kErfEight32, std::size(coef::kErfEight32) * 8), 8, 0.53125, 0x1.fcp+1,
          "llvm.x86.avx2.permps"};
}

// |f| of as many lanes as there are pieces.
Value erfByPieces(const FloatMath &f, const Pieces &pieces, Value x) {
  Value t = f.atMost(f.abs(x), pieces.last);
  // Added to the magic number, a multiple of the width is rounded to its count in the low bits.
  Value first = f.constant(f.magic());
  Value shifted = f.fmaC(t, 1 / pieces.width, first), piece = f.bits(shifted);
  // The entries of a row that the low bits of each lane of |piece| name.
  auto pick = [&](int row) {
    Value table = f.table(row, pieces.numbers.slice(row * pieces.count, pieces.count));
    auto name = f.b.getStringAttr(pieces.permutation);
    return LLVM::CallIntrinsicOp::create(f.b, f.loc, f.type, name, ValueRange{table, piece})
        .getResult(0);
  };
  Value d = f.sub(t, pick(0));
  Value q = pick(pieces.rows() - 1);
  for (int row = pieces.rows() - 2; row >= 2; --row)
    q = f.fma(q, d, pick(row));
  Value base = f.select(f.cmp(P::OEQ, shifted, first), t, pick(1));
  return f.withSign(f.fma(q, d, base), x);
}

// A vector of any length, or a scalar, by full registers; a shorter one fills its own with anything.
Value erfByRegisters(const FloatMath &f, Value x) {
  Pieces pieces = piecesOf(f);
  auto whole = VectorType::get({pieces.count}, f.b.getF32Type());
  FloatMath wide = f.as(whole);
  auto vector = dyn_cast<VectorType>(f.type);
  if (vector == whole)
    return erfByPieces(wide, pieces, x);
  if (!vector) {
    Value y = erfByPieces(wide, pieces, f.make<vector::BroadcastOp>(whole, x));
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
  for (int64_t from = 0; from < lanes; from += pieces.count) {
    int64_t here = std::min<int64_t>(pieces.count, lanes - from);
    Value part = erfByPieces(wide, pieces, shuffle(x, x, from, here, pieces.count));
    part = here < pieces.count ? shuffle(part, part, 0, here, here) : part;
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
  if (f.permuted && f.fused && !f.wide && (!vector || vector.getRank() == 1))
    return erfByRegisters(f, x);
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
