// One step of a register tile's reduction, and steps of bf16 that are widened.
//
// x86 brings a bf16 number to every lane by way of a scalar register, four instructions for each
// row. A word of two neighbours is broadcast as it is loaded, and one shift or mask per number
// leaves it in f32: two steps of a row that is contiguous along the reduction, or two rows that lie
// side by side. With B in pairs as well AVX2 multiplies bf16 as fast as f32: 128x784x512 1.33 to
// .92 ms, 3x3 of 56x56x64 11.6 to 8.1.
#include "codegen/cpu/emit/ReductionSteps.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

bool dlc::codegen::cpu::widensWords(KernelBuilder &k, const RegisterTile &tile) {
  return k.target().readsWords() && tile.input.isBF16() && tile.accumulator.isF32() &&
         !tile.elementwise;
}

RegisterTile dlc::codegen::cpu::loadedAgain(KernelBuilder &k, RegisterTile tile) {
  for (SmallVector<Place> *places : {&tile.rows, &tile.columns}) {
    Value from, to;
    for (Place &place : *places) {
      if (place.pointer != from) {
        from = place.pointer;
        to = throughEmptyAsm(k.builder(), k.loc(), from);
      }
      place.pointer = to;
    }
  }
  return tile;
}

Value dlc::codegen::cpu::upperHalves(KernelBuilder &k, Value words) {
  int64_t lanes = KernelBuilder::lanesOf(words.getType());
  Value mask = k.intConstant(k.vectorType(k.i32(), lanes), -65536);
  if (k.target().readsWords())
    mask = throughEmptyAsm(k.builder(), k.loc(), mask, "=x,0");
  return arith::AndIOp::create(k.builder(), k.loc(), words, mask);
}

// Whether row |upper| lies one element behind the row before it.
static bool lieSideBySide(const RegisterTile &tile, size_t upper) {
  const Place &first = tile.rows[upper - 1], &second = tile.rows[upper];
  return first.pointer == second.pointer && first.offset + 1 == second.offset;
}

// Which half row |row| is of a word of two rows.
static WordHalf halfOf(const RegisterTile &tile, size_t row) {
  if (row % 2)
    return lieSideBySide(tile, row) ? WordHalf::Upper : WordHalf::None;
  bool paired = row + 1 < tile.rows.size() && lieSideBySide(tile, row + 1);
  return paired ? WordHalf::Lower : WordHalf::None;
}

RowElement::RowElement(KernelBuilder &k, const RegisterTile &tile, Place place, WordHalf half)
    : k(k), tile(tile), place(place), half(half) {
  if (half == WordHalf::Upper)
    --this->place.offset;
}

Value RowElement::inLanes(int64_t lanes) {
  Value &value = known[lanes];
  if (!value && half != WordHalf::None)
    value = fromWord(lanes);
  else if (!value)
    value = k.splat(k.convert(k.load(tile.input, place.pointer, place.offset), tile.accumulator),
                    lanes);
  return value;
}

// LLVM would shift before it broadcasts, which takes a shuffle.
Value RowElement::fromWord(int64_t lanes) {
  OpBuilder &b = k.builder();
  Value halves = k.load(k.vectorType(b.getI16Type(), 2), place.pointer, place.offset);
  Value word = vector::BitCastOp::create(b, k.loc(), k.vectorType(k.i32(), 1), halves);
  Value words = throughEmptyAsm(b, k.loc(), k.splat(k.extract(word, 0), lanes), "=x,0");
  if (half == WordHalf::Upper)
    words = upperHalves(k, words);
  else
    words = arith::ShLIOp::create(b, k.loc(), words,
                                  k.intConstant(k.vectorType(k.i32(), lanes), 16));
  return arith::BitcastOp::create(b, k.loc(), k.vectorType(tile.accumulator, lanes), words);
}

// What row |r| contributes to vector |v|: its element in every lane, or lanes of its own.
static Value rowOperand(KernelBuilder &k, const RegisterTile &tile, size_t r, int64_t v) {
  VectorType type = k.vectorType(tile.input, tile.lanes);
  Value loaded =
      k.maskedLoad(type, tile.rows[r].pointer, tile.rows[r].offset + v * tile.lanes, tile.masks[v]);
  return k.convert(loaded, tile.accumulator);
}

// To be read when this tile is done.
void dlc::codegen::cpu::fetchLine(KernelBuilder &k, const RegisterTile &tile) {
  if (tile.ahead)
    prefetchIntoL2(k, tile.input, tile.ahead);
}

// One step: every vector of B once, every element of A once, rows x vectors fused multiply-adds.
Accumulators dlc::codegen::cpu::multiplyAdd(KernelBuilder &k, const RegisterTile &tile,
                                           ValueRange sums, WordHalf half) {
  fetchLine(k, tile);
  size_t vectors = tile.columns.size();
  SmallVector<Value> b;
  for (size_t v = 0; v < vectors; ++v) {
    Value loaded = k.stridedLoad(k.vectorType(tile.input, tile.lanesOf(v)), tile.columns[v].pointer,
                                 tile.columns[v].offset, tile.laneStride, tile.masks[v]);
    b.push_back(k.convert(loaded, tile.accumulator));
  }
  bool inWords = half == WordHalf::None && widensWords(k, tile);
  RegisterTile again = inWords ? loadedAgain(k, tile) : tile;
  Accumulators next;
  for (size_t r = 0; r < tile.rows.size(); ++r) {
    WordHalf halfHere = inWords ? halfOf(tile, r) : half;
    RowElement row(k, tile, halfHere == WordHalf::Upper && inWords ? again.rows[r] : tile.rows[r],
                   halfHere);
    for (size_t v = 0; v < vectors; ++v) {
      Value a = tile.elementwise ? rowOperand(k, tile, r, v) : row.inLanes(tile.lanesOf(v));
      next.push_back(k.fma(a, b[v], sums[r * vectors + v]));
    }
  }
  return next;
}

// Two steps at a time, which are a word of each row.
Accumulators dlc::codegen::cpu::addWords(KernelBuilder &k, const RegisterTile &tile,
                                         const ReduceLoop &loop, Accumulators sums) {
  auto at = [&](Size step) {
    Size place = k.add(loop.begin, step);
    return tile.moved(k, place, k.mul(place, loop.b));
  };
  Size steps = k.max(k.sub(loop.end, loop.begin), 0), words = k.div(steps, 2);
  sums = k.forLoop(0, words, 1, sums, [&](Value word, ValueRange carried) {
    RegisterTile first = at(k.mul(word, 2));
    Accumulators even = multiplyAdd(k, first, carried, WordHalf::Lower);
    RegisterTile second = loadedAgain(k, first.moved(k, 1, loop.b));
    return multiplyAdd(k, second, even, WordHalf::Upper);
  });
  return k.chooseValues(
      k.equal(k.rem(steps, 2), 1), [&] { return multiplyAdd(k, at(k.mul(words, 2)), sums); },
      [&] { return sums; });
}
