// Index arithmetic, control flow and arithmetic; memory and phases are in KernelMemory.cpp.
#include "codegen/cpu/KernelBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

Size::Size(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    number = constant.getSExtValue();
  else
    dynamic = value;
}

// ---- Types

Type KernelBuilder::pointerType() { return LLVM::LLVMPointerType::get(b.getContext()); }

VectorType KernelBuilder::vectorType(Type element, int64_t lanes) {
  return VectorType::get({lanes}, element);
}

int64_t KernelBuilder::storedBytes(Type element) {
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}

Type KernelBuilder::elementOf(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getElementType() : type;
}

int64_t KernelBuilder::lanesOf(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

// ---- Index arithmetic

Value KernelBuilder::value(Size size) {
  if (!size.isConstant())
    return size.value();
  return arith::ConstantOp::create(b, where, b.getI64IntegerAttr(size.constant()));
}

// Sizes and offsets never wrap; saying so lets LLVM fold them into addresses.
static constexpr auto kNoWrap = arith::IntegerOverflowFlags::nsw;

Size KernelBuilder::add(Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return x.constant() + y.constant();
  if (x.is(0) || y.is(0))
    return x.is(0) ? y : x;
  return Value(arith::AddIOp::create(b, where, value(x), value(y), kNoWrap));
}

Size KernelBuilder::sub(Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return x.constant() - y.constant();
  if (y.is(0))
    return x;
  return Value(arith::SubIOp::create(b, where, value(x), value(y), kNoWrap));
}

Size KernelBuilder::mul(Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return x.constant() * y.constant();
  if (x.is(0) || y.is(0))
    return 0;
  if (x.is(1) || y.is(1))
    return x.is(1) ? y : x;
  return Value(arith::MulIOp::create(b, where, value(x), value(y), kNoWrap));
}

// Unsigned division of what is never negative: a power of two becomes one shift. By a known zero,
// as where a batch is known to be empty, the code is never reached: any value will do.
Size KernelBuilder::div(Size x, Size y) {
  if (x.is(0) || y.is(0))
    return 0;
  if (x.isConstant() && y.isConstant())
    return x.constant() / y.constant();
  if (y.is(1))
    return x;
  return Value(arith::DivUIOp::create(b, where, value(x), value(y)));
}

Size KernelBuilder::rem(Size x, Size y) {
  if (x.is(0) || y.is(0) || y.is(1))
    return 0;
  if (x.isConstant() && y.isConstant())
    return x.constant() % y.constant();
  return Value(arith::RemUIOp::create(b, where, value(x), value(y)));
}

Size KernelBuilder::ceilDiv(Size x, Size y) { return div(add(x, sub(y, 1)), y); }

Size KernelBuilder::floorDiv(Size x, Size y) {
  if (x.isConstant() && y.isConstant()) {
    int64_t quotient = x.constant() / y.constant();
    return x.constant() % y.constant() < 0 ? quotient - 1 : quotient;
  }
  if (y.is(1))
    return x;
  // For x < 0: -1 - (-1 - x) / y.
  Value negative = less(x, 0);
  Size mirrored = div(select(negative, sub(-1, x), x), y);
  return select(negative, sub(-1, mirrored), mirrored);
}

Size KernelBuilder::min(Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return std::min(x.constant(), y.constant());
  return Value(arith::MinSIOp::create(b, where, value(x), value(y)));
}

Size KernelBuilder::max(Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return std::max(x.constant(), y.constant());
  return Value(arith::MaxSIOp::create(b, where, value(x), value(y)));
}

static std::optional<bool> knownCondition(Value condition) {
  APInt constant;
  if (matchPattern(condition, m_ConstantInt(&constant)))
    return !constant.isZero();
  return std::nullopt;
}

Size KernelBuilder::select(Value condition, Size x, Size y) {
  if (std::optional<bool> known = knownCondition(condition))
    return *known ? x : y;
  if (x.isConstant() && y.isConstant() && x.constant() == y.constant())
    return x;
  return Value(arith::SelectOp::create(b, where, condition, value(x), value(y)));
}

Value KernelBuilder::compare(arith::CmpIPredicate predicate, Size x, Size y) {
  if (x.isConstant() && y.isConstant())
    return intConstant(i1(), arith::applyCmpPredicate(predicate, APInt(64, x.constant(), true),
                                                      APInt(64, y.constant(), true)));
  return arith::CmpIOp::create(b, where, predicate, value(x), value(y));
}

Value KernelBuilder::both(Value p, Value q) {
  if (std::optional<bool> known = knownCondition(p))
    return *known ? q : p;
  if (std::optional<bool> known = knownCondition(q))
    return *known ? p : q;
  return arith::AndIOp::create(b, where, p, q);
}

SmallVector<Size> KernelBuilder::delinearize(Size index, ArrayRef<Size> extents) {
  SmallVector<Size> coordinates(extents.size());
  for (size_t d = extents.size(); d-- > 1;) {
    coordinates[d] = rem(index, extents[d]);
    index = div(index, extents[d]);
  }
  if (!extents.empty())
    coordinates[0] = index;
  return coordinates;
}

// ---- Control flow

SmallVector<Value> KernelBuilder::forLoop(Size begin, Size end, Size step, ValueRange initial,
                                          LoopBody body) {
  if (begin.isConstant() && end.isConstant() && begin.constant() >= end.constant())
    return SmallVector<Value>(initial);
  if (begin.isConstant() && end.isConstant() && step.isConstant() &&
      begin.constant() + step.constant() >= end.constant())
    return body(value(begin), initial);
  auto loop = scf::ForOp::create(b, where, value(begin), value(end), value(step), initial,
                                 [&](OpBuilder &, Location, Value iv, ValueRange carried) {
                                   // |b| stands in the new body already: the callback's builder is
                                   // |b|.
                                   scf::YieldOp::create(b, where, body(iv, carried));
                                 });
  return SmallVector<Value>(loop.getResults());
}

void KernelBuilder::forLoop(Size begin, Size end, Size step, function_ref<void(Value)> body) {
  forLoop(begin, end, step, ValueRange(), [&](Value iv, ValueRange) {
    body(iv);
    return SmallVector<Value>();
  });
}

void KernelBuilder::ifThen(Value condition, function_ref<void()> then) {
  if (std::optional<bool> known = knownCondition(condition)) {
    if (*known)
      then();
    return;
  }
  scf::IfOp::create(b, where, condition, [&](OpBuilder &, Location) {
    then();
    scf::YieldOp::create(b, where);
  });
}

void KernelBuilder::ifElse(Value condition, function_ref<void()> then,
                           function_ref<void()> otherwise) {
  chooseValues(
      condition, [&] { return then(), SmallVector<Value>(); },
      [&] { return otherwise(), SmallVector<Value>(); });
}

SmallVector<Value> KernelBuilder::chooseValues(Value condition, Branch then, Branch otherwise) {
  if (std::optional<bool> known = knownCondition(condition))
    return *known ? then() : otherwise();
  auto branch = scf::IfOp::create(
      b, where, condition, [&](OpBuilder &, Location) { scf::YieldOp::create(b, where, then()); },
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, where, otherwise()); });
  return SmallVector<Value>(branch.getResults());
}

// ---- Values

Value KernelBuilder::zero(Type type) {
  return arith::ConstantOp::create(b, where, b.getZeroAttr(type));
}

Value KernelBuilder::floatConstant(Type type, double number) {
  Type element = elementOf(type);
  TypedAttr attr = b.getFloatAttr(element, number);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(b, where, attr);
}

Value KernelBuilder::intConstant(Type type, int64_t number) {
  TypedAttr attr = b.getIntegerAttr(elementOf(type), number);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::ConstantOp::create(b, where, attr);
}

Value KernelBuilder::splat(Value scalar, int64_t lanes) {
  if (lanes == 1)
    return scalar;
  VectorType type = vectorType(scalar.getType(), lanes);
  if (!isa<FloatType>(scalar.getType()) || scalar.getType().getIntOrFloatBitWidth() != 16)
    return vector::BroadcastOp::create(b, where, type, scalar);
  // As an integer: of a processor without arithmetic for it LLVM would widen the number, and call a
  // function of the compiler's own library to round each lane again.
  Value bits = arith::BitcastOp::create(b, where, b.getI16Type(), scalar);
  Value all = vector::BroadcastOp::create(b, where, type.clone(b.getI16Type()), bits);
  return arith::BitcastOp::create(b, where, type, all);
}

Value KernelBuilder::extract(Value vector, int64_t lane) {
  return vector::ExtractOp::create(b, where, vector, ArrayRef<int64_t>{lane});
}

Value KernelBuilder::insert(Value scalar, Value vector, int64_t lane) {
  return vector::InsertOp::create(b, where, scalar, vector, ArrayRef<int64_t>{lane});
}

Value KernelBuilder::iota(int64_t lanes, Type element) {
  SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(b.getIntegerAttr(element, lane));
  return arith::ConstantOp::create(b, where,
                                   DenseElementsAttr::get(vectorType(element, lanes), numbers));
}

// In 32 bits, so that sixteen lanes compare in one instruction.
Value KernelBuilder::laneMask(Size count, int64_t lanes) {
  Size clamped = max(min(count, lanes), 0);
  Value narrow = clamped.isConstant()
                     ? intConstant(i32(), clamped.constant())
                     : Value(arith::TruncIOp::create(b, where, i32(), clamped.value()));
  return arith::CmpIOp::create(b, where, arith::CmpIPredicate::slt, iota(lanes, i32()),
                               splat(narrow, lanes));
}

// ---- Arithmetic

static bool isFloat(Value x) { return isa<FloatType>(KernelBuilder::elementOf(x.getType())); }

Value KernelBuilder::sum(Value x, Value y) {
  if (isFloat(x))
    return arith::AddFOp::create(b, where, x, y);
  return arith::AddIOp::create(b, where, x, y);
}

Value KernelBuilder::difference(Value x, Value y) {
  if (isFloat(x))
    return arith::SubFOp::create(b, where, x, y);
  return arith::SubIOp::create(b, where, x, y);
}

Value KernelBuilder::product(Value x, Value y) {
  if (isFloat(x))
    return arith::MulFOp::create(b, where, x, y);
  return arith::MulIOp::create(b, where, x, y);
}

// Without the instruction LLVM would call fmaf, lane by lane.
Value KernelBuilder::fma(Value x, Value y, Value z) {
  if (isFloat(x) && cpu.fusedMultiplyAdd)
    return math::FmaOp::create(b, where, x, y, z);
  return sum(product(x, y), z);
}

Value KernelBuilder::convert(Value x, Type element) {
  Type from = elementOf(x.getType());
  if (from == element)
    return x;
  Type to =
      isa<VectorType>(x.getType()) ? Type(vectorType(element, lanesOf(x.getType()))) : element;
  bool widens = from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth();
  if (isa<FloatType>(from) && isa<FloatType>(element)) {
    if (from.getIntOrFloatBitWidth() == element.getIntOrFloatBitWidth())
      return convert(convert(x, f32()), element); // f16 <-> bf16
    return widens ? Value(arith::ExtFOp::create(b, where, to, x))
                  : Value(arith::TruncFOp::create(b, where, to, x));
  }
  if (isa<FloatType>(element))
    return arith::SIToFPOp::create(b, where, to, x);
  if (isa<FloatType>(from))
    return arith::FPToSIOp::create(b, where, to, x);
  return widens ? Value(arith::ExtSIOp::create(b, where, to, x))
                : Value(arith::TruncIOp::create(b, where, to, x));
}

// Halves are added until one lane is left: log2(N) steps and an order that never changes.
Value KernelBuilder::horizontalSum(Value vector) {
  for (int64_t lanes = lanesOf(vector.getType()); lanes > 1; lanes /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes / 2; ++lane) {
      low.push_back(lane);
      high.push_back(lane + lanes / 2);
    }
    vector = sum(vector::ShuffleOp::create(b, where, vector, vector, low),
                 vector::ShuffleOp::create(b, where, vector, vector, high));
  }
  return extract(vector, 0);
}
