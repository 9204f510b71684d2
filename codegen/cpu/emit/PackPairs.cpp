// Copies a block of B into rows of pairs, as instructions that multiply bf16 in pairs read them.
//
// Where columns lie side by side two rows are interleaved, one permutation per vector. Where the
// reduction does, a pair is a word of memory, and words are transposed in squares as 32-bit numbers
// are: half the work per element of a transpose without pairs.
#include "codegen/cpu/emit/Packing.h"
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Transpose.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

constexpr int64_t kSide = 8; // of a square of words; see PackPanels.cpp

class PairPacker {
public:
  PairPacker(KernelBuilder &k, const PackedMatrix &matrix, Value from, Value to,
             const PackedBlock &block)
      : k(k), matrix(matrix), block(block), from(from), to(to),
        rows(k.sub(block.last, block.first)), lanes(k.lanes(k.f32())) {}

  void emit() {
    if (matrix.columnStride.is(1) || !matrix.rowsSideBySide(2 * kSide))
      interleaveRows();
    else
      transposeWords();
  }

private:
  void interleaveRows();
  void transposeWords();
  void transposeOne(Size column, Size pair, bool masked);
  Value wordsAt(Size column, Size row, bool masked);

  KernelBuilder &k;
  const PackedMatrix &matrix;
  const PackedBlock &block;
  Value from, to;
  Size rows;
  int64_t lanes; // pairs in a vector register
};

void PairPacker::interleaveRows() {
  VectorType half = k.vectorType(matrix.element, lanes);
  SmallVector<int64_t> turns;
  for (int64_t lane = 0; lane < lanes; ++lane)
    turns.append({lane, lanes + lane});
  auto interleave = [&](const ColumnTile &columns) {
    Value begin = k.address(matrix.element, from, matrix.columnOffset(k, columns.column));
    auto load = [&](Size row, int64_t v) -> Value {
      Size at = k.add(matrix.rowOffset(k, row), k.mul(v * lanes, matrix.columnStride));
      return k.stridedLoad(half, begin, at, matrix.columnStride, columns.masks[v]);
    };
    auto storePair = [&](Size pair, bool two) {
      Size row = k.add(block.first, k.mul(pair, 2));
      for (int64_t v = 0; v < block.width / lanes; ++v) {
        bool there = v < columns.vectors;
        Value even = there ? load(row, v) : k.zero(half);
        Value odd = there && two ? load(k.add(row, 1), v) : k.zero(half);
        Value pairs = vector::ShuffleOp::create(k.builder(), k.loc(), even, odd, turns);
        k.store(pairs, to, k.mul(k.add(k.mul(pair, block.width), v * lanes), 2));
      }
    };
    Size whole = k.div(rows, 2);
    k.forLoop(0, whole, 1, [&](Value pair) { storePair(pair, true); });
    k.ifThen(k.equal(k.rem(rows, 2), 1), [&] { storePair(whole, false); });
  };
  forColumnTile(k, block.tile, matrix.columns, block.width / lanes, lanes, interleave);
}

// kSide pairs of one column, zeros where there are none. Loaded as halves: nothing says that a pair
// lies at a multiple of four bytes.
Value PairPacker::wordsAt(Size column, Size row, bool masked) {
  Value mask;
  if (masked)
    mask =
        k.laneMask(k.select(k.less(column, matrix.columns), k.sub(block.last, row), 0), 2 * kSide);
  Size at = k.add(matrix.rowOffset(k, row), matrix.columnOffset(k, column));
  Value halves = k.maskedLoad(k.vectorType(matrix.element, 2 * kSide), from, at, mask);
  return vector::BitCastOp::create(k.builder(), k.loc(), k.vectorType(k.i32(), kSide), halves);
}

void PairPacker::transposeOne(Size column, Size pair, bool masked) {
  SmallVector<Value> square;
  for (int64_t c = 0; c < kSide; ++c)
    square.push_back(wordsAt(k.add(column, c), k.add(block.first, k.mul(pair, 2)), masked));
  transposeSquare(k, square);
  Size left = k.sub(k.ceilDiv(rows, 2), pair);
  Size target = k.add(k.mul(pair, block.width), k.rem(column, block.width));
  for (int64_t r = 0; r < kSide; ++r) {
    auto storeRow = [&] { k.store(square[r], to, k.add(target, r * block.width)); };
    if (masked && r > 0)
      k.ifThen(k.less(r, left), storeRow);
    else
      storeRow();
  }
}

void PairPacker::transposeWords() {
  int64_t side = kSide * squaresPerLine(kSide, 4, block.width);
  Size left = k.mul(block.tile, block.width);
  k.forLoop(0, block.width, side, [&](Value within) {
    Size column = k.add(left, within);
    auto squares = [&](Value pair, bool masked) {
      for (int64_t c = 0; c < side; c += kSide)
        transposeOne(k.add(column, c), pair, masked);
    };
    // Two loops, as in PackPanels.
    Size whole = k.mul(k.div(rows, 2 * kSide), kSide);
    Value inside = k.less(k.add(column, side - 1), matrix.columns);
    Size edge = k.select(inside, whole, 0);
    k.forLoop(0, edge, kSide, [&](Value pair) { squares(pair, false); });
    k.forLoop(edge, k.ceilDiv(rows, 2), kSide, [&](Value pair) { squares(pair, true); });
  });
}

} // namespace

void dlc::codegen::cpu::emitPackPairs(KernelBuilder &k, const PackedMatrix &matrix, Value from,
                                      Value to, const PackedBlock &block) {
  PairPacker(k, matrix, from, to, block).emit();
}
