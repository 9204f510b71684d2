// From finished register tiles to the epilogue, fragment by fragment; and rows that the epilogue
// hears of while they are computed.
#include "codegen/cpu/emit/RegisterTile.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

TileWriter::TileWriter(KernelBuilder &k, Epilogue epilogue, EpilogueMode mode, Type accumulator,
                       int64_t lanes, int64_t maxRows, int64_t maxVectors)
    : k(k), epilogue(epilogue), mode(mode), accumulator(accumulator), lanes(lanes),
      vectors(maxVectors) {
  if (mode == EpilogueMode::Rolled)
    buffer = k.stackBuffer(maxRows * maxVectors * lanes * KernelBuilder::storedBytes(accumulator));
}

Fragment TileWriter::fragmentOf(Value value, Size row, Size column, Size width, Value mask) {
  Fragment fragment{value, row, column, k.add(k.mul(row, width), column), mask};
  fragment.lanes = value ? KernelBuilder::lanesOf(value.getType()) : lanes;
  fragment.piece = piece;
  fragment.goesAround = goesAround;
  return fragment;
}

void TileWriter::begin(const ColumnTile &columns) {
  if (mode != EpilogueMode::Columns)
    return;
  Size first = k.add(columns.base, columns.column);
  for (int64_t v = 0; v < columns.vectors; ++v) {
    Fragment fragment = fragmentOf(Value(), 0, k.add(first, v * lanes), 0, columns.masks[v]);
    fragment.lanes = columns.lanesOf(v, lanes);
    fragment.rows = 0;
    epilogue(k, fragment);
  }
}

void TileWriter::announce(int64_t rows, const ColumnTile &columns, Size width, RowIndex rowIndex) {
  Size first = k.add(columns.base, columns.column);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < columns.vectors; ++v) {
      epilogue(k, fragmentOf(Value(), rowIndex(r), k.add(first, v * lanes), width,
                             columns.masks[v]));
    }
}

void TileWriter::finishColumns(const Accumulators &sums, int64_t rows, const ColumnTile &columns,
                               Size width, RowIndex rowIndex) {
  Size first = k.add(columns.base, columns.column);
  SmallVector<Size> numbers;
  for (int64_t r = 0; r < rows; ++r)
    numbers.push_back(rowIndex(r));
  for (int64_t v = 0; v < columns.vectors; ++v)
    for (int64_t r = 0; r < rows; ++r) {
      Fragment fragment = fragmentOf(sums[r * columns.vectors + v], numbers[r],
                                     k.add(first, v * lanes), width, columns.masks[v]);
      fragment.rows = rows;
      epilogue(k, fragment);
    }
}

void TileWriter::finish(const Accumulators &sums, int64_t rows, const ColumnTile &columns,
                        Size width, RowIndex rowIndex) {
  if (mode == EpilogueMode::Columns)
    return finishColumns(sums, rows, columns, width, rowIndex);
  Size first = k.add(columns.base, columns.column);
  for (int64_t r = 0; r < rows; ++r) {
    Size row = mode == EpilogueMode::Inline ? rowIndex(r) : Size();
    for (int64_t v = 0; v < columns.vectors; ++v) {
      Value sum = sums[r * columns.vectors + v];
      if (mode == EpilogueMode::Rolled)
        k.store(sum, buffer, (r * vectors + v) * lanes);
      else
        epilogue(k, fragmentOf(sum, row, k.add(first, v * lanes), width, columns.masks[v]));
    }
  }
}

void TileWriter::flush(Size rows, const ColumnTile &columns, Size width, RowIndex rowIndex) {
  if (mode != EpilogueMode::Rolled)
    return;
  VectorType type = k.vectorType(accumulator, lanes);
  bool masked =
      columns.lastLanes || llvm::any_of(columns.masks, [](Value mask) { return mask != nullptr; });
  k.forLoop(0, rows, 1, [&](Value r) {
    Size row = rowIndex(r);
    k.forLoop(0, columns.vectors, 1, [&](Value v) {
      Size column = k.add(columns.column, k.mul(v, lanes));
      Value sum = k.load(type, buffer, k.mul(k.add(k.mul(r, vectors), v), lanes));
      Value mask = masked ? k.laneMask(k.sub(columns.extent, column), lanes) : Value();
      epilogue(k, fragmentOf(sum, row, k.add(columns.base, column), width, mask));
    });
  });
}

Accumulators dlc::codegen::cpu::accumulateByRows(KernelBuilder &k, const RegisterTile &tile,
                                                 const ReduceLoop &loop, Accumulators sums,
                                                 function_ref<void(Size)> announceRow) {
  int64_t height = tile.rows.size(), steps = loop.end.constant() / height / 2 * 2; // cuts no pair
  // Of a constant length: what is left of a pair then is known, and needs no code beside the sums.
  auto part = [&](Size begin, int64_t length, Accumulators sums, bool exact) {
    RegisterTile moved = tile.moved(k, k.mul(begin, loop.a), k.mul(begin, loop.b));
    return addProducts(k, moved, {ReduceLoop{0, length, loop.a, loop.b}}, std::move(sums), exact);
  };
  auto reduce = [&](bool exact) {
    Accumulators most = k.forLoop(0, height, 1, sums, [&](Value row, ValueRange carried) {
      announceRow(row);
      return part(k.mul(row, steps), steps, Accumulators(carried), exact);
    });
    return part(height * steps, loop.end.constant() - height * steps, most, exact);
  };
  Accumulators total = reduce(/*exact=*/false);
  return tile.depth == 1 ? total : unlessNan(k, total, [&] { return reduce(/*exact=*/true); });
}
