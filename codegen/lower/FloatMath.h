// A shorthand for writing float formulas as arith and math operations.
//
// One FloatMath stands for one shape: a float or a vector of floats, f32 or f64. Its members append
// one operation each, so a formula of a paper becomes a line of C++. Internal to codegen/lower.
#pragma once
#include "codegen/lower/ConstantPool.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/ArrayRef.h"

namespace dlc::codegen {

// |type| with its element type exchanged; scalars stay scalars.
inline mlir::Type withElement(mlir::Type type, mlir::Type element) {
  if (auto vector = mlir::dyn_cast<mlir::VectorType>(type))
    return mlir::VectorType::get(vector.getShape(), element);
  return element;
}

struct FloatMath {
  using Value = mlir::Value;
  using Predicate = mlir::arith::CmpFPredicate;

  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Type type;  // f32, f64 or a vector of them
  mlir::Type ints;  // the integer type of the same shape and width
  bool fused;       // the machine has a fused multiply-add
  bool scales;      // and AVX-512's multiplication by a power of two
  int permuted;     // floats of a register that one instruction permutes as it likes; or 0
  bool wide;        // f64
  // Where constants come from on machines with few registers; null: from anywhere.
  ConstantPool *pool = nullptr;
  Value poolBase = {};

  FloatMath(mlir::OpBuilder &b, mlir::Location loc, mlir::Type type, bool fused,
            bool scales = false, int permuted = 0)
      : b(b), loc(loc), type(type), fused(fused), scales(scales), permuted(permuted) {
    wide = mlir::getElementTypeOrSelf(type).isF64();
    ints = withElement(type, b.getIntegerType(wide ? 64 : 32));
  }

  // The same in another shape or width.
  FloatMath as(mlir::Type other) const {
    FloatMath math(b, loc, other, fused, scales, permuted);
    math.pool = pool;
    math.poolBase = poolBase;
    return math;
  }
  FloatMath widened() const { return as(withElement(type, b.getF64Type())); }

  int mantissaBits() const { return wide ? 52 : 23; }
  int bias() const { return wide ? 1023 : 127; }
  // 1.5 * 2^mantissa: adding it rounds to an integer, which then stands in the low bits.
  double magic() const { return wide ? 6755399441055744.0 : 12582912.0; }
  int64_t magicBits() const { return wide ? 0x4338000000000000 : 0x4B400000; }

  template <typename Op, typename... Args> Value make(Args &&...args) const {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value constant(double v) const {
    mlir::FloatAttr attr = b.getFloatAttr(mlir::getElementTypeOrSelf(type), v);
    if (pool && v != 0 && ConstantPool::holds(type))
      return pool->load(b, loc, poolBase, mlir::cast<mlir::VectorType>(type),
                        attr.getValue().bitcastToAPInt());
    return splat(type, attr);
  }
  // Values that differ, as a vector of f32; |number| tells a formula's tables apart.
  Value table(unsigned number, llvm::ArrayRef<double> values) const {
    llvm::SmallVector<float> row(values.begin(), values.end());
    auto vector = mlir::cast<mlir::VectorType>(type);
    if (pool)
      return pool->loadTable(b, loc, poolBase, vector, number, row);
    return make<mlir::arith::ConstantOp>(
        mlir::cast<mlir::TypedAttr>(mlir::DenseElementsAttr::get(vector, llvm::ArrayRef(row))));
  }
  Value integer(int64_t v) const {
    mlir::Type element = mlir::getElementTypeOrSelf(ints);
    return splat(ints, b.getIntegerAttr(element, v));
  }
  Value splat(mlir::Type shape, mlir::TypedAttr attr) const {
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(shape))
      attr = mlir::DenseElementsAttr::get(vector, mlir::ArrayRef<mlir::Attribute>(attr));
    return make<mlir::arith::ConstantOp>(attr);
  }

  Value add(Value x, Value y) const { return make<mlir::arith::AddFOp>(x, y); }
  Value sub(Value x, Value y) const { return make<mlir::arith::SubFOp>(x, y); }
  Value mul(Value x, Value y) const { return make<mlir::arith::MulFOp>(x, y); }
  Value div(Value x, Value y) const { return make<mlir::arith::DivFOp>(x, y); }
  Value neg(Value x) const { return make<mlir::arith::NegFOp>(x); }
  Value addC(Value x, double c) const { return add(x, constant(c)); }
  Value mulC(Value x, double c) const { return mul(x, constant(c)); }
  // x * y + z. Without hardware for it in two roundings, never by a library call.
  Value fma(Value x, Value y, Value z) const {
    return fused ? make<mlir::math::FmaOp>(x, y, z) : add(mul(x, y), z);
  }
  Value fmaC(Value x, double y, Value z) const { return fma(x, constant(y), z); }
  Value cmp(Predicate p, Value x, Value y) const {
    return make<mlir::arith::CmpFOp>(p, x, y);
  }
  Value cmpC(Predicate p, Value x, double y) const { return cmp(p, x, constant(y)); }
  Value select(Value condition, Value x, Value y) const {
    return make<mlir::arith::SelectOp>(condition, x, y);
  }
  // Comparisons that are false for NaN keep NaN in |x|.
  Value atMost(Value x, double limit) const {
    Value l = constant(limit);
    return select(cmp(Predicate::OGT, x, l), l, x);
  }
  Value atLeast(Value x, double limit) const {
    Value l = constant(limit);
    return select(cmp(Predicate::OLT, x, l), l, x);
  }

  Value bits(Value x) const { return make<mlir::arith::BitcastOp>(ints, x); }
  Value fromBits(Value x) const { return make<mlir::arith::BitcastOp>(type, x); }
  Value addI(Value x, Value y) const { return make<mlir::arith::AddIOp>(x, y); }
  Value subI(Value x, Value y) const { return make<mlir::arith::SubIOp>(x, y); }
  Value andI(Value x, Value y) const { return make<mlir::arith::AndIOp>(x, y); }
  Value orI(Value x, Value y) const { return make<mlir::arith::OrIOp>(x, y); }
  Value xorI(Value x, Value y) const { return make<mlir::arith::XOrIOp>(x, y); }
  Value shl(Value x, int64_t n) const { return make<mlir::arith::ShLIOp>(x, integer(n)); }
  Value shr(Value x, int64_t n) const { return make<mlir::arith::ShRUIOp>(x, integer(n)); }
  Value sar(Value x, int64_t n) const { return make<mlir::arith::ShRSIOp>(x, integer(n)); }
  Value abs(Value x) const {
    if (!pool || !ConstantPool::holds(type))
      return make<mlir::math::AbsFOp>(x);
    return fromBits(andI(bits(x), kept(wide ? INT64_MAX : INT32_MAX)));
  }
  Value signMask() const { return kept(wide ? INT64_MIN : INT32_MIN); }
  // An integer that no folding depends on, from the pool if there is one.
  Value kept(int64_t v) const {
    if (!pool || !ConstantPool::holds(ints))
      return integer(v);
    return pool->load(b, loc, poolBase, mlir::cast<mlir::VectorType>(ints),
                      llvm::APInt(wide ? 64 : 32, v, /*isSigned=*/true));
  }
  // |magnitude| (which is positive or NaN) with the sign of |sign|.
  Value withSign(Value magnitude, Value sign) const {
    return fromBits(orI(bits(magnitude), andI(bits(sign), signMask())));
  }
  // 2^n for an integer vector n within the normal range.
  Value powerOfTwo(Value n) const { return fromBits(shl(addI(n, integer(bias())), mantissaBits())); }
  // x * 2^n for a whole |n|, subnormal and infinite results included, by the instruction for it;
  // null where there is none for this shape.
  Value scaledByInstruction(Value x, Value n) const {
    auto vector = mlir::dyn_cast<mlir::VectorType>(type);
    if (!scales || !vector || vector.getNumElements() * (wide ? 64 : 32) != 512)
      return {};
    mlir::Type maskType = b.getIntegerType(wide ? 8 : 16);
    Value all = make<mlir::arith::ConstantOp>(b.getIntegerAttr(maskType, -1));
    Value currentRounding = make<mlir::arith::ConstantOp>(b.getI32IntegerAttr(4));
    auto name = b.getStringAttr(wide ? "llvm.x86.avx512.mask.scalef.pd.512"
                                     : "llvm.x86.avx512.mask.scalef.ps.512");
    return mlir::LLVM::CallIntrinsicOp::create(b, loc, type, name,
                                               mlir::ValueRange{x, n, x, all, currentRounding})
        .getResult(0);
  }
  // A small integer vector as floats.
  Value toFloat(Value n) const {
    return sub(fromBits(addI(n, integer(magicBits()))), constant(magic()));
  }
  // The integers behind a value to which magic() was added.
  Value magicInteger(Value shifted) const { return subI(bits(shifted), integer(magicBits())); }

  // c[0] + c[1] x + c[2] x^2 + ...
  Value horner(Value x, llvm::ArrayRef<double> c) const {
    Value sum = constant(c.back());
    for (double term : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, constant(term));
    return sum;
  }
};

} // namespace dlc::codegen
