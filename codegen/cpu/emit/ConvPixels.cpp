// Convolutions whose rows are pixels: the forward pass and the input gradient.
//
// A register tile is a run of neighbouring pixels. When it lies in one image row and every tap of
// the innermost dimension is inside, its rows are equally spaced and the taps stream: outer taps
// are clipped by loop bounds, and (tap, channel) is one contiguous run where it can be. Any other
// tile, at a border or across the end of a row, picks a pointer per row and tap, to a page of
// zeros where the tap is outside: full tiles everywhere, at the price of a few scalar operations
// per tap. With few channels that price is too high; such tiles first copy what they will read,
// zeros included, into a buffer in L1 (ConvBorder.cpp).
//
// A schedule may keep tiles to lines of a known length instead, and have no such tiles at all
// (ConvLines.cpp). And where there are fewer columns than lanes, the lanes may run along the source
// channels: every sum of the tile is a register then, whose lanes are added up in the end.
#include "codegen/cpu/emit/ConvPixels.h"
#include "codegen/cpu/emit/ReductionLanes.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

PixelConv::PixelConv(KernelBuilder &k, const ConvShape &shape, const PixelProblem &problem,
                     Value source, Value filter, const ConvSchedule &schedule, TileWriter &writer,
                     InitialValue initial, Value isFresh)
    : k(k), shape(shape), p(problem), source(source), filter(filter), schedule(schedule),
      writer(writer), initial(initial), lanes(k.lanes(shape.accumulator)),
      strides(pixelStrides(k, p.source, p.channels)), last(p.taps.size() - 1),
      imageStride(k.mul(product(k, p.source), p.channels)), isFresh(isFresh) {
  if (p.copied)
    columnsCopy = k.stackBuffer(p.copied * schedule.vectors * lanes *
                                KernelBuilder::storedBytes(shape.input));
  if (schedule.pixels == TilePixels::Lines)
    return;
  exactSums = k.stackBuffer(schedule.rows * schedule.vectors * lanes *
                            KernelBuilder::storedBytes(shape.accumulator));
  if (copiesBorder())
    patch = k.stackBuffer((schedule.rows * patchLength() + lanes) *
                          KernelBuilder::storedBytes(shape.input));
}

Value PixelConv::filterOf(Size group) {
  Size first = p.copied ? Size(0) : k.mul(group, p.groupStride);
  for (size_t d = 0; d <= last; ++d)
    first = k.add(first, k.mul(p.taps[d].firstTap, tapStride(d)));
  return k.address(shape.input, p.copied ? copiedBase : filter, first);
}

RegisterTile PixelConv::registerTile(Size group, const ColumnTile &columns) {
  RegisterTile tile{shape.input, shape.accumulator, lanes,        {},
                    {},          columns.masks,     p.laneStride, p.elementwise};
  tile.depth = schedule.depth;
  tile.alongReduction = sumsAreLanes();
  tile.paired = shape.filterPairs;
  Value base = filterOf(group);
  if (p.copied) {
    tile.masks.assign(columns.vectors, Value());
    for (int64_t v = 0; v < columns.vectors; ++v)
      tile.columns.push_back({base, v * lanes});
    return tile;
  }
  if (schedule.filter != OperandForm::Direct) {
    tile.masks.assign(columns.vectors, Value());
    tile.columns = panelPlaces(k, shape.input, base,
                               {shape.panelWidth, panelSize(), shape.filterPairs}, columns, lanes,
                               schedule.vectors * lanes);
    return tile;
  }
  base = k.address(shape.input, base, k.mul(columns.column, p.laneStride));
  int64_t distance = sumsAreLanes() ? 1 : lanes;
  for (int64_t v = 0; v < columns.vectors; ++v)
    tile.columns.push_back(Place::at(k, shape.input, base, k.mul(v * distance, p.laneStride)));
  return tile;
}

void PixelConv::forColumns(Size group, Size column, function_ref<void(const ColumnTile &)> body) {
  auto begun = [&](const ColumnTile &columns) {
    writer.begin(resultColumns(columns));
    body(columns);
  };
  forColumnTile(k, column, p.columns, schedule.vectors, sumsAreLanes() ? 1 : lanes, begun,
                k.mul(group, p.columns));
}

// ---- What is fetched ahead
//
// A large filter comes from memory, once, and the processor's own prefetchers do not see the next
// panel coming: the first tile of its columns would wait for all of it (of a network's last
// convolutions, 49 pixels, up to a tenth of the time). Each step multiplies long enough for one
// line. Pixels that a stride keeps apart leave sets of L2 unused and crowd the others, which have
// no room for more of the filter (1x1 of every other pixel of 14x14x1024: 1.87 ms, ahead 1.89
// to 2.0).

bool PixelConv::fetchesFilter(const ColumnTile &columns) const {
  bool several = !p.columns.isConstant() || p.columns.constant() > schedule.vectors * lanes;
  bool multiplies = schedule.rows * schedule.vectors > schedule.rows + schedule.vectors + 1;
  bool dense = llvm::all_of(p.taps, [](const TapRange &taps) { return taps.scale == 1; });
  return schedule.filter != OperandForm::Direct && !p.copied && !sumsAreLanes() && several &&
         multiplies && dense && columns.vectors == schedule.vectors;
}

// The first tile waits for its own columns, if any does, and the second begins with the next.
Value PixelConv::filterAhead(Size group, Size column, int64_t count, Size number) {
  constexpr int64_t kLineBytes = 64;
  int64_t width = shape.filterPairs ? 2 : 1; // elements of a column that lie side by side
  int64_t inLine = kLineBytes / (width * KernelBuilder::storedBytes(shape.input));
  Size share = k.min(k.max(k.sub(number, 1), 0), (count + inLine - 1) / inLine - 1);
  Size first = k.add(column, k.mul(share, inLine));
  Size within = k.mul(k.rem(first, shape.panelWidth), width);
  Size offset = k.add(k.mul(k.div(first, shape.panelWidth), panelSize()), within);
  return k.address(shape.input, filterOf(group), offset);
}

Value PixelConv::nextColumns(Size group, const ColumnTile &columns, Size number) {
  if (!fetchesFilter(columns))
    return nullptr;
  int64_t width = schedule.vectors * lanes;
  return filterAhead(group, k.add(columns.column, width), width, number);
}

// Whether a tile announces its rows while it multiplies.
bool PixelConv::announcesRows(int64_t height) const {
  return last == 0 && p.windows[0].is(1) && tapsAreOneRun() && !sumsAreLanes() &&
         p.reduce.isConstant() && p.reduce.constant() >= kStepsOfARow * height;
}

// ---- Inside the image

Value PixelConv::isInterior(ArrayRef<Size> at, int64_t height) {
  const TapRange &taps = p.taps[last];
  Size reach = k.mul(k.sub(taps.count, 1), taps.step);
  Size low = taps.origin(k, at.back());
  Size high = taps.origin(k, k.add(at.back(), height - 1));
  (taps.step < 0 ? low : high) = k.add(taps.step < 0 ? low : high, reach);
  Value sameRow = k.less(k.add(at.back(), height - 1), p.rows[last]);
  Value startsInside = k.less(-1, low), endsInside = k.less(high, taps.source);
  return k.both(sameRow, k.both(startsInside, endsInside));
}

// Of the source, taps lie side by side; of the filter too, unless it is read transposed.
bool PixelConv::tapsAreOneRun() const {
  const TapRange &inner = p.taps[last];
  return !p.elementwise && inner.step == 1 && inner.tapStep == 1 && p.groups.is(1) &&
         p.laneStride.is(1);
}

void PixelConv::placeRows(RegisterTile &tile, Value first, int64_t height) {
  Size distance = k.mul(p.taps[last].scale, p.channels);
  for (int64_t r = 0; r < height; ++r)
    tile.rows.push_back(Place::at(k, shape.input, first, k.mul(r, distance)));
}

// Where the first taps of the pixel at |at| lie, inside the source or not.
Size PixelConv::sourceOffset(Size firstChannel, ArrayRef<Size> at) {
  Size offset = k.add(k.mul(at[0], imageStride), firstChannel);
  for (size_t d = 0; d <= last; ++d)
    offset = k.add(offset, k.mul(p.taps[d].origin(k, at[d + 1]), strides[d]));
  return offset;
}

Accumulators PixelConv::interior(RegisterTile tile, Size firstChannel, ArrayRef<Size> at,
                                 int64_t height, Accumulators sums, bool clipped,
                                 function_ref<void(Size)> announceRow) {
  SmallVector<ReduceLoop> loops;
  for (size_t d = 0; d <= last; ++d) {
    const TapRange &taps = p.taps[d];
    Size o = at[d + 1];
    Size a = k.mul(taps.step, strides[d]), b = k.mul(taps.tapStep, tapStride(d));
    if (d < last || clipped)
      loops.push_back({taps.firstInside(k, o), taps.lastInside(k, o), a, b});
    else
      loops.push_back({0, taps.count, a, b});
  }
  if (!clipped && tapsAreOneRun())
    loops.back() = {0, k.mul(p.taps[last].count, p.reduce), 1, p.channelStride};
  else if (!p.elementwise)
    loops.push_back({0, p.reduce, 1, p.channelStride});
  Value first = k.address(shape.input, source, sourceOffset(firstChannel, at));
  placeRows(tile, first, height);
  // The pixels of the next tile are fetched beside the rows of this one (1x1 of 56x56x64 to 256: 6
  // % less time), as long as they are not too many lines (512 channels: 2 % more).
  constexpr int64_t kMostFetched = 384;
  auto meanwhile = [&](Size row) {
    announceRow(row);
    Size next = k.mul(k.add(row, height), k.mul(p.taps[last].scale, p.channels));
    if (p.reduce.constant() <= kMostFetched)
      prefetchIntoL2(k, shape.input, k.address(shape.input, first, next), p.reduce.constant());
  };
  if (announceRow)
    return accumulateByRows(k, tile, loops.back(), sums, meanwhile);
  return accumulate(k, tile, loops, sums);
}

// ---- The grid

Size PixelConv::resultRow(ArrayRef<Size> at) {
  Size flat = at[0];
  for (size_t d = 0; d <= last; ++d) {
    Size coordinate = at[d + 1];
    if (!p.contiguousRows)
      coordinate = k.add(k.mul(coordinate, p.resultScale[d]), p.resultStart[d]);
    flat = k.add(k.mul(flat, p.result[d]), coordinate);
  }
  return flat;
}

Size PixelConv::resultRow(Size row) {
  if (p.contiguousRows)
    return row;
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  return resultRow(k.delinearize(row, extents));
}

void PixelConv::finish(const Accumulators &sums, int64_t height, const ColumnTile &columns,
                       RowIndex rowIndex) {
  writer.finish(sumsAreLanes() ? laneTotals(k, sums, columns.vectors) : sums, height,
                resultColumns(columns), p.width, rowIndex);
}

void PixelConv::announce(int64_t height, const ColumnTile &columns, RowIndex rowIndex) {
  constexpr int64_t kLongEnough = 32; // steps, of as many cycles as the tile has sums
  Size steps = k.mul(product(k, p.windows), p.reduce);
  if (!steps.isConstant() || steps.constant() >= kLongEnough)
    writer.announce(height, resultColumns(columns), p.width, rowIndex);
}

// Columns as they are written: one vector where they were a register each.
ColumnTile PixelConv::resultColumns(const ColumnTile &columns) {
  if (!sumsAreLanes())
    return columns;
  Size end = k.add(columns.column, columns.vectors);
  return {columns.column, 1, {k.laneMask(columns.vectors, lanes)}, end, columns.base};
}

void PixelConv::rowTile(Size group, const ColumnTile &columns, const RowTiles &tiles, Size tile) {
  Size start = tiles.start(k, tile), rows = tiles.rows(k, tile);
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  SmallVector<Size> at = k.delinearize(start, extents);
  auto rowIndex = [&](Size r) { return resultRow(k.add(start, r)); };
  RegisterTile base = registerTile(group, columns);
  // A tile at a border needs the scalar registers for the pointers of its rows.
  RegisterTile inside = base;
  inside.ahead = nextColumns(group, columns, tile);
  Size channel = p.elementwise ? columns.column : k.mul(group, p.reduce);
  forHeight(k, rows, tiles.heights(), [&](int64_t height) {
    auto announceRow = [&](Size row) { announce(1, columns, [&](Size) { return rowIndex(row); }); };
    function_ref<void(Size)> meanwhile;
    if (announcesRows(height))
      meanwhile = announceRow;
    else
      announce(height, columns, rowIndex);
    Accumulators sums = initialSums(k, shape.accumulator, lanes, height, columns, initial);
    sums = k.chooseValues(
        isInterior(at, height),
        [&] { return interior(inside, channel, at, height, sums, /*clipped=*/false, meanwhile); },
        [&] {
          Accumulators padded = patch
                                    ? copiedBorder(base, start, height, sums)
                                    : border(base, channel, countUp(k, at, extents, height), sums);
          if (neverPads())
            return padded;
          return unlessNan(k, padded,
                           [&] { return exactBorder(base, columns, channel, start, height); });
        });
    finish(sums, height, columns, rowIndex);
  });
  writer.flush(rows, resultColumns(columns), p.width, rowIndex);
}

void PixelConv::emit(Size group, Size block, Size blocks, Size column) {
  int64_t atLeast = 1;
  for (const Size &extent : p.rows)
    atLeast *= extent.isConstant() ? std::max<int64_t>(extent.constant(), 1) : 1;
  RowTiles tiles(k, k.mul(p.batch, product(k, p.rows)), schedule.rows, atLeast);
  Size first = tiles.blockBegin(k, block, blocks);
  Size end = tiles.blockBegin(k, k.add(block, 1), blocks);
  forColumns(group, column, [&](const ColumnTile &columns) {
    copyColumns(group, columns);
    k.forLoop(first, end, 1, [&](Value tile) { rowTile(group, columns, tiles, tile); });
  });
}

namespace {

// Strides of the filter as it is read: row-major [window.., channels / groups, filters], or panels.
void describeFilter(KernelBuilder &k, const ConvShape &shape, const ConvSchedule &schedule,
                    bool transposed, PixelProblem &problem) {
  bool everyTap = !transposed || shape.dims.front().stride == 1;
  Size channels = k.div(shape.channels, shape.groups);
  problem.laneStride = 1;
  if (problem.elementwise) {
    problem.tapStride = shape.filters;
  } else if (schedule.filter != OperandForm::Direct) {
    int64_t width = schedule.vectors * k.lanes(shape.accumulator);
    problem.copied = copiedSteps(k, shape, problem, schedule, everyTap);
    problem.channelStride = problem.copied ? width : shape.panelWidth;
    problem.tapStride = k.mul(problem.reduce, problem.channelStride);
    problem.groupStride = k.mul(k.mul(product(k, problem.windows), problem.reduce),
                                k.roundUp(problem.columns, shape.panelWidth));
  } else {
    problem.channelStride = transposed ? Size(1) : shape.filters;
    problem.laneStride = transposed ? shape.filters : Size(1);
    problem.tapStride = k.mul(channels, shape.filters);
    problem.groupStride = k.div(shape.filters, shape.groups);
  }
}

// Sizes that do not depend on the phase.
PixelProblem describe(KernelBuilder &k, const ConvShape &shape, const ConvSchedule &schedule,
                      bool inputGrad) {
  PixelProblem problem;
  Size from = inputGrad ? shape.filters : shape.channels;
  Size to = inputGrad ? shape.channels : shape.filters;
  problem.elementwise = shape.isDepthwise();
  problem.batch = shape.batch;
  problem.groups = problem.elementwise ? 1 : shape.groups;
  problem.source = inputGrad ? outputExtents(shape) : inputExtents(shape);
  problem.result = inputGrad ? inputExtents(shape) : outputExtents(shape);
  problem.windows = windowExtents(shape);
  problem.channels = from;
  problem.reduce = k.div(from, problem.groups);
  problem.columns = k.div(to, problem.groups);
  problem.width = to;
  describeFilter(k, shape, schedule, inputGrad, problem);
  return problem;
}

TileWriter writerOf(KernelBuilder &k, const ConvShape &shape, const ConvSchedule &schedule,
                    Epilogue epilogue, EpilogueMode mode) {
  bool lanes = schedule.lanes == TileLanes::Reduction;
  return TileWriter(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    lanes ? 1 : schedule.vectors);
}

// The pieces of work that Conv.h states: phases of an input gradient, blocks of rows or lines,
// parts of a line, groups, tiles of columns; in an order that spares the memory beyond L2.
class PixelGrid {
public:
  // |most|: pixels that are rows, per dimension, of the phase that has most of them.
  PixelGrid(KernelBuilder &k, const PixelProblem &problem, const ConvSchedule &schedule,
            const ConvShape &shape, ArrayRef<Size> most, Size phases)
      : k(k), lines(schedule.pixels == TilePixels::Lines), groups(problem.groups), phases(phases) {
    ContractionGrid grid = convGrid(schedule, shape.accumulator, k.target());
    columns = k.ceilDiv(problem.columns, grid.columnBlock);
    Size rows = k.mul(problem.batch, product(k, lines ? most.drop_back() : most));
    if (lines) {
      LineBlock block = lineBlock(most.back().constant(), schedule.rows, schedule.rowTiles);
      blocks = k.ceilDiv(rows, block.lines);
      parts = block.parts;
    } else {
      blocks = k.ceilDiv(rows, grid.rowBlock);
    }
    downColumns = goesDownColumns(problem, shape);
  }

  struct Piece {
    Size group, phase, block, part, column;
  };
  Piece piece(Value index) {
    SmallVector<Size> across = k.delinearize(index, {phases, blocks, parts, groups, columns});
    SmallVector<Size> down = k.delinearize(index, {phases, groups, columns, blocks, parts});
    auto either = [&](Size x, Size y) { return k.select(downColumns, x, y); };
    return {either(down[1], across[3]), down[0], either(down[3], across[1]),
            either(down[4], across[2]), either(down[2], across[4])};
  }
  /// The rows that a piece shares with the pieces of other columns.
  Size rowsOf(const Piece &at) {
    return k.add(k.mul(k.add(k.mul(at.phase, blocks), at.block), parts), at.part);
  }
  /// Whether the piece before this one had other columns, or none was before.
  Value isFresh(Value index, Value begin, const Piece &at) {
    Value first = k.both(k.equal(at.block, 0), k.equal(at.part, 0));
    Value changes = k.equal(k.select(downColumns, k.select(first, 1, 0), 1), 1);
    return arith::OrIOp::create(k.builder(), k.loc(), changes, k.equal(index, begin));
  }
  void emit(PixelConv conv, const Piece &at) {
    if (lines)
      conv.emitLines(at.group, at.block, blocks, at.part, parts, at.column);
    else
      conv.emit(at.group, at.block, blocks, at.column);
  }

private:
  // Groups and columns of one block read the same pixels: one after the other they find them in the
  // cache, and a large filter comes from beyond it for every block. Down the columns, the filter of
  // each stays in the cache while all pixels pass, once per column.
  Value goesDownColumns(const PixelProblem &problem, const ConvShape &shape) {
    constexpr int64_t kFilterInCache = 384 * 1024;
    int64_t bytes = KernelBuilder::storedBytes(shape.input);
    Size filter =
        k.mul(k.mul(product(k, problem.windows), problem.reduce), k.mul(problem.width, bytes));
    Size source =
        k.mul(k.mul(problem.batch, product(k, problem.source)), k.mul(problem.channels, bytes));
    Size filterReads = k.mul(k.mul(blocks, parts), filter);
    Size sourceReads = k.mul(k.mul(columns, groups), source);
    return k.both(k.less(kFilterInCache, filter), k.less(sourceReads, filterReads));
  }

  KernelBuilder &k;
  bool lines;
  Size groups, phases, columns, blocks;
  int64_t parts = 1;
  Value downColumns;
};

// A single long line may be cut anywhere; a schedule that counts lines means those of the image.
ConvShape shapeFor(KernelBuilder &k, const ConvShape &given, const ConvSchedule &schedule) {
  return schedule.pixels == TilePixels::Lines ? given : simplified(k, given);
}

} // namespace

void dlc::codegen::cpu::emitConvForward(KernelBuilder &k, const PhaseArguments &phase,
                                        const ConvShape &given, Value x, Value filter,
                                        const ConvSchedule &schedule, Epilogue epilogue,
                                        EpilogueMode mode, InitialValue initial) {
  ConvShape shape = shapeFor(k, given, schedule);
  PixelProblem problem = describe(k, shape, schedule, /*inputGrad=*/false);
  problem.rows = problem.result;
  for (const ConvDim &dim : shape.dims)
    problem.taps.push_back(forwardTaps(k, dim));

  TileWriter writer = writerOf(k, shape, schedule, epilogue, mode);
  PixelGrid grid(k, problem, schedule, shape, problem.rows, 1);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    PixelGrid::Piece piece = grid.piece(index);
    writer.piece = grid.rowsOf(piece);
    Value isFresh = grid.isFresh(index, phase.begin, piece);
    grid.emit(PixelConv(k, shape, problem, x, filter, schedule, writer, initial, isFresh), piece);
  });
}

void dlc::codegen::cpu::emitConvInputGrad(KernelBuilder &k, const PhaseArguments &phase,
                                          const ConvShape &given, Value dy, Value filter,
                                          const ConvSchedule &schedule, Epilogue epilogue,
                                          EpilogueMode mode) {
  ConvShape shape = shapeFor(k, given, schedule);
  PixelProblem problem = describe(k, shape, schedule, /*inputGrad=*/true);
  SmallVector<Size> strides, most;
  for (const ConvDim &dim : shape.dims) {
    strides.push_back(dim.stride);
    most.push_back(k.ceilDiv(dim.in, dim.stride));
    problem.resultScale.push_back(dim.stride);
  }
  Size phases = product(k, strides);
  problem.contiguousRows = phases.is(1);

  TileWriter writer = writerOf(k, shape, schedule, epilogue, mode);
  PixelGrid grid(k, problem, schedule, shape, most, phases);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    PixelGrid::Piece piece = grid.piece(index);
    writer.piece = grid.rowsOf(piece);
    PixelProblem here = problem;
    here.resultStart = k.delinearize(phases.is(1) ? Size(0) : piece.phase, strides);
    for (auto [dim, start] : llvm::zip(shape.dims, here.resultStart)) {
      // Of a dimension with a stride of 1 everything is known that the sizes tell.
      Size first = dim.stride == 1 ? Size(0) : start;
      here.taps.push_back(inputGradTaps(k, dim, first));
      // Pixels first, first + stride, ... below in.
      here.rows.push_back(k.div(k.max(k.add(k.sub(dim.in, first), dim.stride - 1), 0), dim.stride));
    }
    Value isFresh = grid.isFresh(index, phase.begin, piece);
    grid.emit(PixelConv(k, shape, here, dy, filter, schedule, writer, nullptr, isFresh), piece);
  });
}
