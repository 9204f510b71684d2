// Elementwise ops, one case each. See Pointwise.h for how elements appear and what is promised.
#include "codegen/lower/Pointwise.h"
#include "codegen/lower/FloatMath.h"
#include "ir/ops/Compare.h"
#include "ir/ops/Elementwise.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dlc::codegen {

Type kernelElement(Type element) {
  if (element.isUnsignedInteger())
    return IntegerType::get(element.getContext(), element.getIntOrFloatBitWidth());
  return element;
}

namespace {

using F = arith::CmpFPredicate;
using I = arith::CmpIPredicate;

// Writes operations on values of one shape, floats or integers by their type.
struct Elements {
  OpBuilder &b;
  Location loc;
  Type type; // of the values, a scalar or a vector
  bool isUnsigned;

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Type element() const { return getElementTypeOrSelf(type); }
  bool isFloat() const { return isa<FloatType>(element()); }
  Value constant(double v) {
    TypedAttr attr;
    if (isFloat())
      attr = b.getFloatAttr(element(), v);
    else
      attr = b.getIntegerAttr(element(), static_cast<int64_t>(v));
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return make<arith::ConstantOp>(attr);
  }
  Value cmp(F floats, I integers, Value x, Value y) {
    if (isFloat())
      return make<arith::CmpFOp>(floats, x, y);
    return make<arith::CmpIOp>(integers, x, y);
  }
  Value select(Value c, Value x, Value y) { return make<arith::SelectOp>(c, x, y); }
  Value isZero(Value x) { return cmp(F::OEQ, I::eq, x, constant(0)); }

  // True if any lane of |mask| is set, as an i1.
  Value any(Value mask) {
    if (!isa<VectorType>(mask.getType()))
      return mask;
    return make<vector::ReductionOp>(vector::CombiningKind::OR, mask);
  }

  // Repeats |step| on |state| while any lane of |condition| of it holds.
  template <typename Condition, typename Step>
  SmallVector<Value> repeat(ValueRange state, Condition condition, Step step) {
    auto loop = scf::WhileOp::create(
        b, loc, state.getTypes(), state,
        [&](OpBuilder &, Location, ValueRange s) {
          scf::ConditionOp::create(b, loc, any(condition(s)), s);
        },
        [&](OpBuilder &, Location, ValueRange s) { scf::YieldOp::create(b, loc, step(s)); });
    return SmallVector<Value>(loop.getResults());
  }
};

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value sign(Elements &e, Value x) {
  Value zero = e.constant(0), one = e.constant(1);
  if (e.isUnsigned)
    return e.select(e.isZero(x), zero, one);
  Value below = e.select(e.cmp(F::OLT, I::slt, x, zero), e.constant(-1), x);
  return e.select(e.cmp(F::OGT, I::sgt, x, zero), one, below);
}

// Of |given|, which is |x| before it was widened, if it was.
Value relu(Elements &e, Value x, Elements &narrow, Value given) {
  if (e.isUnsigned)
    return given;
  Value above = e.cmp(F::UGT, I::sgt, x, e.constant(0)); // unordered: NaN stays
  return e.select(above, given, narrow.constant(0));
}

Value absolute(Elements &e, Value x) {
  if (e.isFloat())
    return e.make<math::AbsFOp>(x);
  if (e.isUnsigned)
    return x;
  return e.select(e.cmp(F::OLT, I::slt, x, e.constant(0)),
                  e.make<arith::SubIOp>(e.constant(0), x), x);
}

// e = e^-|x| is at most 1: 1/(1+e) above zero, e/(1+e) below, no overflow and nothing lost.
Value sigmoid(Elements &e, Value x) {
  Value decay = e.make<math::ExpOp>(e.make<arith::NegFOp>(e.make<math::AbsFOp>(x)));
  Value one = e.constant(1);
  Value top = e.select(e.cmp(F::OLT, I::slt, x, e.constant(0)), decay, one);
  return e.make<arith::DivFOp>(top, e.make<arith::AddFOp>(decay, one));
}

// Division by zero and of the least integer by -1 are undefined in the machine: both get divisor 1.
Value divide(Elements &e, Value x, Value y) {
  if (e.isFloat())
    return e.make<arith::DivFOp>(x, y);
  Value zero = e.constant(0), one = e.constant(1), none = e.isZero(y);
  if (e.isUnsigned)
    return e.select(none, zero, e.make<arith::DivUIOp>(x, e.select(none, one, y)));
  Value flips = e.cmp(F::OEQ, I::eq, y, e.constant(-1));
  Value safe = e.select(e.make<arith::OrIOp>(none, flips), one, y);
  Value quotient = e.select(flips, e.make<arith::SubIOp>(zero, x), e.make<arith::DivSIOp>(x, safe));
  return e.select(none, zero, quotient);
}

Value remainderOfIntegers(Elements &e, Value x, Value y) {
  Value zero = e.constant(0), one = e.constant(1), none = e.isZero(y);
  if (e.isUnsigned)
    return e.select(none, x, e.make<arith::RemUIOp>(x, e.select(none, one, y)));
  Value flips = e.cmp(F::OEQ, I::eq, y, e.constant(-1));
  Value safe = e.select(e.make<arith::OrIOp>(none, flips), one, y);
  Value rest = e.select(flips, zero, e.make<arith::RemSIOp>(x, safe));
  return e.select(none, x, rest);
}

// 2^(exponent of a positive finite x), subnormals included, as an integer exponent.
Value exponentOf(FloatMath &f, Value x) {
  Value isTiny = f.cmpC(F::OLT, x, 0x1p-1022);
  Value lifted = f.select(isTiny, f.mulC(x, 0x1p54), x);
  Value field = f.sar(f.bits(lifted), 52);
  return f.select(isTiny, f.subI(field, f.integer(54)), field);
}

// Exact remainder in f64: subtracts the largest 2^k |y| that fits until none does. Each difference
// is exact, the number of rounds is the number of bits in the quotient.
Value remainderOfFloats(Elements &e, Value x, Value y) {
  FloatMath f(e.b, e.loc, e.type, false);
  Value a = f.abs(x), d = f.abs(y), one = f.constant(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Value valid = e.make<arith::AndIOp>(f.cmpC(F::OLT, a, kInfinity), f.cmpC(F::OGT, d, 0.0));
  Value finite = e.make<arith::AndIOp>(valid, f.cmpC(F::OLT, d, kInfinity));
  a = f.select(finite, a, f.constant(0));
  d = f.select(finite, d, one);
  Value r = e.repeat(
      ValueRange{a}, [&](ValueRange s) { return f.cmp(F::OGE, s[0], d); },
      [&](ValueRange s) {
        Value k = f.subI(exponentOf(f, s[0]), exponentOf(f, d));
        Value half = f.sar(k, 1);
        Value t = f.mul(f.mul(d, f.powerOfTwo(half)), f.powerOfTwo(f.subI(k, half)));
        t = f.select(f.cmp(F::OGT, t, s[0]), f.mulC(t, 0.5), t);
        Value next = f.sub(s[0], t);
        return SmallVector<Value>{f.select(f.cmp(F::OGE, s[0], d), next, s[0])};
      })[0];
  r = f.withSign(r, x);
  // A finite x by an infinity is x; what is not valid is NaN.
  r = f.select(finite, r, x);
  return f.select(valid, r, f.constant(std::numeric_limits<double>::quiet_NaN()));
}

Value remainder(Elements &e, Value x, Value y) {
  if (!e.isFloat())
    return remainderOfIntegers(e, x, y);
  if (e.element().isF64())
    return remainderOfFloats(e, x, y);
  Type wide = withElement(e.type, e.b.getF64Type());
  Elements w{e.b, e.loc, wide, false};
  Value r = remainderOfFloats(w, e.make<arith::ExtFOp>(wide, x), e.make<arith::ExtFOp>(wide, y));
  return e.make<arith::TruncFOp>(e.type, r);
}

// By squaring; the loop ends when the largest exponent is used up.
Value power(Elements &e, Value x, Value y) {
  if (e.isFloat())
    return e.make<math::PowFOp>(x, y);
  Value zero = e.constant(0), one = e.constant(1);
  Value negative = e.isUnsigned ? Value() : e.cmp(F::OLT, I::slt, y, zero);
  Value isOdd = e.cmp(F::UNE, I::ne, e.make<arith::AndIOp>(y, one), zero);
  Value exponent = negative ? e.select(negative, zero, y) : y;
  Value result = e.repeat(
      ValueRange{one, x, exponent},
      [&](ValueRange s) { return e.cmp(F::UNE, I::ne, s[2], zero); },
      [&](ValueRange s) {
        Value bit = e.cmp(F::UNE, I::ne, e.make<arith::AndIOp>(s[2], one), zero);
        Value product = e.select(bit, e.make<arith::MulIOp>(s[0], s[1]), s[0]);
        return SmallVector<Value>{product, e.make<arith::MulIOp>(s[1], s[1]),
                                  e.make<arith::ShRUIOp>(s[2], one)};
      })[0];
  if (!negative)
    return result;
  Value inverse = e.select(e.cmp(F::OEQ, I::eq, x, one), one, zero);
  Value minusOne = e.constant(-1);
  inverse = e.select(e.cmp(F::OEQ, I::eq, x, minusOne), e.select(isOdd, minusOne, one), inverse);
  return e.select(negative, inverse, result);
}

// NaN if either is NaN; |y| where they are equal.
Value larger(Elements &e, Value x, Value y) {
  Value chosen = e.select(e.cmp(F::OGT, I::sgt, x, y), x, y);
  return e.select(e.make<arith::CmpFOp>(F::UNO, x, x), x, chosen);
}

Value smaller(Elements &e, Value x, Value y) {
  Value chosen = e.select(e.cmp(F::OLT, I::slt, x, y), x, y);
  return e.select(e.make<arith::CmpFOp>(F::UNO, x, x), x, chosen);
}

// Numbers that are equal have the same bits, but for zeros: the bits of both are the larger one of
// those, the bits of either the smaller.
template <typename Merge> Value equalOr(Elements &e, Value x, Value y, Value other) {
  Type bits = withElement(e.type, e.b.getIntegerType(e.element().getIntOrFloatBitWidth()));
  Value merged = e.make<Merge>(e.make<arith::BitcastOp>(bits, x), e.make<arith::BitcastOp>(bits, y));
  return e.select(e.cmp(F::OEQ, I::eq, x, y), e.make<arith::BitcastOp>(e.type, merged), other);
}

// The number that every lane of |value| is known to be.
std::optional<APFloat> knownNumber(Value value) {
  while (isa_and_nonnull<vector::BroadcastOp, arith::ExtFOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  Attribute constant;
  if (!matchPattern(value, m_Constant(&constant)))
    return std::nullopt;
  if (auto splat = dyn_cast<SplatElementsAttr>(constant))
    return splat.getSplatValue<APFloat>();
  auto number = dyn_cast<FloatAttr>(constant);
  return number ? std::optional(number.getValue()) : std::nullopt;
}

// Whether |y| may stand for any number that equals it, as the bounds of a relu6 may: it is known, and
// no zero of the sign that loses.
bool winsTies(Value y, bool losesNegative) {
  std::optional<APFloat> known = knownNumber(y);
  return known && !known->isNaN() && !(known->isZero() && known->isNegative() == losesNegative);
}

Value maximum(Elements &e, Value x, Value y) {
  if (!e.isFloat())
    return e.isUnsigned ? e.make<arith::MaxUIOp>(x, y) : e.make<arith::MaxSIOp>(x, y);
  if (knownNumber(x))
    std::swap(x, y);
  if (winsTies(y, /*losesNegative=*/true))
    return e.select(e.cmp(F::UGT, I::sgt, x, y), x, y); // unordered: NaN stays
  return equalOr<arith::AndIOp>(e, x, y, larger(e, x, y));
}

Value minimum(Elements &e, Value x, Value y) {
  if (!e.isFloat())
    return e.isUnsigned ? e.make<arith::MinUIOp>(x, y) : e.make<arith::MinSIOp>(x, y);
  if (knownNumber(x))
    std::swap(x, y);
  if (winsTies(y, /*losesNegative=*/false))
    return e.select(e.cmp(F::ULT, I::slt, x, y), x, y);
  return equalOr<arith::OrIOp>(e, x, y, smaller(e, x, y));
}

template <typename FloatOp, typename IntOp> Value either(Elements &e, Value x, Value y) {
  return e.isFloat() ? e.make<FloatOp>(x, y) : e.make<IntOp>(x, y);
}

Value unary(Elements &e, Operation *op, Value x) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ir::NegOp) {
        return e.isFloat() ? e.make<arith::NegFOp>(x)
                           : e.make<arith::SubIOp>(e.constant(0), x);
      })
      .Case([&](ir::AbsOp) { return absolute(e, x); })
      .Case([&](ir::SignOp) { return sign(e, x); })
      .Case([&](ir::ExpOp) { return e.make<math::ExpOp>(x); })
      .Case([&](ir::Expm1Op) { return e.make<math::ExpM1Op>(x); })
      .Case([&](ir::LogOp) { return e.make<math::LogOp>(x); })
      .Case([&](ir::Log1pOp) { return e.make<math::Log1pOp>(x); })
      .Case([&](ir::SqrtOp) { return e.make<math::SqrtOp>(x); })
      .Case([&](ir::RsqrtOp) { return e.make<math::RsqrtOp>(x); })
      .Case([&](ir::ReciprocalOp) { return e.make<arith::DivFOp>(e.constant(1), x); })
      .Case([&](ir::TanhOp) { return e.make<math::TanhOp>(x); })
      .Case([&](ir::SigmoidOp) { return sigmoid(e, x); })
      .Case([&](ir::ErfOp) { return e.make<math::ErfOp>(x); })
      .Case([&](ir::SinOp) { return e.make<math::SinOp>(x); })
      .Case([&](ir::CosOp) { return e.make<math::CosOp>(x); })
      .Case([&](ir::FloorOp) { return e.make<math::FloorOp>(x); })
      .Case([&](ir::CeilOp) { return e.make<math::CeilOp>(x); })
      .Case([&](ir::RoundOp) { return e.make<math::RoundEvenOp>(x); })
      .Case([&](ir::NotOp) { return e.make<arith::XOrIOp>(x, e.constant(1)); })
      .Default(Value());
}

Value binary(Elements &e, Operation *op, Value x, Value y) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](ir::AddOp) { return either<arith::AddFOp, arith::AddIOp>(e, x, y); })
      .Case([&](ir::SubOp) { return either<arith::SubFOp, arith::SubIOp>(e, x, y); })
      .Case([&](ir::MulOp) { return either<arith::MulFOp, arith::MulIOp>(e, x, y); })
      .Case([&](ir::DivOp) { return divide(e, x, y); })
      .Case([&](ir::MaxOp) { return maximum(e, x, y); })
      .Case([&](ir::MinOp) { return minimum(e, x, y); })
      .Case([&](ir::PowOp) { return power(e, x, y); })
      .Case([&](ir::RemOp) { return remainder(e, x, y); })
      .Case([&](ir::AndOp) { return e.make<arith::AndIOp>(x, y); })
      .Case([&](ir::OrOp) { return e.make<arith::OrIOp>(x, y); })
      .Case([&](ir::XorOp) { return e.make<arith::XOrIOp>(x, y); })
      .Default(Value());
}

Value compare(Elements &e, ir::ComparePredicate predicate, Value x, Value y) {
  bool u = e.isUnsigned || e.element().isInteger(1);
  switch (predicate) {
  case ir::ComparePredicate::eq:
    return e.cmp(F::OEQ, I::eq, x, y);
  case ir::ComparePredicate::ne:
    return e.cmp(F::UNE, I::ne, x, y);
  case ir::ComparePredicate::lt:
    return e.cmp(F::OLT, u ? I::ult : I::slt, x, y);
  case ir::ComparePredicate::le:
    return e.cmp(F::OLE, u ? I::ule : I::sle, x, y);
  case ir::ComparePredicate::gt:
    return e.cmp(F::OGT, u ? I::ugt : I::sgt, x, y);
  case ir::ComparePredicate::ge:
    return e.cmp(F::OGE, u ? I::uge : I::sge, x, y);
  }
  llvm_unreachable("all predicates are handled");
}

Type elementOfTensor(Value v) { return cast<RankedTensorType>(v.getType()).getElementType(); }

// Floats of 16 bits are computed in f32.
Type computeType(Type type, OpBuilder &b) {
  Type element = getElementTypeOrSelf(type);
  return element.isF16() || element.isBF16() ? withElement(type, b.getF32Type()) : type;
}

// Back to 16 bits what has no more of them: bf16 is the upper half of f32, and need not be rounded.
Value narrowExactly(Elements &e, Type type, Value y) {
  if (!getElementTypeOrSelf(type).isBF16())
    return e.make<arith::TruncFOp>(type, y);
  Type wide = withElement(type, e.b.getI32Type()), narrow = withElement(type, e.b.getI16Type());
  Elements bits{e.b, e.loc, wide, true};
  Value upper = bits.make<arith::ShRUIOp>(bits.make<arith::BitcastOp>(wide, y), bits.constant(16));
  return bits.make<arith::BitcastOp>(type, bits.make<arith::TruncIOp>(narrow, upper));
}

// Of operands of 16 bits such an op has results of as many.
bool isExact(Operation *op) { return isa<ir::AbsOp, ir::NegOp, ir::MaxOp, ir::MinOp>(op); }

Value emitElementwise(OpBuilder &b, Operation *op, ValueRange operands) {
  Type type = operands[0].getType(), compute = computeType(type, b);
  SmallVector<Value> x(operands);
  if (compute != type)
    for (Value &v : x)
      v = arith::ExtFOp::create(b, op->getLoc(), compute, v);
  bool isUnsigned = elementOfTensor(op->getOperand(0)).isUnsignedInteger();
  Elements e{b, op->getLoc(), compute, isUnsigned};
  if (auto comparison = dyn_cast<ir::CompareOp>(op))
    return compare(e, comparison.getPredicate(), x[0], x[1]);
  if (isa<ir::ReluOp>(op)) { // selects among the 16 bits themselves
    Elements given{b, op->getLoc(), type, isUnsigned};
    return relu(e, x[0], given, operands[0]);
  }
  Value y = x.size() == 1 ? unary(e, op, x[0]) : binary(e, op, x[0], x[1]);
  if (y && compute != type)
    y = isExact(op) ? narrowExactly(e, type, y) : e.make<arith::TruncFOp>(type, y);
  return y;
}

} // namespace

bool isPointwise(Operation *op) {
  auto fusible = dyn_cast<ir::Fusible>(op);
  return fusible && fusible.getFusionKind() == ir::FusionKind::Pointwise;
}

FailureOr<Value> emitPointwise(OpBuilder &b, Operation *op, ValueRange operands) {
  Value y;
  if (isa<ir::SelectOp>(op))
    y = arith::SelectOp::create(b, op->getLoc(), operands[0], operands[1], operands[2]);
  else if (isa<ir::CastOp>(op))
    y = emitCast(b, op->getLoc(), operands[0], elementOfTensor(op->getOperand(0)),
                 elementOfTensor(op->getResult(0)));
  else if (isPointwise(op))
    y = emitElementwise(b, op, operands);
  if (!y)
    return op->emitOpError("has no elementwise lowering"), failure();
  return y;
}

Value emitLarger(OpBuilder &b, Location loc, Value x, Value y) {
  Type type = x.getType(), compute = computeType(type, b);
  Elements e{b, loc, compute, false};
  if (compute == type)
    return larger(e, x, y);
  Value z = larger(e, e.make<arith::ExtFOp>(compute, x), e.make<arith::ExtFOp>(compute, y));
  return narrowExactly(e, type, z);
}

} // namespace dlc::codegen
