// Walks the grid of a contraction and feeds the register tile; see Contraction.h.
#include "codegen/cpu/emit/ContractionBlocks.h"
#include "codegen/cpu/emit/ContractionLanes.h"
#include "codegen/cpu/emit/ContractionRows.h"
#include "codegen/cpu/emit/Packing.h"
#include "codegen/cpu/emit/RegisterTile.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kLineBytes = 64;         // of a cache line
static constexpr int64_t kMostRowSteps = 1024;    // of a row of A that is fetched at once
static constexpr int64_t kNearBytes = 256 * 1024; // of L2, a megabyte
static constexpr int64_t kMostWaiting = 128 * 1024; // of sums on the stack

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
        rowTiles(k, m, schedule.rows),
        stored(PackedMatrix::of(k, shape, schedule.packsBlocks() && operands.panels)) {}

  void emit(const PhaseArguments &phase);

private:
  // The matrix that a grid tile works on: one index of batch and outer n.
  struct Slice {
    Value a, b;    // operand pointers of this slice
    Size firstRow; // flat result row of m = 0
    Value next;    // what is packed of B after this tile's columns; null: it is not fetched ahead
  };

  ArrayRef<ContractionDim> outerN() const {
    return shape.n.empty() ? ArrayRef<ContractionDim>() : ArrayRef(shape.n).drop_back();
  }
  // Some steps of the outermost loop of the reduction; where sums begin and end (null: here).
  struct ReduceBlock {
    Size from, to;
    Value isFirst, isLast;
  };
  Slice slice(Size index);
  void forReduceBlocks(function_ref<void(const ReduceBlock &)> body);
  void allocateBlock();
  Value packBlock(const Slice &slice, Size tile, const ReduceBlock &reduce, Value isFresh);
  void fetchRow(const Slice &slice, Size row);
  Value nextBlock(Size index, Size column, Size columns);
  Value nextPanel(Size index, Size column);
  Value lineAhead(const Slice &slice, Size tile);
  void rowBlock(const Slice &slice, const ColumnTile &columns, Size block, Size blocks,
                const ReduceBlock &reduce);
  void rowTile(const Slice &slice, const ColumnTile &columns, Size tile, ArrayRef<ReduceLoop> loops,
               Value firstBlock, Value lastBlock);
  SmallVector<ReduceLoop> reduceLoops(const ReduceBlock &reduce);
  Value goesDownColumns(Size columns);
  void forColumnTiles(Size piece, Size pieces, int64_t most, function_ref<void(Size)> body);
  RegisterTile registerTile(const Slice &slice, const ColumnTile &columns, Size start,
                            int64_t rows);
  Size resultRow(const Slice &slice, Size row) {
    return k.add(slice.firstRow, k.mul(row, outerCount));
  }
  // Into several blocks, that is: one that holds all steps has no unfinished sums.
  bool isBlocked() const {
    bool all = reduction.isConstant() && reduction.constant() <= schedule.reduceBlock;
    return schedule.reduceBlock != 0 && !shape.k.empty() && !all;
  }
  // Whether tiles are so many, for their steps, that stores would wait for memory, but each long
  // enough for lines to arrive.
  bool announces() const {
    return reduction.isConstant() && reduction.constant() >= 32 && reduction.constant() <= 256;
  }
  // Whether a tile has steps enough to announce each row by itself, and not too many lines in it.
  bool goesRowByRow(int64_t height) const {
    return shape.k.size() == 1 && reduction.isConstant() &&
           reduction.constant() >= kStepsOfARow * height && reduction.constant() <= kMostRowSteps;
  }
  // Operands of so many elements: they stay in L2 beside others.
  bool staysNear(Size elements) const {
    return elements.isConstant() &&
           elements.constant() * KernelBuilder::storedBytes(shape.input) <= kNearBytes;
  }
  int64_t lineElements() const { return kLineBytes / KernelBuilder::storedBytes(shape.input); }
  bool readsPanels() const {
    return schedule.packsBlocks() ? operands.panels : schedule.b != OperandForm::Direct;
  }
  // Whether packed blocks hold pairs: no loop of the reduction may end within one.
  bool inPairs() const {
    if (shape.k.empty() || (isBlocked() && schedule.reduceBlock % 2))
      return false;
    bool words = shape.input.isBF16() && k.target().readsWords() && shape.k.back().a.is(1);
    if (schedule.depth != 2 && !words)
      return false;
    const Size &inner = shape.k.back().extent;
    return shape.k.size() == 1 || (inner.isConstant() && inner.constant() % 2 == 0);
  }
  int64_t width() const { return schedule.vectors * lanes; }

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
  PackedMatrix stored; // B
  Value packed;        // the block that tiles read, when they do not read B itself
  Value waiting;       // unfinished sums of a piece of work, where the result cannot hold them
  Size waitingFrom;    // the row of A that they begin with
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
  if (readsPanels())
    b = k.mul(index, k.mul(k.roundUp(n, shape.panelWidth), reduction));
  // index = batch * outer + o, and rows run [batch][m][outer].
  Size batch = k.div(index, outerCount), outer = k.rem(index, outerCount);
  Size firstRow = k.add(k.mul(k.mul(batch, m), outerCount), outer);
  return {k.address(shape.input, operands.a, a), k.address(shape.input, operands.b, b), firstRow,
          Value()};
}

// ---- What is fetched ahead
//
// Batches of small matrices, queries times keys, come from beyond L2, and the processor's own
// prefetchers follow neither six rows that end after some lines nor sixteen columns that are turned
// around. So a tile fetches while it multiplies: the rows of A of the next one and its own of the
// result, row by row, and a line in every step of what is packed next of B. 96 products of 128 x 64
// by 64 x 128, 2.47 ms: with B 2.29, with rows of the result one by one 2.11, with A 1.90; 4096 x
// 768 by 768 x 768 1.5 % less.

// Row |row| of A, as it is read by the next tile.
void ContractionEmitter::fetchRow(const Slice &slice, Size row) {
  if (staysNear(k.mul(k.mul(productOf(k, shape.batch), m), reduction)) || shape.m.size() != 1 ||
      !shape.k.front().a.is(1))
    return;
  prefetchIntoL2(k, shape.input, k.address(shape.input, slice.a, k.mul(row, shape.m.front().a)),
                 reduction.constant());
}

// The part of the panel behind that of |column| that tiles of it fetch: each of the tiles that
// share a panel has as much of the next one as its own columns are.
Value ContractionEmitter::nextPanel(Size index, Size column) {
  constexpr int64_t kMostBytes = 384 * 1024; // of L2, beside this panel and rows of A
  int64_t columns = shape.panelWidth, bytes = KernelBuilder::storedBytes(shape.input);
  if (!packed || isBlocked() || operands.pairs || columns % width() != 0 ||
      reduction.constant() * columns * bytes > kMostBytes)
    return nullptr;
  int64_t tiles = columns / width();
  Size next = k.add(k.div(column, tiles), 1);
  Value ends = k.equal(next, k.ceilDiv(n, columns));
  Slice of = slice(k.add(index, k.select(ends, 1, 0)));
  Size panel = k.mul(k.select(ends, 0, next), stored.panelSize);
  Size part = k.mul(k.rem(column, tiles), k.mul(reduction, width()));
  return k.address(shape.input, of.b, k.add(panel, part));
}

// Where the columns lie that are turned around after those of |column|, one after the other: they
// begin there, and have as many bytes as their packed block.
Value ContractionEmitter::nextBlock(Size index, Size column, Size columns) {
  if (operands.panels)
    return nextPanel(index, column);
  const Size &stride = stored.columnStride;
  bool dense = stored.rowsSideBySide(1) && stride.isConstant() && reduction.is(stride.constant());
  Size all = k.mul(k.mul(productOf(k, shape.batch), n), reduction);
  if (!packed || isBlocked() || !dense || shape.n.size() != 1 || staysNear(all))
    return nullptr;
  Size next = k.add(column, 1);
  Value ends = k.equal(next, columns);
  Slice of = slice(k.add(index, k.select(ends, 1, 0)));
  Size first = k.mul(k.select(ends, 0, next), width());
  return k.address(shape.input, of.b, k.mul(first, stride));
}

// The line of it that row tile |tile| fetches in its first step, from where it goes on as B does.
Value ContractionEmitter::lineAhead(const Slice &slice, Size tile) {
  if (!slice.next)
    return nullptr;
  int64_t lines = width() * (inPairs() ? 2 : 1) / lineElements(); // of a step
  return k.address(shape.input, slice.next, k.mul(k.min(tile, lines - 1), lineElements()));
}

// Strides of B by form: as it lies, or down the rows of its panels or of a packed block.
SmallVector<ReduceLoop> ContractionEmitter::reduceLoops(const ReduceBlock &reduce) {
  SmallVector<ReduceLoop> loops;
  Size below = schedule.packsBlocks() ? width() : shape.panelWidth;
  for (const ContractionDim &dim : llvm::reverse(shape.k)) {
    Size b = schedule.b == OperandForm::Direct ? dim.b : below;
    loops.insert(loops.begin(), ReduceLoop{0, dim.extent, dim.a, b});
    below = k.mul(below, dim.extent);
  }
  if (isBlocked()) {
    loops.front().begin = reduce.from;
    loops.front().end = reduce.to;
  }
  return loops;
}

RegisterTile ContractionEmitter::registerTile(const Slice &slice, const ColumnTile &columns,
                                              Size start, int64_t rows) {
  RegisterTile tile{shape.input, shape.accumulator, lanes, {}, {}, columns.masks, 1};
  tile.depth = schedule.depth;
  tile.lastLanes = columns.lastLanes;
  tile.paired = packed ? inPairs() : schedule.b == OperandForm::Panels && operands.pairs;
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
  if (schedule.b != OperandForm::Direct)
    tile.masks.assign(columns.vectors, Value()); // padded with zeros: every lane may be read
  if (packed) {
    for (int64_t v = 0; v < columns.vectors; ++v)
      tile.columns.push_back({slice.b, v * lanes * (tile.paired ? 2 : 1)});
    return tile;
  }
  if (schedule.b != OperandForm::Direct) {
    Size panelSize = k.mul(reduction, shape.panelWidth);
    tile.columns = panelPlaces(k, shape.input, slice.b, {shape.panelWidth, panelSize, tile.paired},
                               columns, lanes, width());
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
  PartialSums partial{waiting ? waiting : operands.partial, shape.accumulator, lanes,
                      waiting ? Size(width()) : n};
  ColumnTile partialColumns = columns;
  if (waiting)
    partialColumns.base = partialColumns.column = 0;
  auto partialRow = [&](Size r) {
    return waiting ? k.add(k.sub(start, waitingFrom), r) : rowIndex(r);
  };
  forHeight(k, rows, rowTiles.heights(), [&](int64_t height) {
    bool byRows = !firstBlock && goesRowByRow(height);
    if (announces() && !firstBlock && !byRows)
      writer.announce(height, columns, n, rowIndex);
    auto fresh = [&] { return initialSums(k, shape.accumulator, lanes, height, columns, initial); };
    auto load = [&] { return partial.load(k, height, partialColumns, partialRow); };
    Accumulators sums = firstBlock ? k.chooseValues(firstBlock, fresh, load) : fresh();
    RegisterTile registers = registerTile(slice, columns, start, height);
    registers.ahead = lineAhead(slice, tile);
    auto announceRow = [&](Size row) {
      writer.announce(1, columns, n, [&](Size) { return rowIndex(row); });
      fetchRow(slice, k.add(k.add(start, height), row));
    };
    sums = byRows ? accumulateByRows(k, registers, loops.front(), sums, announceRow)
                  : accumulate(k, registers, loops, sums);
    auto finish = [&] { writer.finish(sums, height, columns, n, rowIndex); };
    if (lastBlock)
      k.ifElse(lastBlock, finish,
               [&] { partial.store(k, sums, height, partialColumns, partialRow); });
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
                                  Size blocks, const ReduceBlock &reduce) {
  Size first = rowTiles.blockBegin(k, block, blocks);
  Size last = rowTiles.blockBegin(k, k.add(block, 1), blocks);
  SmallVector<ReduceLoop> loops = reduceLoops(reduce);
  if (waiting)
    waitingFrom = rowTiles.start(k, first);
  k.forLoop(first, last, 1, [&](Value tile) {
    rowTile(slice, columns, tile, loops, reduce.isFirst, reduce.isLast);
  });
}

void ContractionEmitter::forReduceBlocks(function_ref<void(const ReduceBlock &)> body) {
  if (!isBlocked())
    return body({0, reduction, Value(), Value()});
  // At least one round even when there is nothing to sum: the result must be written.
  Size extent = shape.k.front().extent;
  k.forLoop(0, k.max(extent, 1), schedule.reduceBlock, [&](Value from) {
    Size to = k.min(k.add(from, schedule.reduceBlock), extent);
    body({from, to, k.equal(from, 0), k.equal(to, extent)});
  });
}

void ContractionEmitter::allocateBlock() {
  int64_t rows = isBlocked() ? schedule.reduceBlock : reduction.constant();
  packed = k.stackBuffer(llvm::alignTo(rows, 2) * width() * // the last pair may be half of one
                         KernelBuilder::storedBytes(shape.input));
}

// Returns the place of row 0, were it in the block.
Value ContractionEmitter::packBlock(const Slice &slice, Size tile, const ReduceBlock &reduce,
                                    Value isFresh) {
  auto pack = [&] {
    emitPackBlock(k, stored, slice.b, packed, {tile, width(), reduce.from, reduce.to, inPairs()});
  };
  isBlocked() ? pack() : k.ifThen(isFresh, pack);
  return k.address(shape.input, packed, k.sub(0, k.mul(reduce.from, width())));
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
  ContractionGrid grid = contractionGrid(schedule, lanes);
  outerCount = productOf(k, outerN());
  Size slices = k.mul(productOf(k, shape.batch), outerCount);
  Size blocks = k.ceilDiv(m, grid.rowBlock), columns = k.ceilDiv(n, grid.columnBlock);
  Value downColumns = goesDownColumns(columns);
  if (schedule.packsBlocks())
    allocateBlock();
  if (isBlocked() && !operands.partial)
    waiting = k.stackBuffer(
        waitingBytes(schedule, lanes, shape.accumulator.getIntOrFloatBitWidth()));
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> across = k.delinearize(index, {slices, blocks, columns});
    SmallVector<Size> down = k.delinearize(index, {slices, columns, blocks});
    Size block = k.select(downColumns, down[2], across[1]);
    Size column = k.select(downColumns, down[1], across[2]);
    Slice here = slice(across[0]);
    if (grid.columnBlock == width())
      here.next = nextBlock(across[0], column, columns);
    // Blocks of rows below each other share their columns, as long as those are packed at once.
    Size first = k.select(downColumns, k.select(k.equal(block, 0), 1, 0), 1);
    Value isFresh =
        arith::OrIOp::create(k.builder(), k.loc(), k.equal(first, 1), k.equal(index, phase.begin));
    forReduceBlocks([&](const ReduceBlock &reduce) {
      forColumnTiles(column, columns, grid.columnBlock / width(), [&](Size number) {
        Slice read = here;
        if (packed)
          read.b = packBlock(here, number, reduce, isFresh);
        auto rows = [&](const ColumnTile &tile) { rowBlock(read, tile, block, blocks, reduce); };
        bool halves = schedule.depth == 1 && !operands.pairs && k.target().vectorBits == 512;
        forColumnTile(k, number, n, schedule.vectors, lanes, rows, 0, halves);
      });
    });
  });
}

// Those of piece number |piece| out of |pieces|, of |most| each at most.
void ContractionEmitter::forColumnTiles(Size piece, Size pieces, int64_t most,
                                        function_ref<void(Size)> body) {
  if (most == 1)
    return body(piece);
  Size tiles = k.ceilDiv(n, width());
  auto begin = [&](Size number) { return k.div(k.mul(number, tiles), pieces); };
  k.forLoop(begin(piece), begin(k.add(piece, 1)), 1, [&](Value number) { body(number); });
}

// Whether the result is to be written past the caches, and can be: rows of whole vectors.
bool goesAround(KernelBuilder &k, const ContractionShape &shape,
                    const ContractionOperands &operands, const ContractionSchedule &schedule) {
  Size rows = productOf(k, shape.m), columns = productOf(k, shape.n);
  if (!schedule.storeAround || !operands.partial || !rows.isConstant() || !columns.isConstant())
    return false;
  int64_t bytes = KernelBuilder::storedBytes(shape.accumulator);
  return columns.constant() % k.lanes(shape.accumulator) == 0 &&
         rows.constant() * columns.constant() * bytes >= schedule.storeAround;
}

} // namespace

ContractionGrid dlc::codegen::cpu::contractionGrid(const ContractionSchedule &schedule,
                                                   int64_t lanes) {
  int64_t tiles = 1;
  if (schedule.a == OperandForm::Pack)
    tiles = copiedColumnTiles(blocksSchedule(schedule), /*taps=*/1, lanes);
  else if (schedule.reduceBlock && schedule.split == GridOrder::Rows)
    tiles = std::max<int64_t>(kRowsPieceColumns / (schedule.vectors * lanes), 1);
  return {schedule.rows * schedule.rowTiles, schedule.vectors * lanes * tiles};
}

int64_t dlc::codegen::cpu::waitingBytes(const ContractionSchedule &schedule, int64_t lanes,
                                        int64_t accumulatorBits) {
  return schedule.rows * schedule.rowTiles * schedule.vectors * lanes * accumulatorBits / 8;
}

bool dlc::codegen::cpu::holdsWaiting(const ContractionSchedule &schedule, int64_t lanes,
                                     int64_t accumulatorBits) {
  ContractionGrid grid = contractionGrid(schedule, lanes);
  return schedule.packsBlocks() && schedule.a == OperandForm::Direct &&
         schedule.lanes == TileLanes::Columns && grid.columnBlock == schedule.vectors * lanes &&
         waitingBytes(schedule, lanes, accumulatorBits) <= kMostWaiting;
}

void dlc::codegen::cpu::emitContraction(KernelBuilder &k, const PhaseArguments &phase,
                                        const ContractionShape &shape,
                                        const ContractionOperands &operands,
                                        const ContractionSchedule &schedule, Epilogue epilogue,
                                        EpilogueMode mode, InitialValue initial) {
  if (schedule.lanes == TileLanes::Reduction && !initial)
    return emitContractionLanes(k, phase, shape, operands, schedule, epilogue, mode);
  if (schedule.a == OperandForm::Pack && !initial)
    return emitContractionBlocks(k, phase, shape, operands, schedule, epilogue, mode);
  if (schedule.columns && !initial)
    return emitContractionRows(k, phase, shape, operands, schedule, epilogue, mode);
  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  auto emit = [&] {
    ContractionEmitter(k, shape, operands, schedule, writer, initial).emit(phase);
  };
  if (mode != EpilogueMode::Inline || !goesAround(k, shape, operands, schedule))
    return emit();
  auto emitAround = [&] {
    writer.goesAround = true;
    emit();
    writer.goesAround = false;
    k.fenceNonTemporal();
  };
  k.ifElse(k.isAligned(operands.partial), emitAround, emit);
}
