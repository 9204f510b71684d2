// The filter gradient: dfilter[tap, channel][filter] = sum over pixels of x * dy.
//
// For one tap this is a matrix multiplication whose reduction runs over (image, pixel): adjacent
// channels of x are broadcast, dy is read in vectors, and the pixels whose tap falls outside the
// input are left out by the loop bounds. With few channels a tile's rows run over (tap, channel)
// of one filter row, so that the sums fill the registers; the few pixels at the ends of an image
// row, inside for some of these taps only, then read zeros for the others: no part of the sum, as
// long as dy is finite there. Where such a tile ends in a NaN, it is computed again row by row.
//
// Pixels are taken in blocks that stay in L2 while pieces of work pass over them, as many as have
// room for their sums beside. A tile fetches some lines of the next block before each line of this
// one: what lies beyond L2 would be waited for otherwise, half of the time of 1x1 and 3x3 on 32
// images of 56x56x64.
//
// Pairs of bf16 are two neighbouring pixels of a line. Where many tiles read those of dy a thread
// packs them, a block at a time; a tap whose first pixel is the second of a pair begins with that
// half. What the instruction for pairs makes NaN of is computed again, without it.
//
// Depthwise: the same, with channels in the lanes.
//
// With few registers a step is few multiplications for the lines of cache that it touches, and a
// thread copies blocks of both operands (ConvFilterBlocks.cpp).
#include "codegen/cpu/emit/ConvFilterGrad.h"
#include "codegen/cpu/emit/Packing.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <functional>

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kRoomInL2 = 768 * 1024; // of 1 MiB: operands of a block, and sums
static constexpr int64_t kLineBytes = 64;        // of a cache line
static constexpr int64_t kTurnPixels = 32;       // of a single line, between turns at fetching

FilterGrad::FilterGrad(KernelBuilder &k, const ConvShape &shape, Value x, Value dy, Value partial,
                       const ConvSchedule &schedule, TileWriter &writer)
    : k(k), shape(shape), xMemory(x), dyMemory(dy),
      x(layoutOf(x, inputExtents(shape), shape.channels)),
      dy(layoutOf(dy, outputExtents(shape), shape.filters)), schedule(schedule), writer(writer),
      lanes(k.lanes(shape.accumulator)), last(shape.dims.size() - 1),
      elementwise(shape.isDepthwise()), groups(elementwise ? 1 : shape.groups),
      channels(elementwise ? Size(1) : k.div(shape.channels, shape.groups)),
      columns(k.div(shape.filters, groups)), windows(windowExtents(shape)),
      partial{partial, shape.accumulator, lanes, shape.filters}, turnPixels(kTurnPixels) {
  if (isAcrossTaps())
    exactSums = k.stackBuffer(schedule.rows * schedule.vectors * lanes *
                              KernelBuilder::storedBytes(shape.accumulator));
}

FilterGrad::Layout FilterGrad::layoutOf(Value memory, ArrayRef<Size> extents, Size channels) {
  return {memory, pixelStrides(k, extents, channels), k.mul(product(k, extents), channels)};
}

// The output coordinates whose tap falls inside the input.
FilterGrad::Range FilterGrad::pixelsInside(size_t d, Size tap) {
  const ConvDim &dim = shape.dims[d];
  Size offset = offsetOf(d, tap);
  Size first = k.floorDiv(k.sub(dim.stride - 1, offset), dim.stride);
  Size end = k.add(k.floorDiv(k.sub(k.sub(dim.in, 1), offset), dim.stride), 1);
  return {k.max(first, 0), k.min(end, dim.out)};
}

RegisterTile FilterGrad::registerTile(const Tile &tile, const ColumnTile &columns) {
  RegisterTile registers{shape.input, shape.accumulator, lanes, {},
                         {},          columns.masks,     1,     elementwise};
  if (dyCopy) // padded with zeros: every lane may be read
    registers.masks.assign(columns.vectors, Value());
  registers.depth = schedule.depth;
  Size origin = tile.firstChannel;
  for (size_t d = 0; d < last; ++d)
    origin = k.add(origin, k.mul(offsetOf(d, tile.outerTaps[d]), x.strides[d]));
  auto offsetIn = [&](const Row &row) {
    return k.add(k.mul(offsetOf(last, row.tap), x.strides[last]), row.channel);
  };
  // Rows of one tap differ by their channel alone, rows across taps by known taps and channels.
  Size firstOffset = offsetIn(tile.rows.front());
  Value firstRow = k.address(shape.input, x.memory, k.add(origin, firstOffset));
  for (const Row &row : tile.rows) {
    Size distance = tile.mixedTaps ? k.sub(offsetIn(row), firstOffset)
                                   : k.sub(row.channel, tile.rows.front().channel);
    registers.rows.push_back(Place::at(k, shape.input, firstRow, distance));
  }
  if (schedule.pairsGradient()) {
    registers.paired = true;
    registers.masks.assign(columns.vectors, Value()); // padded with zeros
    for (int64_t v = 0; v < columns.vectors; ++v)
      registers.columns.push_back({dy.memory, 2 * v * lanes});
    return registers;
  }
  Size column = dyCopy ? Size(0) : k.add(columns.base, columns.column);
  Value firstColumn = k.address(shape.input, dy.memory, column);
  for (int64_t v = 0; v < columns.vectors; ++v)
    registers.columns.push_back({firstColumn, v * lanes});
  return registers;
}

// Pixels that only some rows of the tile may use.
Accumulators FilterGrad::mixedPixels(const Tile &tile, const RegisterTile &registers, Range range,
                                     Accumulators sums) {
  const ConvDim &dim = shape.dims[last];
  Value zeros = k.zeroPage();
  return k.forLoop(range.first, range.last, 1, sums, [&](Value o, ValueRange carried) {
    RegisterTile at = registers.moved(k, k.mul(o, k.mul(dim.stride, x.strides[last])),
                                      k.mul(o, dy.strides[last]));
    for (auto [row, place] : llvm::zip(tile.rows, at.rows)) {
      Value inside = k.inside(k.add(k.mul(o, dim.stride), offsetOf(last, row.tap)), dim.in);
      Value real = k.address(shape.input, place.pointer, place.offset);
      place = {arith::SelectOp::create(k.builder(), k.loc(), inside, real, zeros), 0};
    }
    return addProducts(k, at, {}, Accumulators(carried));
  });
}

// The innermost dimension: pixels that every row of the tile may use, and those at either end.
Accumulators FilterGrad::reduceRow(const Tile &tile, RegisterTile registers, Range within,
                                   Accumulators sums, bool exact) {
  Size stride = k.mul(shape.dims[last].stride, x.strides[last]);
  auto pixelsOf = [&](Size tap) {
    Range inside = pixelsInside(last, tap);
    return Range{k.max(inside.first, within.first), k.min(inside.last, within.last)};
  };
  Range low = pixelsOf(tile.rows.front().tap), high = pixelsOf(tile.rows.back().tap);
  if (!tile.mixedTaps) {
    ReduceLoop loop{low.first, low.last, stride, dy.strides[last], true};
    return meanwhile && last == 0 && !exact ? inTurns(registers, loop, sums)
                                            : addProducts(k, registers, {loop}, sums, exact);
  }
  // A higher tap begins and ends earlier.
  Size firstShared = low.first, lastShared = k.max(high.last, firstShared);
  sums = mixedPixels(tile, registers, {high.first, k.min(firstShared, low.last)}, sums);
  sums = addProducts(k, registers, {{firstShared, lastShared, stride, dy.strides[last]}}, sums);
  return mixedPixels(tile, registers, {lastShared, low.last}, sums);
}

Accumulators FilterGrad::reduce(const Tile &tile, const RegisterTile &registers, const Block &block,
                                Accumulators sums, bool exact) {
  Size rowsPerImage = shape.dims[0].out, before;
  // Outer dimensions below image and row are walked by recursion; there is at most one more.
  std::function<Accumulators(size_t, RegisterTile, Range, Accumulators)> walk =
      [&](size_t d, RegisterTile at, Range range, Accumulators carried) -> Accumulators {
    if (d == last)
      return reduceRow(tile, at, range, carried, exact);
    Size a = k.mul(shape.dims[d].stride, x.strides[d]), b = dy.strides[d];
    return k.forLoop(range.first, range.last, 1, carried, [&](Value o, ValueRange inner) {
      if (meanwhile && d == 0 && !exact)
        inTurn(k.sub(k.add(before, o), block.from));
      Range next = d + 1 < last ? pixelsInside(d + 1, tile.outerTaps[d + 1])
                                : Range{0, shape.dims[last].out};
      return walk(d + 1, at.moved(k, k.mul(o, a), k.mul(o, b)), next, Accumulators(inner));
    });
  };
  Size firstImage = k.div(block.from, k.max(rowsPerImage, 1));
  Size endImage = k.ceilDiv(block.to, k.max(rowsPerImage, 1));
  return k.forLoop(firstImage, endImage, 1, sums, [&](Value image, ValueRange carried) {
    RegisterTile at = registers.moved(k, k.mul(image, x.image), k.mul(image, dy.image));
    before = k.mul(image, rowsPerImage);
    Range range = last > 0 ? pixelsInside(0, tile.outerTaps[0]) : Range{0, rowsPerImage};
    range.first = k.max(range.first, k.sub(block.from, before));
    range.last = k.min(range.last, k.sub(block.to, before));
    return walk(0, at, range, Accumulators(carried));
  });
}

// Before row number |row| of a block.
void FilterGrad::inTurn(Size row) {
  int64_t every = rowsOfTurn();
  auto turn = [&] { meanwhile(k.div(row, every)); };
  every == 1 ? turn() : k.ifThen(k.equal(k.rem(row, every), 0), turn);
}

Accumulators FilterGrad::startingSums(int64_t height, const ColumnTile &columns, const Block &block,
                                      RowIndex rowIndex) {
  auto fresh = [&] { return initialSums(k, shape.accumulator, lanes, height, columns, nullptr); };
  return block.isFirst ? k.chooseValues(block.isFirst, fresh,
                                        [&] { return partial.load(k, height, columns, rowIndex); })
                       : fresh();
}

// |number| as something that may change with |iteration|, as far as LLVM can see.
Size FilterGrad::hiddenIn(Value iteration, Size number) {
  return throughEmptyAsm(k.builder(), k.loc(), k.value(number), "=r,0,r", /*moves=*/true,
                         iteration);
}

// Row by row, each over the pixels of its own tap.
Accumulators FilterGrad::exactSumsOf(const Tile &tile, const ColumnTile &columns,
                                     const Block &block, RowIndex rowIndex) {
  Size first = k.add(k.mul(tile.rows.front().tap, channels), tile.rows.front().channel);
  return rowByRow(k, tile.rows.size(), exactSums, [&](Value r) {
    Size number = k.add(first, r);
    Tile row{tile.outerTaps,
             {{k.div(number, channels), k.rem(number, channels)}},
             tile.firstChannel,
             false};
    Accumulators sums =
        startingSums(1, columns, block, [&](Size i) { return rowIndex(k.add(r, i)); });
    // LLVM would make a loop of its own for blocks without pixels, and spill in it.
    Block hidden{hiddenIn(r, block.from), hiddenIn(r, block.to), block.isFirst, block.isLast};
    return reduce(row, registerTile(row, columns), hidden, sums, /*exact=*/true);
  });
}

void FilterGrad::tile(const Tile &tile, const ColumnTile &columns, const Block &block,
                      RowIndex rowIndex) {
  int64_t height = tile.rows.size();
  RegisterTile registers = registerTile(tile, columns);
  auto sumUp = [&](bool exact) {
    return reduce(tile, registers, block, startingSums(height, columns, block, rowIndex), exact);
  };
  Accumulators sums = sumUp(false);
  if (tile.mixedTaps)
    sums = unlessNan(k, sums, [&] { return exactSumsOf(tile, columns, block, rowIndex); });
  else if (schedule.depth > 1)
    sums = unlessNan(k, sums, [&] { return sumUp(true); });
  if (keepsPartial)
    return partial.store(k, sums, height, columns, rowIndex);
  auto finish = [&] {
    writer.finish(sums, height, columns, shape.filters, rowIndex);
    writer.flush(height, columns, shape.filters, rowIndex);
  };
  if (block.isLast)
    k.ifElse(block.isLast, finish, [&] { partial.store(k, sums, height, columns, rowIndex); });
  else
    finish();
}

// Of image rows, in a block.
int64_t FilterGrad::rowsOfBlock() {
  Size pixels = product(k, ArrayRef(outputExtents(shape)).drop_front());
  return std::max<int64_t>(schedule.pixelBlock / std::max<int64_t>(pixels.constant(), 1), 1);
}

void FilterGrad::forBlocks(const Range &rows, function_ref<void(const Block &)> body) {
  if (schedule.pixelBlock == 0)
    return body({rows.first, rows.last, Value(), Value()});
  Size pixelsPerRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
  Size step = k.max(k.div(schedule.pixelBlock, k.max(pixelsPerRow, 1)), 1);
  // Once even without pixels: the result must be written.
  k.forLoop(rows.first, k.max(rows.last, k.add(rows.first, 1)), step, [&](Value from) {
    Size to = k.min(k.add(from, step), rows.last);
    body({from, to, k.equal(from, rows.first), k.equal(to, rows.last)});
  });
}

// Rows are the channels of one tap.
void FilterGrad::withinTap(Size group, Size tap, const Range &rowTiles, const RowTiles &tiles,
                           const ColumnTile &columns, const Block &block) {
  SmallVector<Size> at = k.delinearize(tap, windows);
  k.forLoop(rowTiles.first, rowTiles.last, 1, [&](Value number) {
    Size start = tiles.start(k, number);
    tileNumber = k.sub(number, rowTiles.first);
    auto rowIndex = [&](Size r) { return k.add(k.mul(tap, channels), k.add(start, r)); };
    forHeight(k, tiles.rows(k, number), tiles.heights(), [&](int64_t height) {
      Tile here{ArrayRef(at).drop_back(), {}, k.add(k.mul(group, channels), start), false};
      for (int64_t r = 0; r < height; ++r)
        here.rows.push_back({at.back(), r});
      tile(here, columns, block, rowIndex);
    });
  });
}

// Rows are (tap, channel) of one filter row, all known numbers: cut and unrolled here.
void FilterGrad::acrossTaps(Size group, Size outerTap, const ColumnTile &columns,
                            const Block &block) {
  SmallVector<Size> at = k.delinearize(outerTap, ArrayRef(windows).drop_back());
  int64_t perTap = channels.constant(), total = windows[last].constant() * perTap;
  int64_t count = tilesAcrossTaps();
  Size channel = elementwise ? columns.column : k.mul(group, channels);
  for (int64_t number = 0; number < count; ++number) {
    int64_t start = number * total / count, end = (number + 1) * total / count;
    Tile here{at, {}, channel, false};
    for (int64_t row = start; row < end; ++row)
      here.rows.push_back({row / perTap, row % perTap});
    here.mixedTaps = start / perTap != (end - 1) / perTap;
    tile(here, columns, block,
         [&](Size r) { return k.add(k.mul(outerTap, total), k.add(start, r)); });
  }
}

int64_t FilterGrad::tilesAcrossTaps() {
  int64_t total = windows[last].constant() * channels.constant();
  return (total + schedule.rows - 1) / schedule.rows;
}

// ---- What is fetched ahead

// A few lines without asking whether that is too many: the next block's follow.
void FilterGrad::fetch(const Ahead &ahead, Size turn) {
  constexpr uint32_t kSecondLevel = 2, kData = 1;
  constexpr int64_t kUnrolledPixels = 16;
  int64_t line = kLineBytes / KernelBuilder::storedBytes(shape.input);
  auto fetchPixel = [&](Size pixel) {
    Size at = k.mul(pixel, ahead.stride);
    if (!ahead.line.is(0))
      at = k.add(k.mul(k.rem(pixel, ahead.line), ahead.stride),
                 k.mul(k.div(pixel, ahead.line), ahead.lineStride));
    Value place = k.address(shape.input, ahead.memory, at);
    for (int64_t element = 0; element < ahead.elements; element += line)
      LLVM::Prefetch::create(k.builder(), k.loc(), k.address(shape.input, place, element), /*rw=*/0,
                             kSecondLevel, kData);
  };
  Size first = k.mul(k.add(ahead.turn, turn), ahead.share);
  if (!ahead.pixels && ahead.share.isConstant() && ahead.share.constant() <= kUnrolledPixels)
    for (int64_t pixel = 0; pixel < ahead.share.constant(); ++pixel)
      fetchPixel(k.add(first, pixel));
  else {
    Size end = k.add(first, ahead.share);
    k.forLoop(first, ahead.pixels ? k.min(end, *ahead.pixels) : end, 1,
              [&](Value pixel) { fetchPixel(pixel); });
  }
}

// Nothing lies behind the last block: its tiles fetch one line again and again.
FilterGrad::Ahead FilterGrad::aheadOf(const Slice &slice, Size turns, const Block &block) {
  Size stride = slice.channels, pixels = slice.pixels;
  int64_t elements = slice.elements;
  bool oneLine = slice.line.is(0);
  if (oneLine && stride.is(elements)) { // whole pixels, line by line
    int64_t line = kLineBytes / KernelBuilder::storedBytes(shape.input);
    pixels = k.ceilDiv(k.mul(pixels, elements), line);
    stride = line, elements = 1;
  }
  Size share = k.ceilDiv(k.ceilDiv(pixels, slice.parts), k.max(turns, 1));
  auto unlessLast = [&](Size distance) { return k.select(block.isLast, 0, distance); };
  Size first = slice.offset;
  if (oneLine)
    first = k.add(first, k.mul(k.mul(k.mul(slice.part, share), turns), stride));
  Ahead ahead = {k.address(shape.input, slice.memory, unlessLast(first)), unlessLast(stride),
                 elements, std::nullopt, share};
  if (!oneLine) {
    ahead.turn = k.mul(slice.part, turns);
    ahead.line = slice.line, ahead.lineStride = unlessLast(slice.lineStride);
  }
  return ahead;
}

// The first row of x, over all images, that the block behind |block| is the first to read.
Size FilterGrad::nextRowOfX(const Block &block) {
  const ConvDim &outer = shape.dims.front();
  Size rows = k.max(outer.out, 1), image = k.div(block.to, rows), row = k.rem(block.to, rows);
  Size reach = k.mul(k.sub(outer.window, 1), outer.dilation);
  Size seen = k.sub(k.add(k.mul(k.sub(row, 1), outer.stride), reach), outer.padLow);
  return k.add(k.mul(image, outer.in), k.max(k.add(seen, 1), 0));
}

// With windows of one and a stride, only every other pixel of every other line is read: three of
// four lines that come would be in the way of others.
void FilterGrad::skipPixels(Slice &x, const Block &block, Size channel) {
  const ConvDim &outer = shape.dims.front(), &inner = shape.dims.back();
  Size rows = k.max(outer.out, 1), image = k.div(block.to, rows), row = k.rem(block.to, rows);
  Size lineOfX = k.add(k.mul(image, outer.in), k.mul(row, outer.stride));
  x.offset = k.add(k.mul(k.mul(lineOfX, inner.in), shape.channels), channel);
  x.channels = k.mul(inner.stride, shape.channels);
  x.pixels = k.mul(rowsOfBlock(), inner.out);
  x.line = inner.out;
  x.lineStride = k.mul(k.mul(inner.in, shape.channels), outer.stride);
}

// Pieces that read the same slice share the work, as if there were as many as can be.
void FilterGrad::fetchNextBlock(const Grid &grid, ArrayRef<Size> at, Size number,
                                const Block &block) {
  Slice ofX, ofDy;
  Size rounds = k.div(grid.together, k.mul(grid.columnTiles, grid.rowBlocks));
  if (grid.takesAllColumns()) {
    Size round = k.div(number, k.mul(grid.columnTiles, grid.rowBlocks));
    ofX.part = k.add(k.mul(round, grid.columnTiles), at[3]);
    ofX.parts = k.mul(k.max(rounds, 1), grid.columnTiles);
  } else {
    ofX.part = number, ofX.parts = grid.together;
  }
  ofDy.part = k.div(number, grid.columnTiles);
  ofDy.parts = k.max(k.div(grid.together, grid.columnTiles), 1);

  Size inRow = product(k, ArrayRef(inputExtents(shape)).drop_front());
  Size outRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
  Size rows = rowsOfBlock();
  Size channel = k.mul(at[0], channels), column = k.mul(at[0], columns);
  channel = k.add(channel, k.mul(at[2], grid.rowsOfPiece));
  column = k.add(column, k.mul(at[3], schedule.vectors * lanes));
  ofX.memory = xMemory, ofX.channels = shape.channels, ofX.elements = grid.rowsOfPiece;
  ofX.offset = k.add(k.mul(k.mul(nextRowOfX(block), inRow), shape.channels), channel);
  ofX.pixels = k.mul(k.mul(rows, shape.dims[0].stride), inRow);
  bool oneTap = llvm::all_of(shape.dims, [](const ConvDim &dim) { return dim.window.is(1); });
  if (oneTap && shape.dims.size() == 2 && shape.dims.back().stride > 1)
    skipPixels(ofX, block, channel);
  ofDy.memory = dyMemory, ofDy.channels = shape.filters;
  ofDy.elements = schedule.vectors * lanes;
  if (columns.isConstant())
    ofDy.elements = std::min(ofDy.elements, columns.constant());
  ofDy.offset = k.add(k.mul(k.mul(block.to, outRow), shape.filters), column);
  ofDy.pixels = k.mul(rows, outRow);

  int64_t perTile = last > 0 ? (rowsOfBlock() + rowsOfTurn() - 1) / rowsOfTurn() : turnsOfBlock();
  Size turns = k.mul(grid.tilesOfPiece, perTile);
  Ahead x = aheadOf(ofX, turns, block), dy = aheadOf(ofDy, turns, block);
  meanwhile = [=, this](Size turn) {
    Size here = k.add(k.mul(tileNumber, perTile), turn);
    fetch(x, here);
    fetch(dy, here);
  };
}

// ---- The grid

// Whether blocks are taken whose size is known.
bool FilterGrad::takesBlocks() {
  return schedule.pixelBlock && !elementwise &&
         product(k, ArrayRef(inputExtents(shape)).drop_front()).isConstant() &&
         product(k, ArrayRef(outputExtents(shape)).drop_front()).isConstant();
}

FilterGrad::Grid FilterGrad::gridOf() {
  ContractionGrid blocks = convGrid(schedule, shape.accumulator, k.target());
  Grid grid;
  grid.columnTiles = k.ceilDiv(columns, blocks.columnBlock);
  grid.taps = product(k, isAcrossTaps() ? ArrayRef(windows).drop_back() : ArrayRef(windows));
  grid.rowBlocks = isAcrossTaps() ? Size(1) : k.ceilDiv(channels, blocks.rowBlock);
  grid.rowsOfPiece = blocks.rowBlock;
  if (channels.isConstant())
    grid.rowsOfPiece = isAcrossTaps() ? channels.constant()
                                      : std::min(blocks.rowBlock, channels.constant());
  grid.tilesOfPiece = (grid.rowsOfPiece + schedule.rows - 1) / schedule.rows;
  grid.together = piecesPerBlock(grid);
  return grid;
}

// As many pieces as find room in L2 for their sums beside what they read of a block: some columns
// of the result, or all of them for some rows.
int64_t FilterGrad::piecesPerBlock(const Grid &grid) {
  Size inRow = product(k, ArrayRef(inputExtents(shape)).drop_front());
  Size outRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
  Size pieces = k.mul(k.mul(grid.taps, grid.rowBlocks), grid.columnTiles);
  if (!takesBlocks() || !pieces.isConstant())
    return 1;
  int64_t columnTiles = grid.columnTiles.constant(), all = pieces.constant();
  int64_t width = std::min(schedule.vectors * lanes, columns.constant());
  int64_t bytes = KernelBuilder::storedBytes(shape.input), rows = rowsOfBlock();
  int64_t rowsOfSums =
      isAcrossTaps() ? windows[last].constant() * channels.constant() : grid.rowsOfPiece;
  int64_t sums = rowsOfSums * width * KernelBuilder::storedBytes(shape.accumulator);
  int64_t ofDy = rows * outRow.constant() * width * bytes;
  int64_t ofX = rows * shape.dims[0].stride * inRow.constant() * grid.rowsOfPiece * bytes;
  int64_t rowBlocks = grid.rowBlocks.constant();
  auto fits = [&](int64_t count) {
    int64_t slicesOfX = std::min((count + columnTiles - 1) / columnTiles, rowBlocks);
    int64_t slicesOfDy = std::min(count, columnTiles);
    return count * sums + slicesOfDy * ofDy + slicesOfX * ofX <= kRoomInL2 &&
           (!schedule.pairsGradient() || slicesOfDy * packedElements() * bytes <= kPackedBlock);
  };
  int64_t count = 1, most = groups.is(1) ? all : std::min(all, columnTiles);
  while (count < most && fits(count + 1))
    ++count;
  return count > columnTiles ? count / columnTiles * columnTiles : count;
}

int64_t FilterGrad::packedElements() {
  int64_t outRow = product(k, ArrayRef(outputExtents(shape)).drop_front()).constant();
  return rowsOfBlock() * outRow * schedule.vectors * lanes;
}

// A turn costs as much as some steps.
int64_t FilterGrad::rowsOfTurn() {
  Size pixels = product(k, ArrayRef(outputExtents(shape)).drop_front());
  if (schedule.copiesBlocks() || !pixels.isConstant())
    return 1;
  int64_t rows = 1;
  while (rows * std::max<int64_t>(pixels.constant(), 1) < turnPixels)
    rows *= 2;
  return rows;
}

int64_t FilterGrad::turnsOfBlock() {
  return std::max<int64_t>(rowsOfBlock() / turnPixels, 1);
}

// The pixels of a block as one run: lines have an even number of them, where there are several.
void FilterGrad::packPairs(Size group, Size columnTile, Size slot, const Block &block) {
  Size outRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
  Size first = k.mul(block.from, outRow), count = k.mul(k.sub(block.to, block.from), outRow);
  ContractionShape lines;
  lines.input = shape.input;
  lines.k = {{count, 0, shape.filters}};
  lines.n = {{columns, 0, 1}};
  Size place = k.add(k.mul(first, shape.filters), k.mul(group, columns));
  emitPackPairs(k, PackedMatrix::of(k, lines, /*panels=*/false),
                k.address(shape.input, dyMemory, place),
                k.address(shape.input, dyPairs, k.mul(slot, packedElements())),
                {columnTile, schedule.vectors * lanes, 0, count, /*pairs=*/true});
}

void FilterGrad::pieceOfBlock(const Grid &grid, Size index, Size first, const Block &block) {
  SmallVector<Size> at =
      k.delinearize(index, {groups, grid.taps, grid.rowBlocks, grid.columnTiles});
  RowTiles tiles(k, channels, schedule.rows);
  Range rowTiles{tiles.blockBegin(k, at[2], grid.rowBlocks),
                 tiles.blockBegin(k, k.add(at[2], 1), grid.rowBlocks)};
  Size number = k.sub(index, first);
  if (takesBlocks() && !isAcrossTaps()) // whose few rows read dy as fast as it comes
    fetchNextBlock(grid, at, number, block);
  if (schedule.pairsGradient()) {
    Size slot = grid.takesAllColumns() ? at[3] : number;
    Value isFirst = k.less(number, grid.columnTiles);
    k.ifThen(isFirst, [&] { packPairs(at[0], at[3], slot, block); });
    Size outRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
    Size width = schedule.vectors * lanes, before = k.mul(k.mul(block.from, outRow), width);
    dy = layoutOf(k.address(shape.input, dyPairs, k.sub(k.mul(slot, packedElements()), before)),
                  outputExtents(shape), width);
  }
  forColumnTile(
      k, at[3], columns, schedule.vectors, lanes,
      [&](const ColumnTile &tile) {
        if (isAcrossTaps())
          acrossTaps(at[0], at[1], tile, block);
        else
          withinTap(at[0], at[1], rowTiles, tiles, tile, block);
      },
      k.mul(at[0], columns));
}

void FilterGrad::emit(const PhaseArguments &phase) {
  if (schedule.copiesBlocks())
    return emitCopied(phase);
  Grid grid = gridOf();
  if (schedule.pairsGradient()) {
    int64_t slots = grid.columnTiles.isConstant()
                        ? std::min(grid.together, grid.columnTiles.constant())
                        : grid.together;
    dyPairs = k.stackBuffer(slots * packedElements() * KernelBuilder::storedBytes(shape.input));
  }
  k.forLoop(phase.begin, phase.end, grid.together, [&](Value first) {
    Size end = k.min(k.add(first, grid.together), phase.end);
    forBlocks(allRows(), [&](const Block &block) {
      k.forLoop(first, end, 1, [&](Value index) { pieceOfBlock(grid, index, first, block); });
    });
  });
}

void dlc::codegen::cpu::emitConvFilterGrad(KernelBuilder &k, const PhaseArguments &phase,
                                           const ConvShape &given, Value x, Value dy, Value partial,
                                           const ConvSchedule &schedule, Epilogue epilogue,
                                           EpilogueMode mode) {
  ConvShape shape = simplified(k, given);
  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  FilterGrad(k, shape, x, dy, partial, schedule, writer).emit(phase);
}
