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
  Value andOf(Value x, Value y) { return arith::AndIOp::create(b, k.loc(), x, y); }
  Value upper(Value wide) {
    return arith::ShRUIOp::create(b, k.loc(), wide, k.intConstant(wide.getType(), 32));
  }
  Value low(Value wide) { return arith::TruncIOp::create(b, k.loc(), words, wide); }
  Value high(Value wide) { return low(upper(wide)); }

  // Words in even and in odd lanes, each in the lower half of 64 bits; the upper half is noise. A
  // multiplication of 32 by 32 bits is one instruction in this form, and its halves need no
  // shuffles to become the next words.
  struct Halves {
    Value even, odd;
  };
  VectorType halfType() { return k.vectorType(k.i64(), lanes / 2); }
  Value lowerMask() { return k.intConstant(halfType(), 0xFFFFFFFF); }
  Halves split(Value x) {
    Value even = vector::BitCastOp::create(b, k.loc(), halfType(), x);
    return {even, upper(even)};
  }
  Value join(Halves x) {
    Value shift = k.intConstant(halfType(), 32);
    Value odd = arith::ShLIOp::create(b, k.loc(), x.odd, shift);
    Value both = arith::OrIOp::create(b, k.loc(), andOf(x.even, lowerMask()), odd);
    return vector::BitCastOp::create(b, k.loc(), words, both);
  }
  Halves multiply(Halves x, uint32_t m) {
    Value mask = lowerMask(), factor = k.intConstant(halfType(), m);
    if (k.target().fewRegisters())
      factor = spread(opaque(k.intConstant(k.i32(), static_cast<int32_t>(m))));
    return {k.product(andOf(x.even, mask), factor), k.product(andOf(x.odd, mask), factor)};
  }
  // (product >> 32) ^ word ^ key
  Halves mix(Halves product, Halves word, Value key) {
    return {xorOf(xorOf(upper(product.even), word.even), key),
            xorOf(xorOf(upper(product.odd), word.odd), key)};
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

  Value spread(Value word) {
    Value wide = arith::ExtUIOp::create(b, k.loc(), k.i64(), word);
    return vector::BroadcastOp::create(b, k.loc(), halfType(), wide);
  }

  SmallVector<Value> run(SmallVector<Value> c, Value key0, Value key1) {
    key0 = opaque(key0);
    key1 = opaque(key1);
    auto next = [&](Value key, uint32_t step) {
      return opaque(k.sum(key, k.intConstant(k.i32(), static_cast<int32_t>(step))));
    };
    // So are the words of a counter that are the same in all lanes.
    if (k.target().fewRegisters())
      for (Value *word : {&c[2], &c[3]})
        *word = k.splat(opaque(*word), lanes);
    Halves w[4] = {split(c[0]), split(c[1]), split(c[2]), split(c[3])};
    for (int round = 0; round < 10; ++round) {
      Halves first = multiply(w[0], 0xD2511F53), second = multiply(w[2], 0xCD9E8D57);
      w[0] = mix(second, w[1], spread(key0));
      w[1] = second;
      w[2] = mix(first, w[3], spread(key1));
      w[3] = first;
      key0 = next(key0, 0x9E3779B9);
      key1 = next(key1, 0xBB67AE85);
    }
    return {join(w[0]), join(w[1]), join(w[2]), join(w[3])};
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
    return arith::CmpIOp::create(b, k.loc(), arith::CmpIPredicate::ult, bits, threshold);
  }
};

// Four vectors of words (or of what became of them) to four vectors of elements, in which blocks
// stand together: vector c holds in its quarter l the block of lane 4l + c. Unpacking within 128
// bits twice, which needs no index vectors; blockCounters() numbers the lanes to match.
SmallVector<Value> interleaveBlocks(KernelBuilder &k, ArrayRef<Value> w, int64_t lanes) {
  SmallVector<int64_t> low, high, lowPair, highPair;
  for (int64_t g = 0; g < lanes; g += 4) {
    low.append({g, lanes + g, g + 1, lanes + g + 1});
    high.append({g + 2, lanes + g + 2, g + 3, lanes + g + 3});
    lowPair.append({g, g + 1, lanes + g, lanes + g + 1});
    highPair.append({g + 2, g + 3, lanes + g + 2, lanes + g + 3});
  }
  auto shuffle = [&](Value x, Value y, ArrayRef<int64_t> mask) -> Value {
    return vector::ShuffleOp::create(k.builder(), k.loc(), x, y, mask);
  };
  Value first = shuffle(w[0], w[1], low), second = shuffle(w[2], w[3], low);
  Value third = shuffle(w[0], w[1], high), fourth = shuffle(w[2], w[3], high);
  return {shuffle(first, second, lowPair), shuffle(first, second, highPair),
          shuffle(third, fourth, lowPair), shuffle(third, fourth, highPair)};
}

// The words (low, high) of the counters from |base| on, lane 4l + c with number c * lanes/4 + l.
SmallVector<Value> blockCounters(Philox &philox, Size base, int64_t lanes) {
  KernelBuilder &k = philox.k;
  SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(k.builder().getI32IntegerAttr(lane % 4 * (lanes / 4) + lane / 4));
  Value order = arith::ConstantOp::create(k.builder(), k.loc(),
                                          DenseElementsAttr::get(philox.words, numbers));
  Value first = k.value(base);
  auto word = [&](Value wide) -> Value {
    return arith::TruncIOp::create(k.builder(), k.loc(), k.i32(), wide);
  };
  Value low = k.sum(k.splat(word(first), lanes), order);
  Value carry = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::ult, low, order);
  Value high = k.splat(word(philox.upper(first)), lanes);
  carry = arith::ExtUIOp::create(k.builder(), k.loc(), philox.words, carry);
  return {low, k.sum(high, carry)};
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
  auto words = [&](Value low, Value high) {
    return philox.run({low, high, philox.constant(stream), philox.low(*step)}, philox.low(*seed),
                      philox.high(*seed));
  };
  Coordinate place = rankOf(op->getResult(0)) == 0
                         ? Coordinate::uniform(0)
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
  Value element = positions(place);
  Value two = k.intConstant(element.getType(), 2);
  Value block = arith::ShRUIOp::create(k.builder(), k.loc(), element, two);
  SmallVector<Value> w = words(philox.low(block), philox.high(block));
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
