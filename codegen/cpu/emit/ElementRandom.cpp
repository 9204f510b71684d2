// Random numbers: Philox4x32-10 over lanes of counters.
//
// Where an unrolled loop asks for four neighbouring vectors, one run of the generator makes all of
// them. Anywhere else each lane runs its own block and keeps one word of it, which costs four times
// as much and is always right.
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/cpu/emit/Philox.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

// Turns words into numbers of one op's distribution.
struct Distribution {
  KernelBuilder &k;
  OpBuilder &b;
  VectorType type; // of the results
  Value threshold; // bernoulli: vector of i32, else null
  bool normal;

  Value unit(Value word, int64_t add) {
    Value shifted = arith::ShRUIOp::create(b, k.loc(), word, k.intConstant(word.getType(), 8));
    if (add)
      shifted = k.sum(shifted, k.intConstant(word.getType(), add));
    Value number = arith::SIToFPOp::create(b, k.loc(), type, shifted);
    return k.product(number, k.floatConstant(type, 0x1p-24));
  }
  Value radius(Value word) {
    Value log = math::LogOp::create(b, k.loc(), unit(word, 1));
    return math::SqrtOp::create(b, k.loc(), k.product(log, k.floatConstant(type, -2.0)));
  }
  Value angle(Value word) {
    return k.product(unit(word, 0), k.floatConstant(type, 0x1.921fb54442d18p+2));
  }

  // Box-Muller: the four normal numbers of a block from its four words.
  SmallVector<Value> block(ArrayRef<Value> words) {
    SmallVector<Value> out;
    for (int pair = 0; pair < 4; pair += 2) {
      Value r = radius(words[pair]), a = angle(words[pair + 1]);
      out.push_back(k.product(r, math::CosOp::create(b, k.loc(), a)));
      out.push_back(k.product(r, math::SinOp::create(b, k.loc(), a)));
    }
    return out;
  }
  // Uniform and bernoulli: one word, one result.
  Value single(Value word) {
    if (!threshold)
      return unit(word, 0);
    Value bits = arith::ShRUIOp::create(b, k.loc(), word, k.intConstant(word.getType(), 8));
    Value limit = threshold;
    int64_t lanes = KernelBuilder::lanesOf(word.getType());
    if (k.target().fewRegisters()) // not in a register while the generator runs
      limit = k.splat(Philox(k, lanes).opaque(threshold), lanes);
    return arith::CmpIOp::create(b, k.loc(), arith::CmpIPredicate::ult, bits, limit);
  }
};

// The bernoulli threshold round(p * 2^24) within [0, 2^24], NaN as 0.
Value thresholdOf(KernelBuilder &k, Value p, Type element) {
  OpBuilder &b = k.builder();
  Value scaled = k.product(p, k.floatConstant(p.getType(), 0x1p24));
  Value whole = math::RoundEvenOp::create(b, k.loc(), scaled);
  Value t = emitCast(b, k.loc(), whole, element, k.i32());
  t = arith::MaxSIOp::create(b, k.loc(), t, k.zero(t.getType()));
  return arith::MinSIOp::create(b, k.loc(), t, k.intConstant(t.getType(), 1 << 24));
}

} // namespace

FailureOr<Value> ElementEmitter::random() {
  Philox philox(k, e.lanes());
  Value keyTensor = op->getOperand(0);
  FailureOr<Value> seed = e.at(keyTensor, {{Coordinate::uniform(0)}, {}});
  FailureOr<Value> step = e.at(keyTensor, {{Coordinate::uniform(1)}, {}});
  if (failed(seed) || failed(step))
    return failure();
  Distribution d{k, k.builder(), vectorOf(resultElement()), {}, isa<ir::RandomNormalOp>(op)};
  if (auto bernoulli = dyn_cast<ir::RandomBernoulliOp>(op)) {
    FailureOr<Value> p = e.at(bernoulli.getProbability(), {});
    if (failed(p))
      return failure();
    d.threshold = thresholdOf(k, *p, elementOf(bernoulli.getProbability()));
  }
  uint32_t stream = op->getAttrOfType<IntegerAttr>("stream").getValue().getLimitedValue();
  Value given = e.streamNumber(stream);
  auto words = [&](Value low, Value high) {
    Value number = given ? k.splat(k.convert(given, k.i32()), e.lanes()) : philox.constant(stream);
    return philox.run({low, high, number, philox.low(*step)}, philox.low(*seed),
                      philox.high(*seed));
  };
  Coordinate place = rankOf(op->getResult(0)) == 0 ? Coordinate::uniform(0)
                                                   : e.linear(index, e.extentsOf(op->getResult(0)));
  if (place.kind == Coordinate::Lanes && e.lanes() % 4 == 0)
    if (std::optional<Elements::StepVector> at = e.stepOf(place.base); at && at->number < 4) {
      SmallVector<Value> &made = e.stepValues[{op, at->key}];
      if (made.empty()) {
        Size base = k.div(k.add(at->base, at->offset), 4);
        SmallVector<Value> counters = blockCounters(philox, base, e.lanes());
        SmallVector<Value> w = words(counters[0], counters[1]);
        made = interleaveBlocks(k, d.normal ? d.block(w) : w, e.lanes());
      }
      Value mine = made[at->number];
      return d.normal ? mine : d.single(mine);
    }
  LaneCounters counters;
  if (place.kind == Coordinate::Lanes) {
    counters = laneCounters(philox, place.base, e.lanes());
  } else {
    Value element = positions(place);
    Value two = k.intConstant(element.getType(), 2);
    Value block = arith::ShRUIOp::create(k.builder(), k.loc(), element, two);
    counters = {philox.low(block), philox.high(block), philox.low(element)};
  }
  SmallVector<Value> w = words(counters.low, counters.high);
  Value low = counters.word;
  auto bit = [&](int64_t mask) -> Value {
    Value all = k.intConstant(low.getType(), mask);
    if (k.target().fewRegisters())
      all = k.splat(philox.opaque(k.intConstant(k.i32(), mask)), e.lanes());
    Value masked = arith::AndIOp::create(k.builder(), k.loc(), low, all);
    return arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::ne, masked,
                                 k.zero(low.getType()));
  };
  Value even = select(bit(2), w[2], w[0]), odd = select(bit(2), w[3], w[1]);
  if (!d.normal)
    return d.single(select(bit(1), odd, even));
  Value r = d.radius(even), a = d.angle(odd);
  Value cosine = k.product(r, math::CosOp::create(k.builder(), k.loc(), a));
  Value sine = k.product(r, math::SinOp::create(k.builder(), k.loc(), a));
  return select(bit(1), sine, cosine);
}

FailureOr<Value> ElementEmitter::randomFold(ir::RandomFoldOp op) {
  Philox philox(k, e.lanes());
  FailureOr<Value> seed = e.at(op.getKey(), {{Coordinate::uniform(0)}, {}});
  FailureOr<Value> step = e.at(op.getKey(), {{Coordinate::uniform(1)}, {}});
  FailureOr<Value> number = e.at(op.getI(), {});
  if (failed(seed) || failed(step) || failed(number))
    return failure();
  Value i = k.convert(*number, k.i64());
  SmallVector<Value> w =
      philox.run({philox.low(i), philox.high(i), philox.constant(0xFFFFFFFF), philox.low(*step)},
                 philox.low(*seed), philox.high(*seed));
  Type wide = step->getType();
  Value high = arith::ExtUIOp::create(k.builder(), k.loc(), wide, w[1]);
  Value low = arith::ExtUIOp::create(k.builder(), k.loc(), wide, w[0]);
  Value folded = arith::OrIOp::create(
      k.builder(), k.loc(), low,
      arith::ShLIOp::create(k.builder(), k.loc(), high, k.intConstant(wide, 32)));
  Value isSeed = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq,
                                       positions(index.coordinates.front()), k.zero(wide));
  return select(isSeed, folded, *step);
}

} // namespace dlc::codegen::cpu
