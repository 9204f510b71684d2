// Contractions with few columns: lanes run along the rows of the result.
//
// Ten columns leave six of sixteen lanes empty when lanes are columns. Where the rows of A are
// neighbours in memory, as in a weight gradient (X^T dY), vectors of rows are loaded instead and
// elements of B are broadcast: the register tile of RegisterTile.h with its operands exchanged. Its
// sums are the transpose of what is stored; they pass through a buffer in L1, where squares of them
// are turned around, one after the other in a loop, so that they need not share the registers with
// the sums.
#include "codegen/cpu/emit/ContractionRows.h"
#include "codegen/cpu/emit/RegisterTile.h"
#include "codegen/cpu/emit/Transpose.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

class RowLanes {
public:
  RowLanes(KernelBuilder &k, const ContractionShape &shape, const ContractionOperands &operands,
           const ContractionSchedule &schedule, TileWriter &writer)
      : k(k), shape(shape), operands(operands), schedule(schedule), writer(writer),
        lanes(k.lanes(shape.accumulator)), columns(schedule.columns),
        vectors(schedule.rows / lanes), squares((columns + lanes - 1) / lanes),
        m(shape.m.empty() ? Size(1) : shape.m.back().extent),
        sumsBuffer(k.stackBuffer(columns * schedule.rows *
                                 KernelBuilder::storedBytes(shape.accumulator))) {}

  void emit(const PhaseArguments &phase);

private:
  void tile(Size row, Size left);
  RegisterTile registerTile(Size row, Size left);
  void storeRows(Size row, Size left);
  SmallVector<Value> square(Size vector, int64_t number);

  KernelBuilder &k;
  const ContractionShape &shape;
  const ContractionOperands &operands;
  const ContractionSchedule &schedule;
  TileWriter &writer;
  int64_t lanes, columns, vectors;
  int64_t squares; // side by side in a row of the result
  Size m;
  Value sumsBuffer; // [column][row of the tile]
};

// Of the rows from |row| on, |left| of which exist; null: all that a tile has.
RegisterTile RowLanes::registerTile(Size row, Size left) {
  RegisterTile tile{shape.input, shape.accumulator, lanes, {}, {}, {}, 1};
  bool whole = left.isConstant() && left.constant() >= schedule.rows;
  Value first = k.address(shape.input, operands.a, row);
  for (int64_t v = 0; v < vectors; ++v) {
    tile.columns.push_back({first, v * lanes});
    tile.masks.push_back(whole ? Value() : k.laneMask(k.sub(left, v * lanes), lanes));
  }
  Size stride = shape.n.empty() ? Size(0) : shape.n.back().b;
  for (int64_t c = 0; c < columns; ++c)
    tile.rows.push_back(Place::at(k, shape.input, operands.b, k.mul(c, stride)));
  return tile;
}

// Rows of the result: lane r of the columns' sums for vector |vector| of rows, from column
// |number| * lanes on.
SmallVector<Value> RowLanes::square(Size vector, int64_t number) {
  VectorType type = k.vectorType(shape.accumulator, lanes);
  SmallVector<Value> rows;
  for (int64_t c = number * lanes; c < (number + 1) * lanes; ++c) {
    Size at = k.add(c * schedule.rows, k.mul(vector, lanes));
    rows.push_back(c < columns ? k.load(type, sumsBuffer, at) : k.zero(type));
  }
  transposeSquare(k, rows);
  return rows;
}

void RowLanes::storeRows(Size row, Size left) {
  ColumnTile all{0, squares, SmallVector<Value>(squares), columns};
  if (columns % lanes)
    all.masks.back() = k.laneMask(columns % lanes, lanes);
  bool whole = left.isConstant() && left.constant() >= schedule.rows;
  k.forLoop(0, vectors, 1, [&](Value vector) {
    Size first = k.mul(vector, lanes);
    SmallVector<SmallVector<Value>> parts;
    for (int64_t s = 0; s < squares; ++s)
      parts.push_back(square(vector, s));
    auto rowIndex = [&](Size r) { return k.add(k.add(row, first), r); };
    auto finish = [&](int64_t r, int64_t count) {
      Accumulators sums;
      for (int64_t i = r; i < r + count; ++i)
        for (const SmallVector<Value> &part : parts)
          sums.push_back(part[i]);
      auto index = [&](Size i) { return rowIndex(k.add(r, i)); };
      writer.finish(sums, count, all, columns, index);
      writer.flush(count, all, columns, index);
    };
    if (whole)
      return finish(0, lanes);
    for (int64_t r = 0; r < lanes; ++r)
      k.ifThen(k.less(k.add(first, r), left), [&] { finish(r, 1); });
  });
}

void RowLanes::tile(Size row, Size left) {
  Accumulators sums(columns * vectors, k.zero(k.vectorType(shape.accumulator, lanes)));
  SmallVector<ReduceLoop> loops;
  for (const ContractionDim &dim : shape.k)
    loops.push_back({0, dim.extent, dim.b, dim.a});
  sums = accumulate(k, registerTile(row, left), loops, sums);
  for (int64_t c = 0; c < columns; ++c)
    for (int64_t v = 0; v < vectors; ++v)
      k.store(sums[c * vectors + v], sumsBuffer, c * schedule.rows + v * lanes);
  storeRows(row, left);
}

void RowLanes::emit(const PhaseArguments &phase) {
  int64_t block = schedule.rows * schedule.rowTiles;
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    Size begin = k.mul(index, block), end = k.min(k.add(begin, block), m);
    Size whole = k.add(begin, k.mul(k.div(k.sub(end, begin), schedule.rows), schedule.rows));
    k.forLoop(begin, whole, schedule.rows, [&](Value row) { tile(row, schedule.rows); });
    if (m.isConstant() && m.constant() % schedule.rows == 0)
      return;
    k.ifThen(k.less(whole, end), [&] { tile(whole, k.sub(end, whole)); });
  });
}

} // namespace

void dlc::codegen::cpu::emitContractionRows(KernelBuilder &k, const PhaseArguments &phase,
                                            const ContractionShape &shape,
                                            const ContractionOperands &operands,
                                            const ContractionSchedule &schedule, Epilogue epilogue,
                                            EpilogueMode mode) {
  int64_t lanes = k.lanes(shape.accumulator);
  TileWriter writer(k, epilogue, mode, shape.accumulator, lanes, /*maxRows=*/lanes,
                    (schedule.columns + lanes - 1) / lanes);
  RowLanes(k, shape, operands, schedule, writer).emit(phase);
}
