// Reduction in pairs of bf16: vdpbf16ps adds a[2i] * b[2i] + a[2i + 1] * b[2i + 1] to lane i.
//
// B comes in pairs where many rows of A share the work of pairing it. Else two of its rows are
// interleaved in registers, one permutation per vector beside |rows| multiplications: that costs a
// fifth of the speed of a full tile, and nothing where memory is what one waits for.
#include "codegen/cpu/emit/ReductionSteps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

Value dlc::codegen::cpu::multiplyPairs(KernelBuilder &k, Value a, Value b, Value sums) {
  StringAttr dot = k.builder().getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512");
  return LLVM::CallIntrinsicOp::create(k.builder(), k.loc(), sums.getType(), dot,
                                       ValueRange{sums, a, b})
      .getResult(0);
}

namespace {

class PairReduction {
public:
  // |exact|: each element on its own, in fused multiply-adds.
  PairReduction(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop, bool exact)
      : k(k), b(k.builder()), tile(tile), loop(loop), exact(exact) {}

  Accumulators run(Accumulators sums);

private:
  RegisterTile at(Size step);
  Accumulators step(const RegisterTile &tile, ValueRange sums);
  Accumulators firstStep(const RegisterTile &tile, ValueRange sums);
  Accumulators lastStep(const RegisterTile &tile, ValueRange sums);
  Accumulators multiply(const RegisterTile &tile, ArrayRef<Value> columns, ValueRange sums,
                        function_ref<Value(size_t)> row);
  Accumulators multiplyExactly(const RegisterTile &tile, ArrayRef<Place> columns, ValueRange sums,
                               bool odd, WordHalf half = WordHalf::None);
  Value widened(const Place &column, bool odd);
  Value inEveryLane(Value word);
  Value wide(const Place &place);
  Value upper(const Place &place);
  Value rowPair(const Place &row, const Place &next);
  Value interleaved(const RegisterTile &tile, const RegisterTile &next, size_t v);
  SmallVector<Value> pairs(const RegisterTile &tile);

  KernelBuilder &k;
  OpBuilder &b;
  const RegisterTile &tile;
  const ReduceLoop &loop;
  bool exact;
};

RegisterTile PairReduction::at(Size step) {
  Size place = k.add(loop.begin, step);
  return tile.moved(k, k.mul(place, loop.a), k.mul(place, loop.b));
}

Value PairReduction::inEveryLane(Value word) {
  return vector::BitCastOp::create(b, k.loc(), k.vectorType(b.getBF16Type(), 2 * tile.lanes),
                                   k.splat(word, tile.lanes));
}

// An element of A as the lower half of a word.
Value PairReduction::wide(const Place &place) {
  Value half = k.load(b.getI16Type(), place.pointer, place.offset);
  return arith::ExtUIOp::create(b, k.loc(), k.i32(), half);
}

// The same as its upper half.
Value PairReduction::upper(const Place &place) {
  return arith::ShLIOp::create(b, k.loc(), wide(place), k.intConstant(k.i32(), 16));
}

// Two neighbouring elements of a row of A, in every lane.
Value PairReduction::rowPair(const Place &row, const Place &next) {
  if (loop.a.is(1)) {
    Value halves = k.load(k.vectorType(b.getI16Type(), 2), row.pointer, row.offset);
    Value word = vector::BitCastOp::create(b, k.loc(), k.vectorType(k.i32(), 1), halves);
    return inEveryLane(k.extract(word, 0));
  }
  return inEveryLane(arith::OrIOp::create(b, k.loc(), wide(row), upper(next)));
}

// Two neighbouring rows of one vector of B, an element of each in turn.
Value PairReduction::interleaved(const RegisterTile &tile, const RegisterTile &next, size_t v) {
  auto rowOf = [&](const Place &column) {
    return k.stridedLoad(k.vectorType(b.getI16Type(), tile.lanes), column.pointer, column.offset,
                         tile.laneStride, tile.masks[v]);
  };
  SmallVector<int64_t> turns;
  for (int64_t lane = 0; lane < tile.lanes; ++lane)
    turns.append({lane, tile.lanes + lane});
  return vector::ShuffleOp::create(b, k.loc(), rowOf(tile.columns[v]), rowOf(next.columns[v]),
                                   turns);
}

// The pairs of B that |tile| stands at, as they lie.
SmallVector<Value> PairReduction::pairs(const RegisterTile &tile) {
  SmallVector<Value> loaded;
  for (const Place &column : tile.columns)
    loaded.push_back(
        k.load(k.vectorType(b.getI16Type(), 2 * tile.lanes), column.pointer, column.offset));
  return loaded;
}

Accumulators PairReduction::multiply(const RegisterTile &tile, ArrayRef<Value> columns,
                                     ValueRange sums, function_ref<Value(size_t)> row) {
  VectorType type = k.vectorType(b.getBF16Type(), 2 * tile.lanes);
  SmallVector<Value> operands;
  for (Value column : columns)
    operands.push_back(vector::BitCastOp::create(b, k.loc(), type, column));
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    Value a = row(r);
    for (size_t v = 0; v < operands.size(); ++v)
      next.push_back(multiplyPairs(k, a, operands[v], sums[r * operands.size() + v]));
  }
  return next;
}

// One element of each pair of a vector of B, in f32: a bf16 number is the upper half of the same
// one in f32. Where halves can be masked, from a load whose lanes end with them: words that wait
// for their other half would take registers from the sums.
Value PairReduction::widened(const Place &column, bool odd) {
  VectorType halves = k.vectorType(b.getI16Type(), 2 * tile.lanes);
  VectorType result = k.vectorType(tile.accumulator, tile.lanes);
  if (k.target().vectorBits == 512) {
    SmallVector<bool> upper;
    for (int64_t lane = 0; lane < 2 * tile.lanes; ++lane)
      upper.push_back(lane % 2);
    auto mask = DenseElementsAttr::get(k.vectorType(k.i1(), 2 * tile.lanes), ArrayRef<bool>(upper));
    Value loaded = k.maskedLoad(halves, column.pointer, column.offset - (odd ? 0 : 1),
                                arith::ConstantOp::create(b, k.loc(), mask));
    return vector::BitCastOp::create(b, k.loc(), result, loaded);
  }
  VectorType words = k.vectorType(k.i32(), tile.lanes);
  Value loaded = k.load(halves, column.pointer, column.offset);
  Value word = vector::BitCastOp::create(b, k.loc(), words, loaded);
  word = odd ? upperHalves(k, word)
             : Value(arith::ShLIOp::create(b, k.loc(), word, k.intConstant(words, 16)));
  return arith::BitcastOp::create(b, k.loc(), result, word);
}

// The step of |tile|'s rows by one element of each pair at |columns|.
Accumulators PairReduction::multiplyExactly(const RegisterTile &tile, ArrayRef<Place> columns,
                                            ValueRange sums, bool odd, WordHalf half) {
  SmallVector<Value> operands;
  for (const Place &column : columns)
    operands.push_back(widened(column, odd));
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    Value a = RowElement(k, tile, tile.rows[r], half).inLanes(tile.lanes);
    for (size_t v = 0; v < operands.size(); ++v)
      next.push_back(k.fma(a, operands[v], sums[r * operands.size() + v]));
  }
  return next;
}

// Two steps, the first of which |tile| stands at.
Accumulators PairReduction::step(const RegisterTile &tile, ValueRange sums) {
  fetchLine(k, tile);
  RegisterTile second = tile.moved(k, loop.a, loop.b);
  if (exact) {
    bool words = tile.depth == 1 && widensWords(k, tile) && loop.a.is(1);
    Accumulators even = multiplyExactly(tile, tile.columns, sums, false,
                                        words ? WordHalf::Lower : WordHalf::None);
    if (!words)
      return multiplyExactly(second, tile.columns, even, true);
    RegisterTile again = loadedAgain(k, tile.moved(k, loop.a, 0));
    return multiplyExactly(again, again.columns, even, true, WordHalf::Upper);
  }
  SmallVector<Value> columns;
  if (tile.paired)
    columns = pairs(tile);
  else
    for (size_t v = 0; v < tile.columns.size(); ++v)
      columns.push_back(interleaved(tile, second, v));
  return multiply(tile, columns, sums,
                  [&](size_t r) { return rowPair(tile.rows[r], second.rows[r]); });
}

// The second of the pair that |tile| stands at.
Accumulators PairReduction::firstStep(const RegisterTile &tile, ValueRange sums) {
  RegisterTile second = tile.moved(k, loop.a, loop.b);
  if (exact)
    return multiplyExactly(second, tile.columns, sums, true);
  return multiply(tile, pairs(tile), sums,
                  [&](size_t r) { return inEveryLane(upper(second.rows[r])); });
}

// What is left of an odd number. Nothing beyond it is read: where B does not end in zeros, it is an
// ordinary step.
Accumulators PairReduction::lastStep(const RegisterTile &tile, ValueRange sums) {
  if (!tile.paired)
    return multiplyAdd(k, tile, sums);
  if (exact)
    return multiplyExactly(tile, tile.columns, sums, false);
  return multiply(tile, pairs(tile), sums,
                  [&](size_t r) { return inEveryLane(wide(tile.rows[r])); });
}

Accumulators PairReduction::run(Accumulators sums) {
  if (tile.paired && loop.splitsPair) {
    Value within = k.both(k.equal(k.rem(loop.begin, 2), 1), k.less(loop.begin, loop.end));
    sums = k.chooseValues(within, [&] { return firstStep(at(-1), sums); }, [&] { return sums; });
    ReduceLoop rest = loop;
    rest.begin = k.roundUp(loop.begin, 2);
    rest.splitsPair = false;
    return PairReduction(k, tile, rest, exact).run(sums);
  }
  Size steps = k.max(k.sub(loop.end, loop.begin), 0), pairs = k.div(steps, 2);
  sums = k.forLoop(0, pairs, 1, sums, [&](Value pair, ValueRange carried) {
    return step(at(k.mul(pair, 2)), carried);
  });
  return k.chooseValues(
      k.equal(k.rem(steps, 2), 1), [&] { return lastStep(at(k.mul(pairs, 2)), sums); },
      [&] { return sums; });
}

} // namespace

Accumulators dlc::codegen::cpu::addPairs(KernelBuilder &k, const RegisterTile &tile,
                                         const ReduceLoop &loop, Accumulators sums, bool exact) {
  return PairReduction(k, tile, loop, exact).run(std::move(sums));
}
