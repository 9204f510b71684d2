// Cutting a line into tiles, and the code of one.
#include "codegen/cpu/emit/ConvLines.h"
#include "codegen/cpu/emit/ConvPixels.h"
#include <algorithm>

using namespace mlir;
using namespace dlc::codegen::cpu;

// ---- Lines and stretches

int64_t dlc::codegen::cpu::tilesOfLine(int64_t pixels, int64_t height) {
  return (pixels + height - 1) / height;
}

// The taps that some of the |height| rows from pixel |first| on see: neighbouring taps of the same
// rows are one run.
static SmallVector<LineStretch::Run> runsOf(const LineTaps &taps, int64_t first, int64_t height) {
  SmallVector<LineStretch::Run> runs;
  for (int64_t tap = 0; tap < taps.count; ++tap) {
    auto isInside = [&](int64_t row) {
      int64_t at = (first + row) * taps.scale + taps.start + tap * taps.step;
      return at >= 0 && at < taps.source;
    };
    int64_t from = 0, to = height;
    while (from < to && !isInside(from))
      ++from;
    while (to > from && !isInside(to - 1))
      --to;
    if (from == to)
      continue;
    if (!runs.empty() && runs.back().endTap == tap && runs.back().firstRow == from &&
        runs.back().endRow == to)
      ++runs.back().endTap;
    else
      runs.push_back({tap, tap + 1, from, to});
  }
  return runs;
}

SmallVector<LineStretch> dlc::codegen::cpu::lineStretches(const LineTaps &taps, int64_t height) {
  SmallVector<LineStretch> stretches;
  int64_t tiles = tilesOfLine(taps.pixels, height);
  for (int64_t tile = 0, pixel = 0; tile < tiles; ++tile) {
    int64_t here = taps.pixels / tiles + (tile < taps.pixels % tiles);
    SmallVector<LineStretch::Run> runs = runsOf(taps, pixel, here);
    if (!stretches.empty() && stretches.back().height == here && stretches.back().runs == runs)
      ++stretches.back().endTile;
    else
      stretches.push_back({tile, tile + 1, pixel, here, std::move(runs)});
    pixel += here;
  }
  return stretches;
}

int64_t dlc::codegen::cpu::numberOfRuns(ArrayRef<LineStretch> stretches) {
  int64_t runs = 0;
  for (const LineStretch &stretch : stretches)
    runs += stretch.runs.size();
  return runs;
}

LineBlock dlc::codegen::cpu::lineBlock(int64_t pixels, int64_t height, int64_t rowTiles) {
  int64_t tiles = std::max<int64_t>(tilesOfLine(pixels, height), 1);
  return {std::max<int64_t>(rowTiles / tiles, 1), (tiles + rowTiles - 1) / rowTiles};
}

static LineTaps known(const TapRange &range, Size pixels) {
  return {pixels.constant(), range.count.constant(), range.scale, range.start.constant(),
          range.step,        range.source.constant()};
}

// ---- Code

// Taps [firstTap, endTap) of the innermost dimension with the rows that see them.
Accumulators PixelConv::lineRun(const RegisterTile &tile, const LineStretch::Run &run,
                                Accumulators sums, bool exact) {
  const TapRange &taps = p.taps[last];
  size_t vectors = tile.columns.size();
  RegisterTile rows = tile;
  rows.rows.assign(tile.rows.begin() + run.firstRow, tile.rows.begin() + run.endRow);
  int64_t first = run.firstTap, count = run.endTap - run.firstTap;
  Size a = k.mul(taps.step, strides[last]), b = k.mul(taps.tapStep, tapStride(last));
  rows = rows.moved(k, k.mul(first, a), k.mul(first, b));
  SmallVector<ReduceLoop> loops;
  if (tapsAreOneRun())
    loops = {{0, k.mul(count, p.reduce), 1, p.channelStride}};
  else
    loops = {{0, count, a, b}, {0, p.reduce, 1, p.channelStride}};
  auto from = sums.begin() + run.firstRow * vectors, to = sums.begin() + run.endRow * vectors;
  llvm::copy(addProducts(k, rows, loops, Accumulators(from, to), exact), from);
  return sums;
}

// With a stride a line shares less of its pixels with the line before, and the processor's own
// prefetchers do not see the rows below coming: each tap fetches what it will read for the next
// line. 3x3 with a stride of 2, eight images of 56x56x128: 106 to 112 GFLOP/s.
void PixelConv::announceLine(const RegisterTile &tile, int64_t height) {
  const TapRange &inner = p.taps[last], &outer = p.taps[last - 1];
  bool readsAll = inner.count.isConstant() && inner.count.constant() >= inner.scale;
  if (outer.scale == 1 || !readsAll || !p.reduce.isConstant())
    return;
  const Place &first = tile.rows.front();
  Size below = k.add(first.offset, k.mul(outer.scale, strides[last - 1]));
  prefetchIntoL2(k, shape.input, k.address(shape.input, first.pointer, below),
                 height * inner.scale * p.reduce.constant());
}

// The taps of the outer dimensions are the same for all rows of a line: loops over those inside.
Accumulators PixelConv::lineTaps(const RegisterTile &tile, size_t d, ArrayRef<Size> at,
                                 const LineStretch &stretch, Accumulators sums, bool exact) {
  if (d == last) {
    for (const LineStretch::Run &run : stretch.runs)
      sums = lineRun(tile, run, sums, exact);
    return sums;
  }
  const TapRange &taps = p.taps[d];
  Size a = k.mul(taps.step, strides[d]), b = k.mul(taps.tapStep, tapStride(d));
  Size first = taps.firstInside(k, at[d + 1]), end = taps.lastInside(k, at[d + 1]);
  if (tapBlock && d == 0) {
    first = k.max(first, tapBlock->tap);
    end = k.min(end, k.add(tapBlock->tap, 1));
  }
  return k.forLoop(first, end, 1, sums, [&](Value tap, ValueRange carried) {
    RegisterTile moved = tile.moved(k, k.mul(tap, a), k.mul(tap, b));
    if (d + 1 == last)
      announceLine(moved, stretch.height);
    return lineTaps(moved, d + 1, at, stretch, Accumulators(carried), exact);
  });
}

// A filter whose columns of a tile do not stay in L2 would come from beyond it for every line, so
// one tap of the outermost dimension is taken after the other for all lines of a piece of work;
// sums wait in L1 meanwhile. 3x3 of 7x7x512, one image: 2.06 ms; in blocks 1.70.
bool PixelConv::inBlocks(const ColumnTile &columns) {
  constexpr int64_t kPanelInCache = 768 * 1024; // of L2, 1 MiB
  const Size &taps = p.taps.front().count;
  Size steps = k.mul(product(k, p.windows), p.reduce);
  if (last == 0 || schedule.filter == OperandForm::Direct || !steps.isConstant() ||
      !taps.isConstant() || taps.constant() < 2)
    return false;
  if (p.copied)
    return !copiesAll();
  int64_t width = columns.vectors * lanes;
  return steps.constant() * width * KernelBuilder::storedBytes(shape.input) > kPanelInCache;
}

// What is read next: the following tap of these columns, or the first one of the next columns.
Value PixelConv::lineAhead(Size group, const ColumnTile &columns, Size number) {
  if (!tapBlock)
    return nextColumns(group, columns, number);
  if (!fetchesFilter(columns))
    return nullptr;
  int64_t width = schedule.vectors * lanes;
  Size distance = k.mul(p.taps[0].tapStep, tapStride(0)), next = k.add(tapBlock->tap, 1);
  Value ends = k.equal(next, p.taps[0].count);
  Size column = k.select(ends, k.add(columns.column, width), columns.column);
  Value ahead = filterAhead(group, column, width, k.sub(number, tapBlock->firstLine));
  // The reduction moves it on to this tap.
  Size back = k.mul(k.sub(0, tapBlock->tap), distance);
  return k.address(shape.input, ahead, k.select(ends, back, distance));
}

void PixelConv::lineTile(Size group, const ColumnTile &columns, Size number, ArrayRef<Size> at,
                         const LineStretch &stretch) {
  Size first = resultRow(at);
  auto rowIndex = [&](Size r) { return k.add(first, r); };
  announce(stretch.height, columns, rowIndex);
  RegisterTile tile = registerTile(group, columns);
  tile.ahead = lineAhead(group, columns, number);
  Size offset = sourceOffset(k.mul(group, p.reduce), at);
  placeRows(tile, k.address(shape.input, source, offset), stretch.height);
  PartialSums waiting{lineSums, shape.accumulator, lanes, schedule.vectors * lanes};
  ColumnTile own = columns;
  own.column = own.base = 0;
  auto place = [&](Size r) {
    Size line = k.mul(k.sub(number, tapBlock->firstLine), p.rows[last]);
    return k.add(line, k.add(at.back(), r));
  };
  auto begin = [&] {
    return initialSums(k, shape.accumulator, lanes, stretch.height, columns, initial);
  };
  Accumulators initialValues =
      !tapBlock ? begin() : k.chooseValues(k.equal(tapBlock->tap, 0), begin, [&] {
        return waiting.load(k, stretch.height, own, place);
      });
  Accumulators sums = lineTaps(tile, 0, at, stretch, initialValues, /*exact=*/false);
  if (tile.depth > 1)
    sums = unlessNan(k, sums,
                     [&] { return lineTaps(tile, 0, at, stretch, initialValues, /*exact=*/true); });
  auto write = [&] {
    finish(sums, stretch.height, columns, rowIndex);
    writer.flush(stretch.height, resultColumns(columns), p.width, rowIndex);
  };
  if (!tapBlock)
    return write();
  k.ifElse(k.equal(k.add(tapBlock->tap, 1), p.taps[0].count), write,
           [&] { waiting.store(k, sums, stretch.height, own, place); });
}

void PixelConv::line(Size group, const ColumnTile &columns, Size number, Size part, int64_t parts) {
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end() - 1);
  SmallVector<Size> at = k.delinearize(number, extents);
  int64_t tiles = tilesOfLine(p.rows[last].constant(), schedule.rows);
  Size from = k.div(k.mul(part, tiles), parts), to = k.div(k.mul(k.add(part, 1), tiles), parts);
  for (const LineStretch &stretch : lineStretches(known(p.taps[last], p.rows[last]), schedule.rows))
    k.forLoop(k.max(from, stretch.firstTile), k.min(to, stretch.endTile), 1, [&](Value tile) {
      SmallVector<Size> pixel = at;
      pixel.push_back(
          k.add(stretch.firstPixel, k.mul(k.sub(tile, stretch.firstTile), stretch.height)));
      lineTile(group, columns, number, pixel, stretch);
    });
}

void PixelConv::emitLines(Size group, Size number, Size blocks, Size part, int64_t parts,
                          Size column) {
  Size lines = k.mul(p.batch, product(k, ArrayRef(p.rows).drop_back()));
  Size first = k.div(k.mul(number, lines), blocks);
  Size end = k.div(k.mul(k.add(number, 1), lines), blocks);
  int64_t most = lineBlock(p.rows[last].constant(), schedule.rows, schedule.rowTiles).lines;
  forColumns(group, column, [&](const ColumnTile &columns) {
    auto lines = [&] {
      k.forLoop(first, end, 1, [&](Value number) { line(group, columns, number, part, parts); });
    };
    if (!inBlocks(columns)) {
      copyColumns(group, columns);
      return lines();
    }
    if (!lineSums)
      lineSums = k.stackBuffer(most * p.rows[last].constant() * schedule.vectors * lanes *
                               KernelBuilder::storedBytes(shape.accumulator));
    k.forLoop(0, p.taps[0].count, 1, [&](Value tap) {
      tapBlock = TapBlock{tap, first};
      copyTapBlock(group, columns, tap);
      lines();
    });
    tapBlock.reset();
  });
}
