// Random numbers: Philox4x32-10 over lanes of counters.
//
// A block of four words belongs to four consecutive elements. Where an unrolled loop asks for four
// neighbouring vectors, one run of the generator over as many counters as there are lanes makes
// all of them: the words are interleaved into elements by shuffles. Anywhere else each lane runs
// its own block and keeps one word of it, which costs four times as much and is always right.
#include "codegen/cpu/emit/ElementEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

// Arithmetic on vectors of 32-bit words.
struct Philox {
  KernelBuilder &k;
  OpBuilder &b;
  int64_t lanes;
  VectorType words;

  Philox(KernelBuilder &k, int64_t lanes)
      : k(k), b(k.builder()), lanes(lanes), words(k.vectorType(k.i32(), lanes)) {}

  Value constant(uint32_t v) { return k.intConstant(words, static_cast<int32_t>(v)); }
  Value xorOf(Value x, Value y) { return arith::XOrIOp::create(b, k.loc(), x, y); }
  Value low(Value wide) { return arith::TruncIOp::create(b, k.loc(), words, wide); }
  Value high(Value wide) {
    Value shift = k.intConstant(wide.getType(), 32);
    return low(arith::ShRUIOp::create(b, k.loc(), wide, shift));
  }

  // High and low halves of x * m. Even and odd words are multiplied as 64-bit lanes, which is one
  // instruction each; mului_extended is twice as slow.
  std::pair<Value, Value> multiply(Value x, uint32_t m) {
    if (lanes == 1 || lanes % 2) {
      VectorType wide = k.vectorType(k.i64(), lanes);
      Value p = k.product(arith::ExtUIOp::create(b, k.loc(), wide, x), k.intConstant(wide, m));
      return {high(p), low(p)};
    }
    VectorType pairs = k.vectorType(k.i64(), lanes / 2);
    Value v = vector::BitCastOp::create(b, k.loc(), pairs, x);
    Value mask = k.intConstant(pairs, 0xFFFFFFFF), factor = k.intConstant(pairs, m);
    Value shift = k.intConstant(pairs, 32);
    Value even = k.product(arith::AndIOp::create(b, k.loc(), v, mask), factor);
    Value odd = k.product(arith::ShRUIOp::create(b, k.loc(), v, shift), factor);
    Value e = vector::BitCastOp::create(b, k.loc(), words, even);
    Value o = vector::BitCastOp::create(b, k.loc(), words, odd);
    SmallVector<int64_t> lows, highs;
    for (int64_t i = 0; i < lanes; i += 2) {
      lows.append({i, lanes + i});
      highs.append({i + 1, lanes + i + 1});
    }
    return {vector::ShuffleOp::create(b, k.loc(), e, o, highs),
            vector::ShuffleOp::create(b, k.loc(), e, o, lows)};
  }

  // |key| as a scalar that LLVM must not look behind: the keys of the ten rounds do not change in
  // a loop, and kept in vector registers (twenty) they would push out everything else.
  Value opaque(Value key) {
    Value scalar = isa<VectorType>(key.getType()) ? k.extract(key, 0) : key;
    auto behind = LLVM::InlineAsmOp::create(
        b, k.loc(), k.i32(), ValueRange{scalar}, /*asm_string=*/"", /*constraints=*/"=r,0",
        /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
        LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT), ArrayAttr());
    return behind.getResult(0);
  }

  SmallVector<Value> run(SmallVector<Value> c, Value key0, Value key1) {
    key0 = opaque(key0);
    key1 = opaque(key1);
    auto next = [&](Value key, uint32_t step) {
      return opaque(k.sum(key, k.intConstant(k.i32(), static_cast<int32_t>(step))));
    };
    for (int round = 0; round < 10; ++round) {
      auto [high0, low0] = multiply(c[0], 0xD2511F53);
      auto [high1, low1] = multiply(c[2], 0xCD9E8D57);
      c = {xorOf(xorOf(high1, c[1]), k.splat(key0, lanes)), low1,
           xorOf(xorOf(high0, c[3]), k.splat(key1, lanes)), low0};
      key0 = next(key0, 0x9E3779B9);
      key1 = next(key1, 0xBB67AE85);
    }
    return c;
  }
};

// Turns words into numbers of one op's distribution.
struct Distribution {
  KernelBuilder &k;
  OpBuilder &b;
  VectorType type;   // of the results
  Value threshold;   // bernoulli: vector of i32, else null
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
  Value angle(Value word) { return k.product(unit(word, 0), k.floatConstant(type, 0x1.921fb54442d18p+2)); }

  // The four results of a block from its four words.
  SmallVector<Value> block(ArrayRef<Value> words) {
    SmallVector<Value> out;
    if (normal) {
      for (int pair = 0; pair < 4; pair += 2) {
        Value r = radius(words[pair]), a = angle(words[pair + 1]);
        out.push_back(k.product(r, math::CosOp::create(b, k.loc(), a)));
        out.push_back(k.product(r, math::SinOp::create(b, k.loc(), a)));
      }
      return out;
    }
    for (Value word : words)
      out.push_back(single(word));
    return out;
  }
  // Uniform and bernoulli: one word, one result.
  Value single(Value word) {
    if (!threshold)
      return unit(word, 0);
    Value bits = arith::ShRUIOp::create(b, k.loc(), word, k.intConstant(word.getType(), 8));
    return arith::CmpIOp::create(b, k.loc(), arith::CmpIPredicate::ult, bits, threshold);
  }
};

// Vector |j| of four that interleave the lanes of |blocks|: element 4l + w is lane l of blocks[w].
Value interleave(KernelBuilder &k, ArrayRef<Value> blocks, int64_t lanes, int64_t j) {
  OpBuilder &b = k.builder();
  SmallVector<int64_t> pairs, all;
  for (int64_t i = 0; i < lanes / 4; ++i)
    pairs.append({j * lanes / 4 + i, lanes + j * lanes / 4 + i});
  int64_t half = lanes / 2;
  for (int64_t i = 0; i < half; i += 2)
    all.append({i, i + 1, half + i, half + i + 1});
  Value first = vector::ShuffleOp::create(b, k.loc(), blocks[0], blocks[1], pairs);
  Value second = vector::ShuffleOp::create(b, k.loc(), blocks[2], blocks[3], pairs);
  return vector::ShuffleOp::create(b, k.loc(), first, second, all);
}

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
  auto words = [&](Value counters) {
    return philox.run({philox.low(counters), philox.high(counters), philox.constant(stream),
                       philox.low(*step)},
                      philox.low(*seed), philox.high(*seed));
  };
  Coordinate place = rankOf(op->getResult(0)) == 0
                         ? Coordinate::uniform(0)
                         : e.linear(index, e.extentsOf(op->getResult(0)));
  if (place.kind == Coordinate::Lanes && e.lanes() % 4 == 0)
    if (std::optional<Elements::StepVector> at = e.stepOf(place.base); at && at->number < 4) {
      SmallVector<Value> &made = e.stepValues[{op, at->key()}];
      if (made.empty()) {
        Coordinate counters = Coordinate::consecutive(k.div(k.add(at->base, at->offset), 4));
        made = d.block(words(positions(counters)));
      }
      return interleave(k, made, e.lanes(), at->number);
    }
  Value element = positions(place);
  Value two = k.intConstant(element.getType(), 2);
  SmallVector<Value> w = words(arith::ShRUIOp::create(k.builder(), k.loc(), element, two));
  Value low = philox.low(element);
  auto bit = [&](int64_t mask) -> Value {
    Value masked = arith::AndIOp::create(k.builder(), k.loc(), low, k.intConstant(low.getType(), mask));
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
  SmallVector<Value> w = philox.run({philox.low(i), philox.high(i), philox.constant(0xFFFFFFFF),
                                     philox.low(*step)},
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
