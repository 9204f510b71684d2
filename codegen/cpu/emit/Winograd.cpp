// One piece of work: blocks of channels are transformed and multiplied in turn, sums wait in L2;
// then the tiles of pixels are made of the sums.
//
// Both transforms are additions between memory in L1 or L2 and memory: of 64 channels to 64 filters
// an eighth of the time of the products. The planes of transformed pixels and of sums lie a line
// apart beyond what they hold, since the sixteen elements that meet in a transform would otherwise
// share sets of L1.
#include "codegen/cpu/emit/Winograd.h"
#include "ir/ops/Winograd.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kPlanes = dlc::ir::kWinogradSums;
static constexpr int64_t kSide = 4; // of the pixels that a tile reads

static int64_t pixelPitch(const WinogradSchedule &schedule, int64_t lanes) {
  return (schedule.channelBlock + lanes - 1) / lanes * lanes + lanes;
}

int64_t dlc::codegen::cpu::winogradPixels(const WinogradSchedule &schedule, int64_t lanes) {
  return kPlanes * (schedule.pixelTiles * pixelPitch(schedule, lanes) + lanes);
}

int64_t dlc::codegen::cpu::winogradSums(const WinogradSchedule &schedule, int64_t lanes) {
  int64_t plane = schedule.pixelTiles * schedule.vectors * lanes + lanes;
  return schedule.columnTiles * kPlanes * plane;
}

namespace {

class WinogradConv {
public:
  WinogradConv(KernelBuilder &k, const WinogradShape &shape, Value x, Value panels,
               const WinogradSchedule &schedule, Epilogue epilogue, EpilogueMode mode)
      : k(k), shape(shape), schedule(schedule), x(x), panels(panels), lanes(k.lanes(shape.element)),
        writer(k, epilogue, mode, shape.element, lanes, /*maxRows=*/4, schedule.vectors) {
    tileRows = k.ceilDiv(shape.outRows, 2), tileColumns = k.ceilDiv(shape.outColumns, 2);
    tiles = k.mul(shape.batch, k.mul(tileRows, tileColumns));
    blocks = k.ceilDiv(tiles, schedule.pixelTiles);
    columnTiles = k.ceilDiv(shape.filters, schedule.vectors * lanes);
    columnBlocks = k.ceilDiv(columnTiles, schedule.columnTiles);
    pixelWidth = pixelPitch(schedule, lanes);
    pixelPlane = winogradPixels(schedule, lanes) / kPlanes;
    sumWidth = schedule.vectors * lanes;
    sumPlane = winogradSums(schedule, lanes) / kPlanes / schedule.columnTiles;
    int64_t bytes = KernelBuilder::storedBytes(shape.element);
    pixels = k.stackBuffer(winogradPixels(schedule, lanes) * bytes);
    sums = k.stackBuffer(winogradSums(schedule, lanes) * bytes);
    exactSums = k.stackBuffer(4 * sumWidth * bytes);
    tileLines = k.stackBuffer(kPlanes * pixelWidth * bytes);
  }

  void piece(Size number);

private:
  /// Where the 4x4 pixels of a tile begin, which may be outside of x; and its first pixel of y.
  struct Tile {
    Size image, row, column;
    Size resultRow, resultColumn;
  };
  Tile tileAt(Size number);
  Size resultRow(const Tile &tile, Size pixel);
  Value pixelAt(const Tile &tile, Size row, Size column, Size channel);

  void transform(Size tile, Size channel, Size count);
  void transformAtOnce(const Tile &tile, Size number, Size channel, Size count);
  void transformByLines(const Tile &tile, Size number, Size channel, Size count);
  void forVectors(Size count, function_ref<void(Size channel, Value mask)> body);
  void multiply(const ColumnTile &columns, Size number, Size channel, Size count);
  void fetchAhead(const ColumnTile &columns, Size number, Size plane, Size channel, Size count);
  void fetchPixels(Size number, Size channel, Size count);
  void finish(const ColumnTile &columns, Size number);
  Accumulators pixelsOf(const ColumnTile &columns, Size number, Size tile);
  Accumulators exactPixels(const ColumnTile &columns, const Tile &tile);
  Accumulators exactPixel(const ColumnTile &columns, const Tile &tile, Size pixel);
  void write(const Accumulators &sums, const ColumnTile &columns, const Tile &tile);
  void forColumns(function_ref<void(const ColumnTile &, Size number)> body);
  Value goesDownColumns();
  /// Of the plane |plane| of |columns| from |channel| on.
  SmallVector<Place> filterPlaces(const ColumnTile &columns, Size plane, Size channel);
  Value sumsAt(Size number, Size plane) {
    return k.address(shape.element, sums, k.mul(k.add(k.mul(number, kPlanes), plane), sumPlane));
  }
  VectorType vectorType() { return k.vectorType(shape.element, lanes); }

  KernelBuilder &k;
  const WinogradShape &shape;
  const WinogradSchedule &schedule;
  Value x, panels;
  int64_t lanes;
  TileWriter writer;
  Size tileRows, tileColumns, tiles, blocks, columnTiles, columnBlocks;
  int64_t pixelWidth, pixelPlane, sumWidth, sumPlane; // elements of a row and of a plane
  Value pixels, sums, exactSums;
  Value tileLines; // of a tile, transformed along its columns
  Size firstTile, tileCount, firstColumn; // of the piece: its tiles, and the first tile of columns
};

// A + B where |plus|, else A - B.
Value combine(KernelBuilder &k, Value a, Value b, bool plus) {
  return plus ? k.sum(a, b) : k.difference(a, b);
}

// B^T d for four numbers: d0 - d2, d1 + d2, d2 - d1, d1 - d3.
Value inputTerm(KernelBuilder &k, ArrayRef<Value> d, int64_t term) {
  static constexpr int64_t kFirst[] = {0, 1, 2, 1}, kSecond[] = {2, 2, 1, 3};
  return combine(k, d[kFirst[term]], d[kSecond[term]], term == 1);
}

// A^T m: m0 + m1 + m2, m1 - m2 - m3.
Value outputTerm(KernelBuilder &k, ArrayRef<Value> m, int64_t term) {
  if (term == 0)
    return k.sum(k.sum(m[0], m[1]), m[2]);
  return k.difference(k.difference(m[1], m[2]), m[3]);
}

// ---- Tiles

WinogradConv::Tile WinogradConv::tileAt(Size number) {
  SmallVector<Size> at = k.delinearize(number, {shape.batch, tileRows, tileColumns});
  Size row = k.mul(at[1], 2), column = k.mul(at[2], 2);
  return {at[0], k.sub(row, shape.padTop), k.sub(column, shape.padLeft), row, column};
}

// Of y, for one of the four pixels of a tile.
Size WinogradConv::resultRow(const Tile &tile, Size pixel) {
  Size row = k.add(tile.resultRow, k.div(pixel, 2)), image = k.mul(tile.image, shape.outRows);
  return k.add(k.mul(k.add(image, row), shape.outColumns),
               k.add(tile.resultColumn, k.rem(pixel, 2)));
}

Value WinogradConv::pixelAt(const Tile &tile, Size row, Size column, Size channel) {
  Size line = k.add(k.mul(tile.image, shape.inRows), k.add(tile.row, row));
  Size pixel = k.add(k.mul(line, shape.inColumns), k.add(tile.column, column));
  return k.address(shape.element, x, k.add(k.mul(pixel, shape.channels), channel));
}

void WinogradConv::forColumns(function_ref<void(const ColumnTile &, Size)> body) {
  Size end = k.min(k.sub(columnTiles, firstColumn), schedule.columnTiles);
  k.forLoop(0, end, 1, [&](Value number) {
    forColumnTile(k, k.add(firstColumn, number), shape.filters, schedule.vectors, lanes,
                  [&](const ColumnTile &columns) { body(columns, number); });
  });
}

SmallVector<Place> WinogradConv::filterPlaces(const ColumnTile &columns, Size plane, Size channel) {
  Size size = k.mul(shape.channels, shape.panelWidth);
  Size first = k.mul(k.mul(plane, k.ceilDiv(shape.filters, shape.panelWidth)), size);
  Value base = k.address(shape.element, panels, k.add(first, k.mul(channel, shape.panelWidth)));
  return panelPlaces(k, shape.element, base, {shape.panelWidth, size}, columns, lanes, sumWidth);
}

// ---- Pixels into sixteen planes

void WinogradConv::forVectors(Size count, function_ref<void(Size, Value)> body) {
  Size whole = k.mul(k.div(count, lanes), lanes);
  k.forLoop(0, whole, lanes, [&](Value channel) { body(channel, Value()); });
  k.forLoop(whole, count, lanes, [&](Value channel) {
    body(channel, k.laneMask(k.sub(count, channel), lanes));
  });
}

// All sixteen pixels of a vector of channels in registers.
void WinogradConv::transformAtOnce(const Tile &tile, Size number, Size channel, Size count) {
  Value first = pixelAt(tile, 0, 0, channel);
  SmallVector<Place> from;
  for (int64_t i = 0; i < kSide; ++i)
    for (int64_t j = 0; j < kSide; ++j)
      from.push_back(Place::at(k, shape.element, first,
                               k.mul(k.add(k.mul(i, shape.inColumns), j), shape.channels)));
  forVectors(count, [&](Size channel, Value mask) {
    SmallVector<Value> terms(kPlanes); // [i][j]: of the lines, along i
    for (int64_t j = 0; j < kSide; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < kSide; ++i) {
        const Place &place = from[i * kSide + j];
        Size at = k.add(channel, place.offset);
        column.push_back(k.maskedLoad(vectorType(), place.pointer, at, mask));
      }
      for (int64_t i = 0; i < kSide; ++i)
        terms[i * kSide + j] = inputTerm(k, column, i);
    }
    Size to = k.add(k.mul(number, pixelWidth), channel);
    for (int64_t plane = 0; plane < kPlanes; ++plane) {
      ArrayRef<Value> line = ArrayRef(terms).slice(plane / kSide * kSide, kSide);
      k.store(inputTerm(k, line, plane % kSide), pixels, k.add(to, plane * pixelPlane));
    }
  });
}

// Line by line, then down the lines, by way of L1: four pointers and a few registers at a time.
// Pixels that do not exist are zeros; the page of them is as long as a block of channels.
void WinogradConv::transformByLines(const Tile &tile, Size number, Size channel, Size count) {
  Size width = pixelWidth;
  k.forLoop(0, kSide, 1, [&](Value i) {
    SmallVector<Value> from;
    for (int64_t j = 0; j < kSide; ++j) {
      Value exists = k.both(k.inside(k.add(tile.row, i), shape.inRows),
                            k.inside(k.add(tile.column, j), shape.inColumns));
      from.push_back(arith::SelectOp::create(k.builder(), k.loc(), exists,
                                             pixelAt(tile, i, j, channel), k.zeroPage()));
    }
    Value to = k.address(shape.element, tileLines, k.mul(k.mul(i, kSide), width));
    forVectors(count, [&](Size channel, Value mask) {
      SmallVector<Value> line;
      for (int64_t j = 0; j < kSide; ++j)
        line.push_back(k.maskedLoad(vectorType(), from[j], channel, mask));
      for (int64_t j = 0; j < kSide; ++j)
        k.store(inputTerm(k, line, j), to, k.add(k.mul(j, width), channel));
    });
  });
  k.forLoop(0, kSide, 1, [&](Value j) {
    Value from = k.address(shape.element, tileLines, k.mul(j, width));
    Size first = k.add(k.mul(number, width), k.mul(j, pixelPlane));
    Value to = k.address(shape.element, pixels, first);
    k.forLoop(0, count, lanes, [&](Value channel) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < kSide; ++i)
        column.push_back(k.load(vectorType(), from, k.add(k.mul(i * kSide, width), channel)));
      for (int64_t i = 0; i < kSide; ++i)
        k.store(inputTerm(k, column, i), to, k.add(channel, i * kSide * pixelPlane));
    });
  });
}

void WinogradConv::transform(Size number, Size channel, Size count) {
  Tile tile = tileAt(k.add(firstTile, number));
  if (k.target().fewRegisters())
    return transformByLines(tile, number, channel, count);
  auto fits = [&](Size first, Size extent) {
    return k.both(k.less(-1, first), k.less(k.add(first, kSide - 1), extent));
  };
  k.ifElse(
      k.both(fits(tile.row, shape.inRows), fits(tile.column, shape.inColumns)),
      [&] { transformAtOnce(tile, number, channel, count); },
      [&] { transformByLines(tile, number, channel, count); });
}

// ---- Products

// The transforms would wait for memory that nobody fetches: the products have time for that, and
// each plane fetches a sixteenth of the pixels that are transformed next (of the piece that
// follows, or of these tiles' next channels) and of the results. 56x56x64: 215 to 230 GFLOP/s.
void WinogradConv::fetchAhead(const ColumnTile &columns, Size number, Size plane, Size channel,
                              Size count) {
  Size begin = k.div(k.mul(plane, tileCount), kPlanes);
  Size end = k.div(k.mul(k.add(plane, 1), tileCount), kPlanes);
  Size next = k.add(channel, count);
  Value isLast = k.equal(next, shape.channels);
  k.ifThen(k.equal(number, 0), [&] {
    Size first = k.select(isLast, k.add(firstTile, tileCount), firstTile);
    Size from = k.select(isLast, 0, next);
    k.forLoop(begin, end, 1, [&](Value i) {
      fetchPixels(k.add(first, i), from, schedule.channelBlock);
    });
  });
  if (k.target().fewRegisters()) // addresses of results would come from the stack
    return;
  k.ifThen(isLast, [&] {
    k.forLoop(begin, end, 1, [&](Value i) {
      Tile tile = tileAt(k.add(firstTile, i));
      k.forLoop(0, 4, 1, [&](Value pixel) {
        auto rowIndex = [&](Size) { return resultRow(tile, pixel); };
        writer.announce(1, columns, shape.filters, rowIndex);
      });
    });
  });
}

// The last two columns of the last two rows of a tile: the others belong to its neighbours, too.
// Beyond the image they are somebody else's, and fetching them is harmless.
void WinogradConv::fetchPixels(Size number, Size channel, Size count) {
  Value first = pixelAt(tileAt(number), 2, 2, channel);
  k.forLoop(0, 2, 1, [&](Value i) {
    for (int64_t j = 0; j < 2; ++j) {
      Size offset = k.mul(k.add(k.mul(i, shape.inColumns), j), shape.channels);
      prefetchIntoL2(k, shape.element, k.address(shape.element, first, offset), count.constant());
    }
  });
}

void WinogradConv::multiply(const ColumnTile &columns, Size number, Size channel, Size count) {
  ColumnTile stored = columns; // in rows of their own
  stored.column = stored.base = 0;
  stored.masks.assign(columns.vectors, Value());
  // Of as many blocks as hold them, each has at least half as many tiles as it may.
  Size perImage = k.mul(tileRows, tileColumns);
  int64_t least = schedule.pixelTiles / 2;
  RowTiles rowTiles(k, tileCount, schedule.rows,
                    perImage.isConstant() ? std::min(perImage.constant(), least) : 1);
  k.forLoop(0, kPlanes, 1, [&](Value plane) {
    RegisterTile tile{shape.element, shape.element, lanes, {}, {}, stored.masks};
    tile.columns = filterPlaces(columns, plane, channel);
    Value rows = k.address(shape.element, pixels, k.mul(plane, pixelPlane));
    fetchAhead(columns, number, plane, channel, count);
    PartialSums waiting{sumsAt(number, plane), shape.element, lanes, sumWidth};
    k.forLoop(0, rowTiles.tiles, 1, [&](Value rowTile) {
      Size first = rowTiles.start(k, rowTile);
      Value here = k.address(shape.element, rows, k.mul(first, pixelWidth));
      auto rowIndex = [&](Size r) { return k.add(first, r); };
      forHeight(k, rowTiles.rows(k, rowTile), rowTiles.heights(), [&](int64_t height) {
        RegisterTile own = tile;
        for (int64_t r = 0; r < height; ++r)
          own.rows.push_back(Place::at(k, shape.element, here, r * pixelWidth));
        Accumulators begin = k.chooseValues(
            k.equal(channel, 0),
            [&] { return initialSums(k, shape.element, lanes, height, stored, nullptr); },
            [&] { return waiting.load(k, height, stored, rowIndex); });
        waiting.store(k, accumulate(k, own, {{0, count, 1, shape.panelWidth}}, begin), height,
                      stored, rowIndex);
      });
    });
  });
}

// ---- Sums into pixels

Accumulators WinogradConv::pixelsOf(const ColumnTile &columns, Size number, Size tile) {
  Accumulators result(4 * columns.vectors);
  Value memory = sumsAt(number, 0);
  for (int64_t v = 0; v < columns.vectors; ++v) {
    SmallVector<Value> rows[2]; // terms of the columns of M
    for (int64_t j = 0; j < kSide; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < kSide; ++i) {
        Size at = k.add(k.mul(tile, sumWidth), (i * kSide + j) * sumPlane + v * lanes);
        column.push_back(k.load(vectorType(), memory, at));
      }
      for (int64_t a = 0; a < 2; ++a)
        rows[a].push_back(outputTerm(k, column, a));
    }
    for (int64_t a = 0; a < 2; ++a)
      for (int64_t b = 0; b < 2; ++b)
        result[(2 * a + b) * columns.vectors + v] = outputTerm(k, rows[a], b);
  }
  return result;
}

// What conv makes of elements that are not finite, by the filter that the panels hold: its element
// s is plane 0, 1 - 2 or 3 of a dimension.
Accumulators WinogradConv::exactPixel(const ColumnTile &columns, const Tile &tile, Size pixel) {
  Size row = k.add(tile.row, k.div(pixel, 2)), column = k.add(tile.column, k.rem(pixel, 2));
  auto first = [&](Size at) { return k.max(k.sub(0, at), 0); };
  auto end = [&](Size at, Size extent) { return k.min(k.sub(extent, at), 3); };
  auto plane = [&](Size tap) { return k.add(tap, k.div(tap, 2)); };
  Accumulators zeros = initialSums(k, shape.element, lanes, 1, columns, nullptr);
  return k.forLoop(
      first(row), end(row, shape.inRows), 1, zeros, [&](Value s, ValueRange rowSums) {
        return k.forLoop(
            first(column), end(column, shape.inColumns), 1, rowSums,
            [&](Value t, ValueRange tapSums) {
              Size y = k.add(k.mul(tile.image, shape.inRows), k.add(row, s));
              Size from = k.mul(k.add(k.mul(y, shape.inColumns), k.add(column, t)), shape.channels);
              Value start = k.address(shape.element, x, from);
              Value middle = k.equal(s, 1), center = k.equal(t, 1);
              Size line = k.mul(plane(s), kSide);
              SmallVector<Place> places[] = {filterPlaces(columns, k.add(line, plane(t)), 0),
                                             filterPlaces(columns, k.add(line, 2), 0),
                                             filterPlaces(columns, k.add(2 * kSide, plane(t)), 0),
                                             filterPlaces(columns, 2 * kSide + 2, 0)};
              return k.forLoop(0, shape.channels, 1, tapSums, [&](Value c, ValueRange carried) {
                Value element = k.splat(k.load(shape.element, start, c), lanes);
                Size row = k.mul(c, shape.panelWidth);
                Accumulators next;
                for (int64_t v = 0; v < columns.vectors; ++v) {
                  auto at = [&](int64_t i) {
                    const Place &place = places[i][v];
                    return k.load(vectorType(), place.pointer, k.add(row, place.offset));
                  };
                  auto less = [&](Value a, Value b, Value isMiddle) -> Value {
                    return arith::SelectOp::create(k.builder(), k.loc(), isMiddle,
                                                   k.difference(a, b), a);
                  };
                  Value outer = less(at(0), at(1), center), inner = less(at(2), at(3), center);
                  next.push_back(k.fma(element, less(outer, inner, middle), carried[v]));
                }
                return next;
              });
            });
      });
}

Accumulators WinogradConv::exactPixels(const ColumnTile &columns, const Tile &tile) {
  return rowByRow(k, 4, exactSums,
                  [&](Value pixel) { return exactPixel(columns, tile, pixel); });
}

// Of an odd number of rows or columns the last tiles have pixels that do not exist; each pixel is
// looked at then.
void WinogradConv::write(const Accumulators &sums, const ColumnTile &columns, const Tile &tile) {
  auto put = [&](int64_t first, int64_t count) {
    auto rowIndex = [&](Size r) { return resultRow(tile, k.add(first, r)); };
    auto begin = sums.begin() + first * columns.vectors;
    writer.finish(Accumulators(begin, begin + count * columns.vectors), count, columns,
                  shape.filters, rowIndex);
    writer.flush(count, columns, shape.filters, rowIndex);
  };
  auto isEven = [&](Size extent) { return extent.isConstant() && extent.constant() % 2 == 0; };
  if (isEven(shape.outRows) && isEven(shape.outColumns))
    return put(0, 4);
  for (int64_t pixel = 0; pixel < 4; ++pixel)
    k.ifThen(k.both(k.less(k.add(tile.resultRow, pixel / 2), shape.outRows),
                    k.less(k.add(tile.resultColumn, pixel % 2), shape.outColumns)),
             [&] { put(pixel, 1); });
}

void WinogradConv::finish(const ColumnTile &columns, Size number) {
  writer.begin(columns);
  k.forLoop(0, tileCount, 1, [&](Value i) {
    Tile tile = tileAt(k.add(firstTile, i));
    Accumulators result = unlessNan(k, pixelsOf(columns, number, i),
                                    [&] { return exactPixels(columns, tile); });
    write(result, columns, tile);
  });
}

// ---- Pieces

// As PixelGrid has it: the filter of some columns stays in the cache while all pixels pass, where
// reading all of it again for each block of pixels would be more.
Value WinogradConv::goesDownColumns() {
  constexpr int64_t kFilterInCache = 512 * 1024;
  int64_t bytes = KernelBuilder::storedBytes(shape.element);
  Size filter = k.mul(k.mul(kPlanes * bytes, shape.channels), shape.filters);
  Size source = k.mul(k.mul(k.mul(shape.batch, k.mul(shape.inRows, shape.inColumns)),
                            shape.channels), bytes);
  return k.both(k.less(kFilterInCache, filter),
                k.less(k.mul(columnBlocks, source), k.mul(blocks, filter)));
}

void WinogradConv::piece(Size number) {
  Value down = goesDownColumns();
  SmallVector<Size> byRows = k.delinearize(number, {blocks, columnBlocks});
  SmallVector<Size> byColumns = k.delinearize(number, {columnBlocks, blocks});
  Size block = k.select(down, byColumns[1], byRows[0]);
  firstColumn = k.mul(k.select(down, byColumns[0], byRows[1]), schedule.columnTiles);
  firstTile = k.div(k.mul(block, tiles), blocks);
  tileCount = k.sub(k.div(k.mul(k.add(block, 1), tiles), blocks), firstTile);
  writer.piece = block;
  Size step = schedule.channelBlock;
  bool whole = shape.channels.isConstant() && shape.channels.constant() % step.constant() == 0;
  k.forLoop(0, shape.channels, step, [&](Value channel) {
    Size length = whole ? step : k.min(k.sub(shape.channels, channel), step);
    k.forLoop(0, tileCount, 1, [&](Value tile) { transform(tile, channel, length); });
    forColumns([&](const ColumnTile &columns, Size number) {
      multiply(columns, number, channel, length);
    });
  });
  forColumns([&](const ColumnTile &columns, Size number) { finish(columns, number); });
}

} // namespace

void dlc::codegen::cpu::emitWinogradConv(KernelBuilder &k, const PhaseArguments &phase,
                                         const WinogradShape &shape, Value x, Value panels,
                                         const WinogradSchedule &schedule, Epilogue epilogue,
                                         EpilogueMode mode) {
  WinogradConv conv(k, shape, x, panels, schedule, epilogue, mode);
  k.forLoop(phase.begin, phase.end, 1, [&](Value number) { conv.piece(number); });
}

// ---- The filter

// G f for three numbers: f0, (f0 + f1 + f2) / 2, (f0 - f1 + f2) / 2, f2.
static SmallVector<Value> filterTerms(KernelBuilder &k, ArrayRef<Value> f) {
  Value half = k.floatConstant(f[0].getType(), 0.5);
  Value ends = k.sum(f[0], f[2]);
  return {f[0], k.product(k.sum(ends, f[1]), half), k.product(k.difference(ends, f[1]), half),
          f[2]};
}

void dlc::codegen::cpu::emitWinogradFilter(KernelBuilder &k, const PhaseArguments &phase,
                                           Size channels, Size filters, int64_t panelWidth,
                                           Type element, Value filter, Epilogue epilogue,
                                           EpilogueMode mode) {
  int64_t lanes = std::min(k.lanes(element), panelWidth);
  VectorType type = k.vectorType(element, lanes);
  TileWriter writer(k, epilogue, mode, element, lanes, kPlanes, /*maxVectors=*/1);
  Size count = k.ceilDiv(filters, panelWidth), blocks = k.ceilDiv(channels, kFilterRows);
  auto vector = [&](Size panel, Size channel, Size column) {
    Size first = k.add(k.mul(panel, panelWidth), column);
    Value mask = k.laneMask(k.sub(filters, first), lanes);
    SmallVector<Value> columns[3]; // [t]: the four terms along s
    for (int64_t t = 0; t < 3; ++t) {
      SmallVector<Value> taps;
      for (int64_t s = 0; s < 3; ++s) {
        Size row = k.add(k.mul(3 * s + t, channels), channel);
        taps.push_back(k.maskedLoad(type, filter, k.add(k.mul(row, filters), first), mask));
      }
      columns[t] = filterTerms(k, taps);
    }
    Accumulators planes;
    for (int64_t i = 0; i < kSide; ++i)
      planes.append(filterTerms(k, {columns[0][i], columns[1][i], columns[2][i]}));
    ColumnTile written{column, 1, {Value()}, panelWidth};
    Size row = k.add(k.mul(panel, channels), channel), distance = k.mul(count, channels);
    auto rowIndex = [&](Size plane) { return k.add(row, k.mul(plane, distance)); };
    writer.finish(planes, kPlanes, written, panelWidth, rowIndex);
    writer.flush(kPlanes, written, panelWidth, rowIndex);
  };
  k.forLoop(phase.begin, phase.end, 1, [&](Value number) {
    SmallVector<Size> at = k.delinearize(number, {count, blocks});
    Size from = k.mul(at[1], kFilterRows), end = k.min(k.add(from, kFilterRows), channels);
    k.forLoop(from, end, 1, [&](Value channel) {
      k.forLoop(0, panelWidth, lanes, [&](Value column) { vector(at[0], channel, column); });
    });
  });
}
