// Contractions with few columns: lanes run along the reduction.
//
// Ten columns leave six of sixteen lanes empty when lanes are columns, and one column fifteen.
// Along the reduction all are full: a vector of a row of A times one of a column of B, rows x
// columns sums, each a register. A tile of 2 x 10 takes 12 loads for 20 multiplications. In the end
// each register is summed up, sixteen of them at a time (ReductionLanes.h).
//
// B is mostly stored the other way round. Each call of the phase then copies it to the stack,
// column after column, with an empty cache line between, lest columns whose distance is a power of
// two meet in the same set of L1. Columns that are too many for a tile that is more than a row high
// are done in parts, whose sums meet in a buffer.
#include "codegen/cpu/emit/ContractionLanes.h"
#include "codegen/cpu/emit/Packing.h"
#include "codegen/cpu/emit/ReductionLanes.h"
#include "codegen/cpu/emit/Transpose.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

class ReductionLanes {
public:
  ReductionLanes(KernelBuilder &k, const ContractionShape &shape,
                 const ContractionOperands &operands, const ContractionSchedule &schedule,
                 TileWriter &writer)
      : k(k), shape(shape), operands(operands), schedule(schedule), writer(writer),
        lanes(k.lanes(shape.accumulator)),
        columns(shape.n.empty() ? 1 : shape.n.back().extent.constant()),
        parts((columns + schedule.columns - 1) / schedule.columns), reduction(shape.k.back()),
        b(operands.b), columnStride(shape.n.empty() ? Size(0) : shape.n.back().b),
        rowTiles(k, rowsOf(k, shape), schedule.rows) {
    if (parts > 1)
      partsBuffer = k.stackBuffer(schedule.rows * bufferWidth() *
                                  KernelBuilder::storedBytes(shape.accumulator));
  }

  void emit(const PhaseArguments &phase);

private:
  static Size rowsOf(KernelBuilder &k, const ContractionShape &shape) {
    Size rows = 1;
    for (const ContractionDim &dim : shape.m)
      rows = k.mul(rows, dim.extent);
    return rows;
  }
  // Whole vectors are stored, of which a part's columns are the first.
  int64_t bufferWidth() const { return (schedule.vectors + 1) * lanes; }

  void pack();
  void packSquare(Type element, const PackedMatrix &matrix, Size row, int64_t rows, int64_t column,
                  Size stride);
  SmallVector<Place> rowsAt(Size start, int64_t height);
  Accumulators part(Size start, int64_t height, int64_t first, int64_t last);
  Accumulators wholeRows(Size start, int64_t height);
  void rowTile(Size number);

  KernelBuilder &k;
  const ContractionShape &shape;
  const ContractionOperands &operands;
  const ContractionSchedule &schedule;
  TileWriter &writer;
  int64_t lanes, columns;
  int64_t parts; // of the columns
  const ContractionDim &reduction;
  Value b; // column after column, |columnStride| apart
  Size columnStride;
  RowTiles rowTiles;
  Value partsBuffer; // [row][bufferWidth]
};

// |rows| rows from |row| on, and as many columns, to where they lie in the packed columns.
void ReductionLanes::packSquare(Type element, const PackedMatrix &matrix, Size row, int64_t rows,
                                int64_t column, Size stride) {
  VectorType type = k.vectorType(element, lanes);
  int64_t there = std::min(columns - column, lanes);
  Value mask = there < lanes ? k.laneMask(there, lanes) : Value();
  SmallVector<Value> square(lanes, k.zero(type));
  for (int64_t r = 0; r < rows; ++r) {
    Size at = k.add(matrix.rowOffset(k, k.add(row, r)), matrix.columnOffset(k, column));
    square[r] = k.stridedLoad(type, operands.b, at, matrix.columnStride, mask);
  }
  transposeSquare(k, square);
  for (int64_t c = 0; c < there; ++c)
    k.store(square[c], b, k.add(k.mul(column + c, stride), row));
}

// In pairs of bf16, a pair is an element.
void ReductionLanes::pack() {
  PackedMatrix matrix = PackedMatrix::of(k, shape, operands.panels);
  int64_t together = operands.pairs ? 2 : 1;
  int64_t steps = reduction.extent.constant(), rows = steps / together;
  Type element = operands.pairs ? k.i32() : matrix.element;
  int64_t bytes = KernelBuilder::storedBytes(shape.input), stride = packedColumn(steps, bytes);
  b = k.stackBuffer(columns * stride * bytes);
  columnStride = stride;
  for (int64_t column = 0; column < columns; column += lanes) {
    int64_t whole = rows / lanes * lanes;
    k.forLoop(0, whole, lanes, [&](Value row) {
      packSquare(element, matrix, row, lanes, column, stride / together);
    });
    if (whole < rows)
      packSquare(element, matrix, whole, rows - whole, column, stride / together);
  }
}

SmallVector<Place> ReductionLanes::rowsAt(Size start, int64_t height) {
  SmallVector<Place> rows;
  if (shape.m.size() == 1) {
    Value first = k.address(shape.input, operands.a, k.mul(start, shape.m[0].a));
    for (int64_t r = 0; r < height; ++r)
      rows.push_back(Place::at(k, shape.input, first, k.mul(r, shape.m[0].a)));
    return rows;
  }
  SmallVector<Size> extents;
  for (const ContractionDim &dim : shape.m)
    extents.push_back(dim.extent);
  for (int64_t r = 0; r < height; ++r) {
    Size offset = 0;
    for (auto [dim, at] : llvm::zip(shape.m, k.delinearize(k.add(start, r), extents)))
      offset = k.add(offset, k.mul(at, dim.a));
    rows.push_back(Place::at(k, shape.input, operands.a, offset));
  }
  return rows;
}

// Per row, columns [first, last) in the first lanes of a vector.
Accumulators ReductionLanes::part(Size start, int64_t height, int64_t first, int64_t last) {
  RegisterTile tile{shape.input, shape.accumulator, lanes, rowsAt(start, height), {}, {}, 1};
  tile.alongReduction = true;
  tile.depth = schedule.depth;
  for (int64_t c = first; c < last; ++c)
    tile.columns.push_back(Place::at(k, shape.input, b, k.mul(c, columnStride)));
  Accumulators sums(height * (last - first), k.zero(k.vectorType(shape.accumulator, lanes)));
  sums = accumulate(k, tile, {{0, reduction.extent, 1, 1}}, sums);
  return laneTotals(k, sums, last - first);
}

Accumulators ReductionLanes::wholeRows(Size start, int64_t height) {
  if (parts == 1)
    return part(start, height, 0, columns);
  // In ascending order: what is stored beyond a part's columns is the next one's.
  for (int64_t p = 0; p < parts; ++p) {
    int64_t first = p * columns / parts, last = (p + 1) * columns / parts;
    Accumulators sums = part(start, height, first, last);
    for (int64_t r = 0; r < height; ++r)
      k.store(sums[r], partsBuffer, r * bufferWidth() + first);
  }
  Accumulators sums;
  for (int64_t r = 0; r < height; ++r)
    for (int64_t v = 0; v < schedule.vectors; ++v)
      sums.push_back(k.load(k.vectorType(shape.accumulator, lanes), partsBuffer,
                            r * bufferWidth() + v * lanes));
  return sums;
}

void ReductionLanes::rowTile(Size number) {
  ColumnTile all{0, schedule.vectors, SmallVector<Value>(schedule.vectors), columns};
  if (columns % lanes)
    all.masks.back() = k.laneMask(columns % lanes, lanes);
  Size start = rowTiles.start(k, number), rows = rowTiles.rows(k, number);
  auto rowIndex = [&](Size r) { return k.add(start, r); };
  forHeight(k, rows, rowTiles.heights(), [&](int64_t height) {
    writer.finish(wholeRows(start, height), height, all, columns, rowIndex);
  });
  writer.flush(rows, all, columns, rowIndex);
}

void ReductionLanes::emit(const PhaseArguments &phase) {
  if (schedule.b == OperandForm::Pack)
    pack();
  Size blocks = k.ceilDiv(rowsOf(k, shape), schedule.rows * schedule.rowTiles);
  k.forLoop(phase.begin, phase.end, 1, [&](Value block) {
    Size first = rowTiles.blockBegin(k, block, blocks);
    Size last = rowTiles.blockBegin(k, k.add(block, 1), blocks);
    k.forLoop(first, last, 1, [&](Value number) { rowTile(number); });
  });
}

} // namespace

int64_t dlc::codegen::cpu::packedColumn(int64_t steps, int64_t bytes) {
  int64_t line = 64 / bytes;
  return llvm::alignTo(steps, line) + line;
}

void dlc::codegen::cpu::emitContractionLanes(KernelBuilder &k, const PhaseArguments &phase,
                                             const ContractionShape &shape,
                                             const ContractionOperands &operands,
                                             const ContractionSchedule &schedule, Epilogue epilogue,
                                             EpilogueMode mode) {
  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  ReductionLanes(k, shape, operands, schedule, writer).emit(phase);
}
