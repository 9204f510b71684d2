// Walks the grid of a contraction and feeds the register tile; see Contraction.h.
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/RegisterTile.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

Size productOf(KernelBuilder &k, ArrayRef<ContractionDim> dims) {
  Size product = 1;
  for (const ContractionDim &dim : dims)
    product = k.mul(product, dim.extent);
  return product;
}

SmallVector<Size> extentsOf(ArrayRef<ContractionDim> dims) {
  SmallVector<Size> extents;
  for (const ContractionDim &dim : dims)
    extents.push_back(dim.extent);
  return extents;
}

class ContractionEmitter {
public:
  ContractionEmitter(KernelBuilder &k, const ContractionShape &shape,
                     const ContractionOperands &operands, const ContractionSchedule &schedule,
                     TileWriter &writer, InitialValue initial)
      : k(k), shape(shape), operands(operands), schedule(schedule), writer(writer),
        initial(initial), lanes(k.lanes(shape.accumulator)), m(productOf(k, shape.m)),
        reduction(productOf(k, shape.k)), n(shape.n.empty() ? Size(1) : shape.n.back().extent),
        rowTiles(k, m, schedule.rows) {}

  void emit(const PhaseArguments &phase);

private:
  // The matrix that a grid tile works on: one index of batch and outer n.
  struct Slice {
    Value a, b;       // operand pointers of this slice
    Size firstRow;    // flat result row of m = 0
  };

  ArrayRef<ContractionDim> outerN() const {
    return shape.n.empty() ? ArrayRef<ContractionDim>() : ArrayRef(shape.n).drop_back();
  }
  Slice slice(Size index);
  void rowBlock(const Slice &slice, const ColumnTile &columns, Size block, Size blocks);
  void rowTile(const Slice &slice, const ColumnTile &columns, Size tile, ArrayRef<ReduceLoop> loops,
               Value firstBlock, Value lastBlock);
  SmallVector<ReduceLoop> reduceLoops();
  Value goesDownColumns(Size columns);
  RegisterTile registerTile(const Slice &slice, const ColumnTile &columns, Size start,
                            int64_t rows);
  Size resultRow(const Slice &slice, Size row) {
    return k.add(slice.firstRow, k.mul(row, outerCount));
  }
  bool isBlocked() const { return schedule.reduceBlock != 0 && !shape.k.empty(); }

  KernelBuilder &k;
  const ContractionShape &shape;
  const ContractionOperands &operands;
  const ContractionSchedule &schedule;
  TileWriter &writer;
  InitialValue initial;
  int64_t lanes;
  Size m, reduction, n;
  Size outerCount = 1; // product of the outer n
  RowTiles rowTiles;
};

ContractionEmitter::Slice ContractionEmitter::slice(Size index) {
  SmallVector<ContractionDim> dims(shape.batch);
  dims.append(outerN().begin(), outerN().end());
  Size a = 0, b = 0;
  SmallVector<Size> coordinates = k.delinearize(index, extentsOf(dims));
  for (auto [dim, coordinate] : llvm::zip(dims, coordinates)) {
    a = k.add(a, k.mul(coordinate, dim.a));
    b = k.add(b, k.mul(coordinate, dim.b));
  }
  if (schedule.b != OperandForm::Direct)
    b = k.mul(index, k.mul(k.roundUp(n, kPanelWidth), reduction));
  // index = batch * outer + o, and rows run [batch][m][outer].
  Size batch = k.div(index, outerCount), outer = k.rem(index, outerCount);
  Size firstRow = k.add(k.mul(k.mul(batch, m), outerCount), outer);
  return {k.address(shape.input, operands.a, a), k.address(shape.input, operands.b, b), firstRow};
}

// Strides of B by form: as it lies, or down the rows of its panels.
SmallVector<ReduceLoop> ContractionEmitter::reduceLoops() {
  SmallVector<ReduceLoop> loops;
  Size below = kPanelWidth;
  for (const ContractionDim &dim : llvm::reverse(shape.k)) {
    Size b = schedule.b == OperandForm::Direct ? dim.b : below;
    loops.insert(loops.begin(), ReduceLoop{0, dim.extent, dim.a, b});
    below = k.mul(below, dim.extent);
  }
  return loops;
}

RegisterTile ContractionEmitter::registerTile(const Slice &slice, const ColumnTile &columns,
                                              Size start, int64_t rows) {
  RegisterTile tile{shape.input, shape.accumulator, lanes, {}, {}, columns.masks, 1};
  tile.depth = schedule.depth;
  if (shape.m.size() == 1) {
    Value first = k.address(shape.input, slice.a, k.mul(start, shape.m[0].a));
    for (int64_t r = 0; r < rows; ++r)
      tile.rows.push_back(Place::at(k, shape.input, first, k.mul(r, shape.m[0].a)));
  } else {
    for (int64_t r = 0; r < rows; ++r) {
      Size offset = 0;
      for (auto [dim, at] : llvm::zip(shape.m, k.delinearize(k.add(start, r), extentsOf(shape.m))))
        offset = k.add(offset, k.mul(at, dim.a));
      tile.rows.push_back(Place::at(k, shape.input, slice.a, offset));
    }
  }
  if (schedule.b != OperandForm::Direct) {
    tile.masks.assign(columns.vectors, Value()); // panels are padded: every lane may be read
    Size panelSize = k.mul(reduction, kPanelWidth);
    tile.columns = panelPlaces(k, shape.input, slice.b, panelSize, columns, lanes,
                               schedule.vectors * lanes);
    return tile;
  }
  if (!shape.n.empty())
    tile.laneStride = shape.n.back().b;
  Value first = k.address(shape.input, slice.b, k.mul(columns.column, tile.laneStride));
  for (int64_t v = 0; v < columns.vectors; ++v)
    tile.columns.push_back(Place::at(k, shape.input, first, k.mul(v * lanes, tile.laneStride)));
  return tile;
}

void ContractionEmitter::rowTile(const Slice &slice, const ColumnTile &columns, Size tile,
                                 ArrayRef<ReduceLoop> loops, Value firstBlock, Value lastBlock) {
  Size start = rowTiles.start(k, tile), rows = rowTiles.rows(k, tile);
  auto rowIndex = [&](Size r) { return resultRow(slice, k.add(start, r)); };
  PartialSums partial{operands.partial, shape.accumulator, lanes, n};
  forHeight(k, rows, rowTiles.heights(), [&](int64_t height) {
    auto fresh = [&] {
      return initialSums(k, shape.accumulator, lanes, height, columns, initial);
    };
    Accumulators sums = firstBlock
                            ? k.chooseValues(firstBlock, fresh,
                                             [&] { return partial.load(k, height, columns, rowIndex); })
                            : fresh();
    sums = accumulate(k, registerTile(slice, columns, start, height), loops, sums);
    auto finish = [&] { writer.finish(sums, height, columns, n, rowIndex); };
    if (lastBlock)
      k.ifElse(lastBlock, finish, [&] { partial.store(k, sums, height, columns, rowIndex); });
    else
      finish();
  });
  auto flush = [&] { writer.flush(rows, columns, n, rowIndex); };
  if (lastBlock)
    k.ifThen(lastBlock, flush);
  else
    flush();
}

void ContractionEmitter::rowBlock(const Slice &slice, const ColumnTile &columns, Size block,
                                  Size blocks) {
  Size first = rowTiles.blockBegin(k, block, blocks);
  Size last = rowTiles.blockBegin(k, k.add(block, 1), blocks);
  SmallVector<ReduceLoop> loops = reduceLoops();
  if (!isBlocked()) {
    k.forLoop(first, last, 1,
              [&](Value tile) { rowTile(slice, columns, tile, loops, Value(), Value()); });
    return;
  }
  // At least one round even when there is nothing to sum: the result must be written.
  Size extent = loops.front().end;
  k.forLoop(0, k.max(extent, 1), schedule.reduceBlock, [&](Value from) {
    Size to = k.min(k.add(from, schedule.reduceBlock), extent);
    loops.front().begin = from;
    loops.front().end = to;
    Value isFirst = k.equal(from, 0), isLast = k.equal(to, extent);
    k.forLoop(first, last, 1,
              [&](Value tile) { rowTile(slice, columns, tile, loops, isFirst, isLast); });
  });
}

// While A fits in L2 beside a panel, tiles go down the columns of the result, so that a thread
// keeps to its own panels of B; a larger A is read once, block by block.
Value ContractionEmitter::goesDownColumns(Size columns) {
  if (schedule.split != GridOrder::BySize)
    return k.intConstant(k.i1(), schedule.split == GridOrder::Columns);
  Size bytes = k.mul(k.mul(m, reduction), KernelBuilder::storedBytes(shape.input));
  return k.both(k.less(bytes, kSmallA + 1), k.less(3, columns));
}

void ContractionEmitter::emit(const PhaseArguments &phase) {
  ContractionGrid grid = contractionGrid(schedule, shape.accumulator, k.target());
  outerCount = productOf(k, outerN());
  Size slices = k.mul(productOf(k, shape.batch), outerCount);
  Size blocks = k.ceilDiv(m, grid.rowBlock), columns = k.ceilDiv(n, grid.columnBlock);
  Value downColumns = goesDownColumns(columns);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> across = k.delinearize(index, {slices, blocks, columns});
    SmallVector<Size> down = k.delinearize(index, {slices, columns, blocks});
    Size block = k.select(downColumns, down[2], across[1]);
    Size column = k.select(downColumns, down[1], across[2]);
    Slice here = slice(across[0]);
    forColumnTile(k, column, n, schedule.vectors, lanes, [&](const ColumnTile &tile) {
      rowBlock(here, tile, block, blocks);
    });
  });
}

} // namespace

ContractionGrid dlc::codegen::cpu::contractionGrid(const ContractionSchedule &schedule,
                                                   Type accumulator, const CpuTarget &target) {
  int64_t lanes = target.lanes(8 * KernelBuilder::storedBytes(accumulator));
  return {schedule.rows * schedule.rowTiles, schedule.vectors * lanes};
}

void dlc::codegen::cpu::emitContraction(KernelBuilder &k, const PhaseArguments &phase,
                                        const ContractionShape &shape,
                                        const ContractionOperands &operands,
                                        const ContractionSchedule &schedule, Epilogue epilogue,
                                        EpilogueMode mode, InitialValue initial) {
  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator),
                    schedule.rows, schedule.vectors);
  ContractionEmitter(k, shape, operands, schedule, writer, initial).emit(phase);
}
