// Reductions as states. A float maximum keeps NaN in a second value: a comparison drops it, and
// carrying it along in the maximum itself costs more in the loop. Without a NaN that value is -0,
// which added to anything leaves it as it is.
#include "codegen/cpu/emit/Accumulator.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace mlir;

namespace dlc::codegen::cpu {

using F = arith::CmpFPredicate;
using I = arith::CmpIPredicate;

bool isAxesReduction(Operation *op) {
  return isa<ir::SumOp, ir::MeanOp, ir::ProdOp, ir::ReduceMaxOp, ir::ReduceMinOp>(op);
}

bool isReduction(Operation *op) {
  return isAxesReduction(op) || isa<ir::ArgmaxOp, ir::ArgminOp>(op);
}

SmallVector<int64_t> reducedAxes(Operation *op) {
  return llvm::TypeSwitch<Operation *, SmallVector<int64_t>>(op)
      .Case<ir::SumOp, ir::MeanOp, ir::ProdOp, ir::ReduceMaxOp, ir::ReduceMinOp>(
          [](auto r) { return SmallVector<int64_t>(r.getAxes()); })
      .Case<ir::ArgmaxOp, ir::ArgminOp>(
          [](auto r) { return SmallVector<int64_t>{static_cast<int64_t>(r.getAxis())}; });
}

Accumulator::Accumulator(KernelBuilder &k, Operation *op, int64_t lanes)
    : k(k), op(op), lanes(lanes) {
  kind = llvm::TypeSwitch<Operation *, Kind>(op)
             .Case([](ir::MeanOp) { return Kind::Mean; })
             .Case([](ir::ProdOp) { return Kind::Product; })
             .Case([](ir::ReduceMaxOp) { return Kind::Max; })
             .Case([](ir::ReduceMinOp) { return Kind::Min; })
             .Case([](ir::ArgmaxOp) { return Kind::ArgMax; })
             .Case([](ir::ArgminOp) { return Kind::ArgMin; })
             .Default(Kind::Sum);
  Type element = ElementEmitter::elementOf(op->getOperand(0));
  isUnsigned = element.isUnsignedInteger();
  Type compute = element.isF16() || element.isBF16() ? k.f32() : kernelElement(element);
  types.push_back(compute);
  if (isArg())
    types.push_back(k.i64());
  else if (isExtreme() && isa<FloatType>(compute))
    types.push_back(compute);
}

Value Accumulator::select(Value mask, Value yes, Value no) {
  return mask ? Value(arith::SelectOp::create(k.builder(), k.loc(), mask, yes, no)) : yes;
}

Value Accumulator::isNan(Value x) {
  return arith::CmpFOp::create(k.builder(), k.loc(), F::UNO, x, x);
}

Value Accumulator::beats(Value x, Value best) {
  if (isFloat())
    return arith::CmpFOp::create(k.builder(), k.loc(), isMax() ? F::OGT : F::OLT, x, best);
  I predicate = isMax() ? (isUnsigned ? I::ugt : I::sgt) : (isUnsigned ? I::ult : I::slt);
  return arith::CmpIOp::create(k.builder(), k.loc(), predicate, x, best);
}

Value Accumulator::neutral() {
  VectorType type = vectorOf(0);
  if (!isExtreme())
    return isFloat() ? k.floatConstant(type, kind == Kind::Product ? 1 : 0)
                     : k.intConstant(type, kind == Kind::Product ? 1 : 0);
  if (isFloat()) {
    double infinity = std::numeric_limits<double>::infinity();
    return k.floatConstant(type, isMax() ? -infinity : infinity);
  }
  unsigned bits = types[0].getIntOrFloatBitWidth();
  APInt worst = isUnsigned ? (isMax() ? APInt::getMinValue(bits) : APInt::getMaxValue(bits))
                           : (isMax() ? APInt::getSignedMinValue(bits)
                                      : APInt::getSignedMaxValue(bits));
  return k.intConstant(type, worst.getSExtValue());
}

Accumulator::State Accumulator::initial() {
  State state{neutral()};
  if (size() == 2)
    state.push_back(isArg() ? k.zero(vectorOf(1)) : k.floatConstant(vectorOf(1), -0.0));
  return state;
}

Accumulator::State Accumulator::step(ArrayRef<Value> state, Value x, Value mask,
                                     function_ref<Value()> position) {
  x = k.convert(x, types[0]);
  switch (kind) {
  case Kind::Sum:
  case Kind::Mean:
    return {k.sum(state[0], select(mask, x, neutral()))};
  case Kind::Product:
    return {k.product(state[0], select(mask, x, neutral()))};
  default:
    break;
  }
  Value better = beats(x, state[0]);
  if (isArg()) {
    if (isFloat()) {
      // The first NaN wins over all numbers, and stays.
      Value full = k.intConstant(better.getType(), 1);
      Value number = arith::XOrIOp::create(k.builder(), k.loc(), isNan(state[0]), full);
      Value firstNan = k.both(isNan(x), number);
      better = arith::OrIOp::create(k.builder(), k.loc(), better, firstNan);
    }
    if (mask)
      better = k.both(better, mask);
    return {select(better, x, state[0]), select(better, position(), state[1])};
  }
  if (mask)
    better = k.both(better, mask);
  State next{select(better, x, state[0])};
  if (isFloat()) {
    Value nan = isNan(x);
    next.push_back(select(mask ? k.both(nan, mask) : nan, x, state[1]));
  }
  return next;
}

Accumulator::State Accumulator::merge(ArrayRef<Value> a, ArrayRef<Value> b) {
  switch (kind) {
  case Kind::Sum:
  case Kind::Mean:
    return {k.sum(a[0], b[0])};
  case Kind::Product:
    return {k.product(a[0], b[0])};
  default:
    break;
  }
  Value better = beats(b[0], a[0]);
  if (!isArg()) {
    State merged{select(better, b[0], a[0])};
    if (isFloat())
      merged.push_back(k.sum(a[1], b[1]));
    return merged;
  }
  // Equal (or both NaN): the earlier position.
  auto either = [&](Value x, Value y) -> Value {
    return arith::OrIOp::create(k.builder(), k.loc(), x, y);
  };
  Value earlier = arith::CmpIOp::create(k.builder(), k.loc(), I::slt, b[1], a[1]);
  Value equal;
  if (isFloat()) {
    Value full = k.intConstant(better.getType(), 1);
    Value aNan = isNan(a[0]), bNan = isNan(b[0]);
    Value aNumber = arith::XOrIOp::create(k.builder(), k.loc(), aNan, full);
    better = either(better, k.both(bNan, aNumber));
    equal = either(arith::CmpFOp::create(k.builder(), k.loc(), F::OEQ, a[0], b[0]),
                   k.both(aNan, bNan));
  } else {
    equal = arith::CmpIOp::create(k.builder(), k.loc(), I::eq, a[0], b[0]);
  }
  better = either(better, k.both(equal, earlier));
  return {select(better, b[0], a[0]), select(better, b[1], a[1])};
}

Accumulator::State Accumulator::acrossLanes(State state) {
  for (int64_t distance = lanes / 2; distance > 0; distance /= 2) {
    SmallVector<int64_t> crossed;
    for (int64_t lane = 0; lane < lanes; ++lane)
      crossed.push_back(lane ^ distance);
    State other;
    for (Value v : state)
      other.push_back(vector::ShuffleOp::create(k.builder(), k.loc(), v, v, crossed));
    state = merge(state, other);
  }
  return state;
}

Value Accumulator::finish(ArrayRef<Value> state, Size count) {
  Type result = kernelElement(ElementEmitter::elementOf(op->getResult(0)));
  if (isArg())
    return k.convert(state[1], result);
  Value y = state[0];
  if (isExtreme() && isFloat())
    y = k.sum(y, state[1]);
  if (kind == Kind::Mean) {
    Value n = emitCast(k.builder(), k.loc(), k.value(count), k.i64(), types[0]);
    y = arith::DivFOp::create(k.builder(), k.loc(), y, k.splat(n, lanes));
  }
  return k.convert(y, result);
}

} // namespace dlc::codegen::cpu
