// Ten rounds of multiplications on halves of vectors, and the order of words.
#include "codegen/cpu/emit/Philox.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace dlc::codegen::cpu {

Value Philox::xorOf(Value x, Value y) { return arith::XOrIOp::create(b, k.loc(), x, y); }
Value Philox::andOf(Value x, Value y) { return arith::AndIOp::create(b, k.loc(), x, y); }
Value Philox::upper(Value wide) {
  return arith::ShRUIOp::create(b, k.loc(), wide, k.intConstant(wide.getType(), 32));
}
Value Philox::low(Value wide) { return arith::TruncIOp::create(b, k.loc(), words, wide); }

Philox::Halves Philox::split(Value x) {
  Value even = vector::BitCastOp::create(b, k.loc(), halfType(), x);
  return {even, upper(even)};
}

Value Philox::join(Halves x) {
  // The lower words of both, in turns: a shift and a blend, or one instruction of NEON's, none of
  // which keeps a mask in a register.
  SmallVector<int64_t> turns;
  for (int64_t lane = 0; lane < lanes; lane += 2)
    llvm::append_values(turns, lane, lanes + lane);
  Value even = vector::BitCastOp::create(b, k.loc(), words, x.even);
  Value odd = vector::BitCastOp::create(b, k.loc(), words, x.odd);
  return vector::ShuffleOp::create(b, k.loc(), even, odd, turns);
}

Philox::Halves Philox::multiply(Halves x, uint32_t m) {
  Value mask = lowerMask(), factor = k.intConstant(halfType(), m);
  if (k.target().fewRegisters())
    factor = spread(opaque(k.intConstant(k.i32(), static_cast<int32_t>(m))));
  return {k.product(andOf(x.even, mask), factor), k.product(andOf(x.odd, mask), factor)};
}

// (product >> 32) ^ word ^ key
Philox::Halves Philox::mix(Halves product, Halves word, Value key) {
  return {xorOf(xorOf(upper(product.even), word.even), key),
          xorOf(xorOf(upper(product.odd), word.odd), key)};
}

// |key| as a scalar that LLVM must not look behind: the keys of the ten rounds do not change in
// a loop, and kept in vector registers (twenty) they would push out everything else.
Value Philox::opaque(Value key) {
  Value scalar = isa<VectorType>(key.getType()) ? k.extract(key, 0) : key;
  return throughEmptyAsm(b, k.loc(), scalar, "=r,0", /*moves=*/false);
}

Value Philox::unknown(Value word) { return k.target().fewRegisters() ? opaque(word) : word; }

Value Philox::spread(Value word) {
  Value wide = arith::ExtUIOp::create(b, k.loc(), k.i64(), word);
  return vector::BroadcastOp::create(b, k.loc(), halfType(), wide);
}

SmallVector<Value> Philox::run(SmallVector<Value> c, Value key0, Value key1) {
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

// Unpacking within 128 bits twice, which needs no index vectors.
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

static Value lowWord(KernelBuilder &k, Value wide) {
  return arith::TruncIOp::create(k.builder(), k.loc(), k.i32(), wide);
}

// The words of |base| + |more|, lane by lane. Where registers are few nothing is known of |base|:
// LLVM would keep in one what of the sum does not change from step to step, and masks of the bits
// that may be set.
static std::pair<Value, Value> counted(Philox &philox, Size base, Value more) {
  KernelBuilder &k = philox.k;
  Value first = k.value(base);
  Value low = k.sum(k.splat(philox.unknown(lowWord(k, first)), philox.lanes), more);
  Value carry = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::ult, low, more);
  Value high = k.splat(philox.unknown(lowWord(k, philox.upper(first))), philox.lanes);
  carry = arith::ExtUIOp::create(k.builder(), k.loc(), philox.words, carry);
  return {low, k.sum(high, carry)};
}

SmallVector<Value> blockCounters(Philox &philox, Size base, int64_t lanes) {
  KernelBuilder &k = philox.k;
  SmallVector<Attribute> numbers;
  for (int64_t lane = 0; lane < lanes; ++lane)
    numbers.push_back(k.builder().getI32IntegerAttr(lane % 4 * (lanes / 4) + lane / 4));
  Value order = arith::ConstantOp::create(k.builder(), k.loc(),
                                          DenseElementsAttr::get(philox.words, numbers));
  auto [low, high] = counted(philox, base, order);
  return {low, high};
}

// In words of 32 bits: vectors of 64 would be cut in halves by shuffles with index vectors.
LaneCounters laneCounters(Philox &philox, Size first, int64_t lanes) {
  KernelBuilder &k = philox.k;
  Value inBlock = philox.unknown(lowWord(k, k.value(k.rem(first, 4))));
  Value element = k.sum(k.splat(inBlock, lanes), k.iota(lanes, k.i32()));
  Value blocks = arith::ShRUIOp::create(k.builder(), k.loc(), element, philox.constant(2));
  auto [low, high] = counted(philox, k.div(first, 4), blocks);
  return {low, high, element};
}

} // namespace dlc::codegen::cpu
