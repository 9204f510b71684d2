// Sine and cosine over the whole range.
//
// The argument is reduced modulo pi/2 in f64 (f32 results too: they need no further care then).
// Below 2^19 three constants do, of which the first two have 33 bits, so that their products with
// the quadrant number are exact with or without fma. Above, a scalar helper function multiplies the
// mantissa by a window of 192 bits of 2/pi; the vector code calls it per lane, behind a branch that
// ordinary data never takes.
#include "codegen/lower/MathCoefficients.h"
#include "codegen/lower/MathFunctions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
namespace coef = dlc::codegen::coefficients;

namespace dlc::codegen {
namespace {

using P = FloatMath::Predicate;

constexpr double kFastLimit = 0x1p19;
constexpr const char *kHelperName = "dlc_trig_reduce";
constexpr const char *kTableName = "dlc_two_over_pi";

// 64 zero bits (arguments with a negative exponent start there), then the bits of 2/pi.
constexpr uint64_t kTwoOverPi[] = {
    0,
    0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561,
    0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E, 0xE88235F52EBB4484,
    0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B, 0x1FF897FFDE05980F,
    0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D, 0x7527BAC7EBE5F17B,
    0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB, 0xF0CFBC209AF4361D};

LLVM::GlobalOp declareTable(ModuleOp module) {
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  constexpr int64_t kWords = std::size(kTwoOverPi);
  auto values = DenseElementsAttr::get(RankedTensorType::get({kWords}, b.getI64Type()),
                                       ArrayRef<uint64_t>(kTwoOverPi));
  return LLVM::GlobalOp::create(b, module.getLoc(),
                                LLVM::LLVMArrayType::get(b.getI64Type(), kWords),
                                /*isConstant=*/true, LLVM::Linkage::Internal, kTableName, values);
}

// Writes the helper's arithmetic on scalars.
struct ReductionWriter {
  OpBuilder &b;
  Location loc;
  Type i64, i128, f64;

  ReductionWriter(OpBuilder &b, Location loc)
      : b(b), loc(loc), i64(b.getI64Type()), i128(b.getIntegerType(128)), f64(b.getF64Type()) {}

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value integer(Type type, const APInt &v) {
    return make<arith::ConstantOp>(b.getIntegerAttr(type, v));
  }
  Value word(int64_t v) { return integer(i64, APInt(64, v, true)); }
  Value wide(int64_t v) { return integer(i128, APInt(128, v, true)); }
  Value real(double v) { return make<arith::ConstantOp>(b.getF64FloatAttr(v)); }
  Value widen(Value v) { return make<arith::ExtUIOp>(i128, v); }

  // Three words of 2/pi from bit |position| of the table on.
  SmallVector<Value, 3> window(LLVM::GlobalOp table, Value position) {
    Type ptr = LLVM::LLVMPointerType::get(b.getContext());
    Value base = make<LLVM::AddressOfOp>(ptr, table.getSymName());
    Value first = make<arith::ShRUIOp>(position, word(6));
    Value shift = make<arith::AndIOp>(position, word(63));
    SmallVector<Value, 4> words;
    for (int64_t i = 0; i < 4; ++i) {
      Value index = make<arith::AddIOp>(first, word(i));
      Value address = make<LLVM::GEPOp>(ptr, i64, base, ValueRange{index});
      words.push_back(make<LLVM::LoadOp>(i64, address));
    }
    SmallVector<Value, 3> out;
    for (int64_t i = 0; i < 3; ++i)
      out.push_back(make<LLVM::FshlOp>(words[i], words[i + 1], shift));
    return out;
  }

  // The top 128 bits of mantissa * window modulo 2^192: 2 bits of quadrant, 126 of fraction.
  Value product(Value mantissa, ArrayRef<Value> words) {
    Value m = widen(mantissa);
    Value top = make<arith::ShLIOp>(make<arith::MulIOp>(m, widen(words[0])), wide(64));
    Value low = make<arith::ShRUIOp>(make<arith::MulIOp>(m, widen(words[2])), wide(64));
    return make<arith::AddIOp>(make<arith::AddIOp>(top, make<arith::MulIOp>(m, widen(words[1]))),
                               low);
  }

  // A signed 128-bit integer times 2^-126, rounded to f64 even after cancellation.
  Value fraction(Value v) {
    Value high = make<arith::TruncIOp>(i64, make<arith::ShRSIOp>(v, wide(64)));
    Value low = make<arith::TruncIOp>(i64, v);
    Value a = make<arith::SIToFPOp>(f64, high);
    Value lost = make<arith::SubIOp>(high, make<arith::FPToSIOp>(i64, a));
    Value rest = make<arith::MulFOp>(make<arith::SIToFPOp>(f64, lost), real(0x1p64));
    rest = make<arith::AddFOp>(rest, make<arith::UIToFPOp>(f64, low));
    Value sum = make<arith::AddFOp>(make<arith::MulFOp>(a, real(0x1p64)), rest);
    return make<arith::MulFOp>(sum, real(0x1p-126));
  }

  void write(LLVM::GlobalOp table, Value x) {
    Value raw = make<arith::BitcastOp>(i64, x);
    Value field = make<arith::AndIOp>(make<arith::ShRUIOp>(raw, word(52)), word(0x7FF));
    Value mantissa = make<arith::OrIOp>(make<arith::AndIOp>(raw, word(0xFFFFFFFFFFFFF)),
                                        word(0x10000000000000));
    // x = mantissa * 2^(field - 1075); the window starts at the bit of weight 2 in the product.
    Value position = make<arith::AddIOp>(field, word(62 - 1075));
    Value p = product(mantissa, window(table, position));
    Value half = integer(i128, APInt::getOneBitSet(128, 125));
    Value quadrant = make<arith::ShRUIOp>(make<arith::AddIOp>(p, half), wide(126));
    Value rest = make<arith::SubIOp>(p, make<arith::ShLIOp>(quadrant, wide(126)));
    Value r = make<arith::MulFOp>(fraction(rest), real(0x1.921fb54442d18p+0));
    Value q = make<arith::TruncIOp>(i64, quadrant);
    // Odd in x: sine of a negative argument.
    Value negative = make<arith::CmpFOp>(P::OLT, x, real(0.0));
    r = make<arith::SelectOp>(negative, make<arith::NegFOp>(r), r);
    q = make<arith::SelectOp>(negative, make<arith::SubIOp>(word(0), q), q);
    auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), {f64, i64});
    Value out = make<LLVM::PoisonOp>(type);
    out = make<LLVM::InsertValueOp>(out, r, ArrayRef<int64_t>{0});
    out = make<LLVM::InsertValueOp>(out, q, ArrayRef<int64_t>{1});
    LLVM::ReturnOp::create(b, loc, out);
  }
};

struct Reduced {
  Value r;        // remainder in [-pi/4, pi/4]
  Value quadrant; // integers, of which two bits count
};

// Calls the helper for the lanes at or above the fast limit.
Reduced reduceLanes(const FloatMath &w, Value x, Value isLarge, Reduced fast,
                    LLVM::LLVMFuncOp helper) {
  OpBuilder &b = w.b;
  auto call = [&](Value scalar) {
    auto result = LLVM::CallOp::create(b, w.loc, helper, scalar).getResult();
    Value r = LLVM::ExtractValueOp::create(b, w.loc, result, 0);
    Value q = LLVM::ExtractValueOp::create(b, w.loc, result, 1);
    return std::pair(r, q);
  };
  auto vector = dyn_cast<VectorType>(w.type);
  if (!vector) {
    auto [r, q] = call(x);
    return {r, q};
  }
  // The helper's table begins at the fast limit: other lanes must not reach it.
  x = w.select(isLarge, x, w.constant(kFastLimit));
  Reduced slow = fast;
  for (int64_t lane = 0; lane < vector.getNumElements(); ++lane) {
    auto [r, q] = call(vector::ExtractOp::create(b, w.loc, x, lane));
    slow.r = vector::InsertOp::create(b, w.loc, r, slow.r, lane);
    slow.quadrant = vector::InsertOp::create(b, w.loc, q, slow.quadrant, lane);
  }
  return {w.select(isLarge, slow.r, fast.r), w.select(isLarge, slow.quadrant, fast.quadrant)};
}

Reduced reduce(const FloatMath &w, Value x, LLVM::LLVMFuncOp helper) {
  Value magic = w.constant(w.magic());
  Value shifted = w.fmaC(x, 0x1.45f306dc9c883p-1, magic), n = w.sub(shifted, magic);
  Value r = w.fmaC(n, -0x1.921fb544p+0, x);
  r = w.fmaC(n, -0x1.0b4611a6p-34, r);
  r = w.fmaC(n, -0x1.3198a2e037073p-69, r);
  Reduced fast{r, w.bits(shifted)};
  Value isLarge = w.cmpC(P::OGE, w.abs(x), kFastLimit);
  Value any = isLarge;
  if (isa<VectorType>(w.type))
    any = vector::ReductionOp::create(w.b, w.loc, vector::CombiningKind::OR, isLarge);
  auto branch = scf::IfOp::create(w.b, w.loc, TypeRange{w.type, w.ints}, any, true);
  OpBuilder::InsertionGuard guard(w.b);
  w.b.setInsertionPointToStart(branch.thenBlock());
  Reduced slow = reduceLanes(w, x, isLarge, fast, helper);
  scf::YieldOp::create(w.b, w.loc, ValueRange{slow.r, slow.quadrant});
  w.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(w.b, w.loc, ValueRange{fast.r, fast.quadrant});
  return {branch.getResult(0), branch.getResult(1)};
}

// sin(r) or cos(r) by the quadrant, sign included.
Value evaluate(const FloatMath &w, Reduced v, bool narrow) {
  Value u = w.mul(v.r, v.r);
  Value s = narrow ? w.horner(u, coef::kSin32) : w.horner(u, coef::kSin64);
  Value c = narrow ? w.horner(u, coef::kCos32) : w.horner(u, coef::kCos64);
  Value sine = w.fma(w.mul(u, v.r), s, v.r);
  // 1 - u/2 rounds; what it lost is added back with the tail.
  Value half = w.mulC(u, 0.5), base = w.sub(w.constant(1.0), half);
  Value lost = w.sub(w.sub(w.constant(1.0), base), half);
  Value cosine = w.add(base, w.fma(w.mul(u, u), c, lost));
  Value one = w.integer(1);
  Value isOdd = arith::CmpIOp::create(w.b, w.loc, arith::CmpIPredicate::ne,
                                      w.andI(v.quadrant, one), w.integer(0));
  Value y = w.select(isOdd, cosine, sine);
  Value sign = w.shl(w.andI(v.quadrant, w.integer(2)), 62);
  return w.fromBits(w.xorI(w.bits(y), sign));
}

Value expandTrig(const FloatMath &f, Value x, int64_t quarterTurns, LLVM::LLVMFuncOp helper) {
  FloatMath w = f.widened();
  Value wide = f.wide ? x : w.make<arith::ExtFOp>(w.type, x);
  Reduced v = reduce(w, wide, helper);
  if (quarterTurns)
    v.quadrant = w.addI(v.quadrant, w.integer(quarterTurns));
  Value y = evaluate(w, v, !f.wide);
  if (!f.wide)
    y = f.make<arith::TruncFOp>(f.type, y);
  Value infinite = f.cmpC(P::OEQ, f.abs(x), std::numeric_limits<double>::infinity());
  y = f.select(infinite, f.constant(std::numeric_limits<double>::quiet_NaN()), y);
  return f.select(f.cmp(P::UNO, x, x), x, y);
}

} // namespace

LLVM::LLVMFuncOp declareTrigReduction(ModuleOp module) {
  if (auto found = module.lookupSymbol<LLVM::LLVMFuncOp>(kHelperName))
    return found;
  LLVM::GlobalOp table = declareTable(module);
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Type f64 = b.getF64Type();
  auto result = LLVM::LLVMStructType::getLiteral(b.getContext(), {f64, b.getI64Type()});
  auto function = LLVM::LLVMFuncOp::create(b, module.getLoc(), kHelperName,
                                           LLVM::LLVMFunctionType::get(result, {f64}),
                                           LLVM::Linkage::Internal);
  b.setInsertionPointToStart(function.addEntryBlock(b));
  // Reached from rarely taken branches only: inlining it per lane would bloat every kernel.
  function.setNoInline(true);
  ReductionWriter(b, module.getLoc()).write(table, function.getArgument(0));
  return function;
}

Value expandSin(const FloatMath &f, Value x, LLVM::LLVMFuncOp reduce) {
  Value y = expandTrig(f, x, 0, reduce);
  // Keeps the sign of zero, and tiny arguments exactly.
  return f.select(f.cmpC(P::OLT, f.abs(x), f.wide ? 0x1p-27 : 0x1p-13), x, y);
}

Value expandCos(const FloatMath &f, Value x, LLVM::LLVMFuncOp reduce) {
  return expandTrig(f, x, 1, reduce);
}

} // namespace dlc::codegen
