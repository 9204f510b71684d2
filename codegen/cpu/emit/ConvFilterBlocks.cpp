// The filter gradient of copied blocks, for processors with few registers.
//
// A tile of 6 x 2 vectors multiplies twelve times per pixel and reads a line of dy and one or two
// of x for it, where one of 6 x 4 wide ones multiplies as long as for 48 and reads six: what the
// cache beyond L1 delivers is not enough. So a thread copies a block of x, each row tile's channels
// to a panel of their own, and for some column tiles the same pixels of dy, which then stay in L1
// while all row tiles of a piece of work pass over them, as a panel does for all taps. Both are
// read one element after the other, as prefetchers like it, whatever the distance of pixels in
// memory, and no two pixels collide.
//
//   x copy   [row tile][pixel][schedule.rows]   dy copy   [column tile][pixel][column of the tile]
//
// A matrix product whose A lies with its rows inside is the same with one tap.
#include "codegen/cpu/emit/ConvFilterGrad.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <algorithm>

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kPieceColumns = 512;     // so many pay for copying x
static constexpr int64_t kTapColumns = 1152;      // times taps, where those are several
static constexpr int64_t kBlocksInL2 = 1 << 20;   // all of it: operands of a block, and sums
static constexpr int64_t kCopiedPixels = 8;       // of which all tiles' elements are copied
static constexpr int64_t kGroupBytes = 64 * 1024; // of dy, of column tiles copied together
static constexpr int64_t kLineElements = 16;      // in which panels begin, of 64 bytes if of f32
static constexpr int64_t kLongTurn = 256;         // of a single line, between turns at fetching

// ---- Sizes

FilterBlock dlc::codegen::cpu::filterBlock(const FilterRows &rows, int64_t pixelBlock) {
  if (rows.in && rows.out && *rows.out > 0 && *rows.out * rows.outPixels <= pixelBlock) {
    int64_t images = pixelBlock / std::max<int64_t>(*rows.out * rows.outPixels, 1);
    return {images, images * *rows.out, images * *rows.in};
  }
  int64_t step = std::max<int64_t>(pixelBlock / std::max<int64_t>(rows.outPixels, 1), 1);
  if (rows.out && *rows.out > 0) { // parts of the same size
    int64_t parts = (*rows.out + step - 1) / step;
    step = (*rows.out + parts - 1) / parts;
  }
  int64_t source = (step - 1) * rows.stride + rows.reach;
  return {0, step, rows.in ? std::min(source, *rows.in) : source};
}

// A vector that is stored for the last pixel may reach beyond it.
int64_t dlc::codegen::cpu::copiedPanel(const FilterRows &rows, const ConvSchedule &schedule,
                                       int64_t lanes) {
  int64_t pixels = filterBlock(rows, schedule.pixelBlock).sourceRows * rows.inPixels;
  return (pixels * schedule.rows + lanes + kLineElements - 1) / kLineElements * kLineElements;
}

int64_t dlc::codegen::cpu::copiedColumnTiles(const ConvSchedule &schedule, int64_t taps,
                                             int64_t lanes) {
  int64_t columns = taps == 1 ? kPieceColumns : kTapColumns / taps;
  return std::max<int64_t>(columns / (schedule.vectors * lanes), 1);
}

static FilterRows rowsOf(KernelBuilder &k, const ConvShape &shape) {
  auto known = [](Size size) {
    return size.isConstant() ? std::optional(size.constant()) : std::nullopt;
  };
  const ConvDim &outer = shape.dims.front();
  return {known(outer.in),
          known(outer.out),
          product(k, ArrayRef(inputExtents(shape)).drop_front()).constant(),
          product(k, ArrayRef(outputExtents(shape)).drop_front()).constant(),
          outer.stride,
          (outer.window.constant() - 1) * outer.dilation + 1};
}

// ---- Blocks

void FilterGrad::forCopiedBlocks(
    function_ref<void(const Block &, Size sourceFrom, Size sourceTo)> body) {
  const ConvDim &outer = shape.dims.front();
  FilterRows rows = rowsOf(k, shape);
  FilterBlock step = filterBlock(rows, schedule.pixelBlock);
  Size end = k.mul(shape.batch, outer.out), sourceEnd = k.mul(shape.batch, outer.in);
  auto block = [&](Size from, Size to, Size sourceFrom, Size sourceTo) {
    to = k.min(to, end);
    body({from, to, k.equal(from, 0), k.equal(to, end)}, k.min(sourceFrom, sourceEnd),
         k.min(sourceTo, sourceEnd));
  };
  // Once even without pixels: the result must be written.
  k.forLoop(0, k.max(shape.batch, 1), std::max<int64_t>(step.images, 1), [&](Value image) {
    Size first = k.mul(image, outer.out), source = k.mul(image, outer.in);
    if (step.images)
      return block(first, k.add(first, step.rows), source, k.add(source, step.sourceRows));
    k.forLoop(0, k.max(outer.out, 1), step.rows, [&](Value row) {
      Size low = k.sub(k.mul(row, outer.stride), outer.padLow);
      Size rowsHere = k.min(step.rows, k.sub(outer.out, row));
      Size high = k.add(low, k.add(k.mul(k.sub(rowsHere, 1), outer.stride), rows.reach));
      auto inside = [&](Size at) { return k.add(source, k.min(k.max(at, 0), outer.in)); };
      Size from = k.add(first, row);
      block(from, k.add(from, rowsHere), inside(low), inside(high));
    });
  });
}

// ---- Copies

// Pixels [first, last) of |left| channels at |from|, as many as a row tile has at most. Vectors
// that are longer are stored over by the next pixel; those of the last channels alone need masks.
// Some pixels are loaded before any is stored: 2.4 cycles for 6 elements instead of 3 to 9.
void FilterGrad::copyPixels(Value from, Value to, Size left, Size first, Size last) {
  Type element = shape.input;
  int64_t vectorLanes = k.lanes(element);
  int64_t vectors = (schedule.rows + vectorLanes - 1) / vectorLanes;
  VectorType type = k.vectorType(element, vectorLanes);
  auto some = [&](Size pixel, int64_t count, ArrayRef<Value> masks) {
    Value source = k.address(element, from, k.mul(pixel, shape.channels));
    Value target = k.address(element, to, k.mul(pixel, schedule.rows));
    SmallVector<Value> loaded;
    for (int64_t p = 0; p < count; ++p) {
      Place place = Place::at(k, element, source, k.mul(shape.channels, p));
      for (int64_t v = 0; v < vectors; ++v)
        loaded.push_back(
            k.maskedLoad(type, place.pointer, place.offset + v * vectorLanes, masks[v]));
    }
    for (int64_t p = 0; p < count; ++p)
      for (int64_t v = 0; v < vectors; ++v)
        k.store(loaded[p * vectors + v], target, p * schedule.rows + v * vectorLanes);
  };
  auto copy = [&](ArrayRef<Value> masks) {
    int64_t wave = std::max<int64_t>(kCopiedPixels / vectors, 1);
    Size waves = k.div(k.sub(last, first), wave), rest = k.add(first, k.mul(waves, wave));
    k.forLoop(first, rest, wave, [&](Value pixel) { some(pixel, wave, masks); });
    k.forLoop(rest, last, 1, [&](Value pixel) { some(pixel, 1, masks); });
  };
  auto masked = [&] {
    SmallVector<Value> masks;
    for (int64_t v = 0; v < vectors; ++v)
      masks.push_back(k.laneMask(k.sub(k.min(left, schedule.rows), v * vectorLanes), vectorLanes));
    copy(masks);
  };
  SmallVector<Value> whole(vectors);
  k.ifElse(k.less(left, vectors * vectorLanes), masked, [&] { copy(whole); });
}

// Pixels [from, to) of x, counted over all images.
void FilterGrad::copyX(const Piece &piece, const RowTiles &rows, Size from, Size to) {
  int64_t panel = copiedPanel(rowsOf(k, shape), schedule, k.lanes(shape.input));
  Size group = k.mul(piece.group, channels);
  k.forLoop(from, to, kCopiedPixels, [&](Value chunk) {
    Size end = k.min(k.add(chunk, kCopiedPixels), to);
    k.forLoop(piece.firstRow, piece.endRow, 1, [&](Value number) {
      Size start = rows.start(k, number);
      Size place = k.mul(k.sub(number, piece.firstRow), panel);
      copyPixels(k.address(shape.input, x.memory, k.add(group, start)),
                 k.address(shape.input, xCopy, k.sub(place, k.mul(from, schedule.rows))),
                 k.sub(channels, start), chunk, end);
    });
  });
}

// Column tiles whose pixels are copied together, as far as they stay in L2 with everything else: a
// row of dy, which may be a page of its own, is then visited once for several tiles.
int64_t FilterGrad::columnsTogether() {
  int64_t taps = product(k, windows).constant(), width = schedule.vectors * lanes;
  int64_t most = copiedColumnTiles(schedule, taps, lanes);
  if (columns.isConstant())
    most = std::min(most, (columns.constant() + width - 1) / width);
  int64_t bytes = dyPanelElements() * KernelBuilder::storedBytes(shape.input);
  return std::clamp<int64_t>(kGroupBytes / std::max<int64_t>(bytes, 1), 1,
                             std::max<int64_t>(most, 1));
}

int64_t FilterGrad::dyPanelElements() {
  FilterRows sizes = rowsOf(k, shape);
  FilterBlock block = filterBlock(sizes, schedule.pixelBlock);
  return block.rows * sizes.outPixels * schedule.vectors * lanes;
}

// Where pixel 0 of image 0 would be in the copy for column tile number |tile| of a group, in which
// pixel |first| is the first one.
Value FilterGrad::dyPanel(Size tile, Size first) {
  Size before = k.mul(first, schedule.vectors * lanes);
  return k.address(shape.input, dyCopy, k.sub(k.mul(tile, dyPanelElements()), before));
}

// A block's pixels of dy in the columns of tiles [group.first, group.last).
void FilterGrad::copyDy(const Piece &piece, const Block &block, const Range &group) {
  int64_t outPixels = rowsOf(k, shape).outPixels;
  Size first = k.mul(block.from, outPixels), last = k.mul(block.to, outPixels);
  k.forLoop(first, last, kCopiedPixels, [&](Value chunk) {
    Size end = k.min(k.add(chunk, kCopiedPixels), last);
    k.forLoop(group.first, group.last, 1, [&](Value number) {
      Value panel = dyPanel(k.sub(number, group.first), first);
      auto ofTile = [&](const ColumnTile &tile) { copyColumns(tile, panel, chunk, end); };
      forColumnTile(k, number, columns, schedule.vectors, lanes, ofTile,
                    k.mul(piece.group, columns));
    });
  });
}

void FilterGrad::copyColumns(const ColumnTile &columnTile, Value panel, Size first, Size end) {
  VectorType type = k.vectorType(shape.input, lanes);
  Size column = k.add(columnTile.base, columnTile.column);
  k.forLoop(first, end, 1, [&](Value pixel) {
    Value source = k.address(shape.input, dy.memory, k.add(k.mul(pixel, shape.filters), column));
    Size target = k.mul(pixel, schedule.vectors * lanes);
    for (int64_t v = 0; v < columnTile.vectors; ++v)
      k.store(k.maskedLoad(type, source, v * lanes, columnTile.masks[v]), panel,
              k.add(target, v * lanes));
  });
}

// ---- What is fetched ahead
//
// A loop that copies from beyond L2 waits for every line, a fifth of the time of 3x3 on 56x56x64,
// while tiles that multiply leave the memory idle. So before each line of a tile some lines are
// fetched of what is copied next: of what the next block adds to x, and of the next column tiles'
// pixels of dy. More at a time would wait for each other.

FilterGrad::Ahead FilterGrad::aheadOfX(const Piece &piece, const RowTiles &rows, Size sourceTo) {
  FilterRows sizes = rowsOf(k, shape);
  FilterBlock block = filterBlock(sizes, schedule.pixelBlock);
  int64_t sourceRows = block.images ? block.sourceRows : block.rows * sizes.stride;
  Size pixels = sourceRows * sizes.inPixels, first = rows.start(k, piece.firstRow);
  if (sharesBlocks) // others find what the first one has fetched
    pixels = k.select(k.equal(piece.firstColumn, 0), pixels, 0);
  Size turns = k.mul(turnsOf(piece), k.sub(piece.endColumn, piece.firstColumn));
  Size place = k.add(k.mul(k.mul(sourceTo, sizes.inPixels), shape.channels),
                     k.add(k.mul(piece.group, channels), first));
  return {k.address(shape.input, x.memory, place), shape.channels,
          schedule.rowTiles * schedule.rows, pixels, k.ceilDiv(pixels, turns)};
}

FilterGrad::Ahead FilterGrad::aheadOfDy(const Piece &piece, const Block &block,
                                        const Range &group) {
  int64_t outPixels = rowsOf(k, shape).outPixels, width = schedule.vectors * lanes;
  Size pixels = k.mul(k.sub(block.to, block.from), outPixels);
  if (sharesBlocks)
    pixels = k.select(k.equal(piece.firstRow, 0), pixels, 0);
  Value isLast = k.equal(group.last, piece.endColumn);
  Size column = k.mul(k.select(isLast, piece.firstColumn, group.last), width);
  Size pixel = k.mul(k.select(isLast, block.to, block.from), outPixels);
  Size place = k.add(k.mul(pixel, shape.filters), k.add(k.mul(piece.group, columns), column));
  Size turns = k.mul(turnsOf(piece), k.sub(group.last, group.first));
  return {k.address(shape.input, dy.memory, place), shape.filters, together * width, pixels,
          k.ceilDiv(pixels, turns)};
}

// As many as any block has: blocks that are copied are cut evenly, those read in place are not.
int64_t FilterGrad::turnsOfTile() {
  int64_t rows = schedule.copiesBlocks() ? filterBlock(rowsOf(k, shape), schedule.pixelBlock).rows
                                         : rowsOfBlock();
  return last > 0 ? rows : (rows + turnPixels - 1) / turnPixels;
}

// ---- Tiles

void FilterGrad::copiedColumns(const Piece &piece, const RowTiles &rows, const Block &block,
                               const ColumnTile &columnTile, Value copy, const Ahead &nextX,
                               const Ahead &nextDy) {
  int64_t panel = copiedPanel(rowsOf(k, shape), schedule, k.lanes(shape.input));
  Layout stored = dy;
  dy = layoutOf(copy, outputExtents(shape), schedule.vectors * lanes);
  k.forLoop(piece.firstRow, piece.endRow, 1, [&](Value rowTile) {
    Size start = rows.start(k, rowTile);
    Size place = k.mul(k.sub(rowTile, piece.firstRow), panel);
    forHeight(k, rows.rows(k, rowTile), rows.heights(), [&](int64_t height) {
      k.forLoop(0, product(k, windows), 1, [&](Value tap) {
        SmallVector<Size> at = k.delinearize(tap, windows);
        Size number = k.add(k.mul(k.sub(rowTile, piece.firstRow), product(k, windows)), tap);
        meanwhile = [&, number](Size turn) {
          fetch(nextX, k.add(k.mul(number, turnsOfTile()), turn));
          fetch(nextDy, k.add(k.mul(number, turnsOfTile()), turn));
        };
        auto rowIndex = [&](Size r) { return k.add(k.mul(tap, channels), k.add(start, r)); };
        Tile here{ArrayRef(at).drop_back(), {}, place, false};
        for (int64_t r = 0; r < height; ++r)
          here.rows.push_back({at.back(), r});
        tile(here, columnTile, block, rowIndex);
      });
    });
  });
  dy = stored;
}

// The pixels of a single line, in parts.
Accumulators FilterGrad::inTurns(const RegisterTile &registers, const ReduceLoop &loop,
                                 Accumulators sums) {
  return k.forLoop(0, turnsOfTile(), 1, sums, [&](Value turn, ValueRange carried) {
    meanwhile(turn);
    ReduceLoop part = loop;
    part.begin = k.add(loop.begin, k.mul(turn, turnPixels));
    part.end = k.min(k.add(part.begin, turnPixels), loop.end);
    return addProducts(k, registers, {part}, Accumulators(carried));
  });
}

void FilterGrad::copiedBlock(const Piece &piece, const RowTiles &rows, const Block &block,
                             Size sourceFrom, Size sourceTo) {
  FilterRows sizes = rowsOf(k, shape);
  Layout stored = x;
  Size from = k.mul(sourceFrom, sizes.inPixels);
  copyX(piece, rows, from, k.mul(sourceTo, sizes.inPixels));
  Ahead nextX = aheadOfX(piece, rows, sourceTo);
  x = layoutOf(k.address(shape.input, xCopy, k.sub(0, k.mul(from, schedule.rows))),
               inputExtents(shape), schedule.rows);
  k.forLoop(piece.firstColumn, piece.endColumn, together, [&](Value first) {
    Range group{first, k.min(k.add(first, together), piece.endColumn)};
    copyDy(piece, block, group);
    Ahead nextDy = aheadOfDy(piece, block, group);
    k.forLoop(group.first, group.last, 1, [&](Value number) {
      Size within = k.sub(number, first);
      nextX.turn = k.mul(k.sub(number, piece.firstColumn), turnsOf(piece));
      nextDy.turn = k.mul(within, turnsOf(piece));
      Value copy = dyPanel(within, k.mul(block.from, sizes.outPixels));
      auto ofTile = [&](const ColumnTile &tile) {
        copiedColumns(piece, rows, block, tile, copy, nextX, nextDy);
      };
      forColumnTile(k, number, columns, schedule.vectors, lanes, ofTile,
                    k.mul(piece.group, columns));
    });
  });
  x = stored;
}

// How many pieces of work take a block before any goes on to the next: all |pieces|, where what
// they read and write stays in L2 meanwhile, so that only the first of them waits for its copies.
int64_t FilterGrad::piecesTogether(Size pieces) {
  FilterRows sizes = rowsOf(k, shape);
  FilterBlock block = filterBlock(sizes, schedule.pixelBlock);
  Size elements = k.mul(k.mul(channels, shape.filters), product(k, windows));
  elements = k.add(elements, k.mul(shape.channels, block.sourceRows * sizes.inPixels));
  elements = k.add(elements, k.mul(shape.filters, block.rows * sizes.outPixels));
  if (!pieces.isConstant() || !elements.isConstant())
    return 1;
  int64_t bytes = elements.constant() * KernelBuilder::storedBytes(shape.input);
  return bytes <= kBlocksInL2 ? std::max<int64_t>(pieces.constant(), 1) : 1;
}

void FilterGrad::emitCopied(const PhaseArguments &phase) {
  turnPixels = kLongTurn;
  FilterRows sizes = rowsOf(k, shape);
  int64_t width = schedule.vectors * lanes, bytes = KernelBuilder::storedBytes(shape.input);
  int64_t panel = copiedPanel(sizes, schedule, k.lanes(shape.input));
  xCopy = k.stackBuffer(schedule.rowTiles * panel * bytes);
  together = columnsTogether();
  dyCopy = k.stackBuffer(together * dyPanelElements() * bytes);
  int64_t taps = product(k, windows).constant();
  RowTiles rows(k, channels, schedule.rows);
  Size columnTiles = k.ceilDiv(columns, width);
  Size columnBlocks = k.ceilDiv(columnTiles, copiedColumnTiles(schedule, taps, lanes));
  Size rowBlocks = k.ceilDiv(channels, schedule.rows * schedule.rowTiles);
  auto pieceOf = [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {groups, columnBlocks, rowBlocks});
    auto columnBegin = [&](Size number) { return k.div(k.mul(number, columnTiles), columnBlocks); };
    return Piece{at[0], rows.blockBegin(k, at[2], rowBlocks),
                 rows.blockBegin(k, k.add(at[2], 1), rowBlocks), columnBegin(at[1]),
                 columnBegin(k.add(at[1], 1))};
  };
  int64_t step = piecesTogether(k.mul(groups, k.mul(columnBlocks, rowBlocks)));
  sharesBlocks = step > 1;
  k.forLoop(phase.begin, phase.end, step, [&](Value first) {
    Size end = k.min(k.add(first, step), phase.end);
    forCopiedBlocks([&](const Block &pixels, Size sourceFrom, Size sourceTo) {
      k.forLoop(first, end, 1, [&](Value index) {
        copiedBlock(pieceOf(index), rows, pixels, sourceFrom, sourceTo);
      });
    });
  });
}
