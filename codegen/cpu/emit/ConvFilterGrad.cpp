// The filter gradient: dfilter[tap, channel][filter] = sum over pixels of x * dy.
//
// For one tap this is a matrix multiplication whose reduction runs over (image, pixel): adjacent
// channels of x are broadcast, dy is read in vectors, and the pixels whose tap falls outside the
// input are left out by the loop bounds. With few channels a tile's rows run over (tap, channel)
// of one filter row, so that the sums fill the registers; the few pixels at the ends of an image
// row, inside for some of these taps only, then read zeros for the others: no part of the sum, as
// long as dy is finite there. Where such a tile ends in a NaN, it is computed again row by row.
//
// Pairs of bf16 are two neighbouring pixels of a line. Those of dy are packed once
// (filterGradMatrix) where many tiles read them; a tap whose first pixel is the second of a pair
// begins with that half. What the instruction for pairs makes NaN of is computed again, without it.
//
// Depthwise: the same, with channels in the lanes.
//
// With few registers a step is few multiplications for the lines of cache that it touches, and a
// thread copies blocks of both operands (ConvFilterBlocks.cpp).
#include "codegen/cpu/emit/ConvFilterGrad.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <functional>

using namespace mlir;
using namespace dlc::codegen::cpu;

FilterGrad::FilterGrad(KernelBuilder &k, const ConvShape &shape, Value x, Value dy, Value partial,
                       const ConvSchedule &schedule, TileWriter &writer)
    : k(k), shape(shape), x(layoutOf(x, inputExtents(shape), shape.channels)),
      dy(layoutOf(dy, outputExtents(shape), shape.filters)), schedule(schedule), writer(writer),
      lanes(k.lanes(shape.accumulator)), last(shape.dims.size() - 1),
      elementwise(shape.isDepthwise()), groups(elementwise ? 1 : shape.groups),
      channels(elementwise ? Size(1) : k.div(shape.channels, shape.groups)),
      columns(k.div(shape.filters, groups)), windows(windowExtents(shape)),
      partial{partial, shape.accumulator, lanes, shape.filters} {
  if (schedule.pairsGradient())
    this->dy = pairedLayout(dy);
  if (isAcrossTaps())
    exactSums = k.stackBuffer(schedule.rows * schedule.vectors * lanes *
                              KernelBuilder::storedBytes(shape.accumulator));
}

FilterGrad::Layout FilterGrad::layoutOf(Value memory, ArrayRef<Size> extents, Size channels) {
  return {memory, pixelStrides(k, extents, channels), k.mul(product(k, extents), channels)};
}

// Lines of panels, [line][group][panel][pixel][column].
FilterGrad::Layout FilterGrad::pairedLayout(Value memory) {
  panelSize = k.mul(shape.dims[last].out, shape.panelWidth);
  Size stride = k.mul(k.mul(groups, k.ceilDiv(columns, shape.panelWidth)), panelSize);
  Layout layout{memory, SmallVector<Size>(last + 1, shape.panelWidth), stride};
  for (size_t d = last; d-- > 0;) {
    layout.strides[d] = layout.image;
    layout.image = k.mul(layout.image, shape.dims[d].out);
  }
  return layout;
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
    registers.columns = panelPlaces(k, shape.input, panelsOfGroup,
                                    {shape.panelWidth, panelSize, /*pairs=*/true}, columns, lanes,
                                    schedule.vectors * lanes);
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
    return meanwhile && last == 0 ? inTurns(registers, loop, sums)
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
      if (meanwhile && d == 0)
        meanwhile(k.sub(k.add(before, o), block.from));
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
  auto finish = [&] {
    writer.finish(sums, height, columns, shape.filters, rowIndex);
    writer.flush(height, columns, shape.filters, rowIndex);
  };
  if (block.isLast)
    k.ifElse(block.isLast, finish, [&] { partial.store(k, sums, height, columns, rowIndex); });
  else
    finish();
}

void FilterGrad::forBlocks(function_ref<void(const Block &)> body) {
  Size rows = k.mul(shape.batch, shape.dims[0].out);
  if (schedule.pixelBlock == 0)
    return body({0, rows, Value(), Value()});
  Size pixelsPerRow = product(k, ArrayRef(outputExtents(shape)).drop_front());
  Size step = k.max(k.div(schedule.pixelBlock, k.max(pixelsPerRow, 1)), 1);
  // Once even without pixels: the result must be written.
  k.forLoop(0, k.max(rows, 1), step, [&](Value from) {
    Size to = k.min(k.add(from, step), rows);
    body({from, to, k.equal(from, 0), k.equal(to, rows)});
  });
}

// Rows are the channels of one tap.
void FilterGrad::withinTap(Size group, Size tap, Size block, Size blocks,
                           const ColumnTile &columns) {
  SmallVector<Size> at = k.delinearize(tap, windows);
  RowTiles tiles(k, channels, schedule.rows);
  Size first = tiles.blockBegin(k, block, blocks);
  Size end = tiles.blockBegin(k, k.add(block, 1), blocks);
  forBlocks([&](const Block &pixels) {
    k.forLoop(first, end, 1, [&](Value number) {
      Size start = tiles.start(k, number);
      auto rowIndex = [&](Size r) { return k.add(k.mul(tap, channels), k.add(start, r)); };
      forHeight(k, tiles.rows(k, number), tiles.heights(), [&](int64_t height) {
        Tile here{ArrayRef(at).drop_back(), {}, k.add(k.mul(group, channels), start), false};
        for (int64_t r = 0; r < height; ++r)
          here.rows.push_back({at.back(), r});
        tile(here, columns, pixels, rowIndex);
      });
    });
  });
}

// Rows are (tap, channel) of one filter row, all known numbers: cut and unrolled here.
void FilterGrad::acrossTaps(Size group, Size outerTap, const ColumnTile &columns) {
  SmallVector<Size> at = k.delinearize(outerTap, ArrayRef(windows).drop_back());
  int64_t perTap = channels.constant(), total = windows[last].constant() * perTap;
  int64_t count = (total + schedule.rows - 1) / schedule.rows;
  Size channel = elementwise ? columns.column : k.mul(group, channels);
  forBlocks([&](const Block &pixels) {
    for (int64_t number = 0; number < count; ++number) {
      int64_t start = number * total / count, end = (number + 1) * total / count;
      Tile here{at, {}, channel, false};
      for (int64_t row = start; row < end; ++row)
        here.rows.push_back({row / perTap, row % perTap});
      here.mixedTaps = start / perTap != (end - 1) / perTap;
      tile(here, columns, pixels,
           [&](Size r) { return k.add(k.mul(outerTap, total), k.add(start, r)); });
    }
  });
}

void FilterGrad::emit(const PhaseArguments &phase) {
  if (schedule.copiesBlocks())
    return emitCopied(phase);
  ContractionGrid grid = convGrid(schedule, shape.accumulator, k.target());
  Size columnTiles = k.ceilDiv(columns, grid.columnBlock);
  Size taps = product(k, isAcrossTaps() ? ArrayRef(windows).drop_back() : ArrayRef(windows));
  Size blocks = isAcrossTaps() ? Size(1) : k.ceilDiv(channels, grid.rowBlock);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {groups, taps, blocks, columnTiles});
    if (schedule.pairsGradient())
      panelsOfGroup =
          k.address(shape.input, dy.memory,
                    k.mul(at[0], k.mul(k.ceilDiv(this->columns, shape.panelWidth), panelSize)));
    forColumnTile(
        k, at[3], columns, schedule.vectors, lanes,
        [&](const ColumnTile &tile) {
          if (isAcrossTaps())
            acrossTaps(at[0], at[1], tile);
          else
            withinTap(at[0], at[1], at[2], blocks, tile);
        },
        k.mul(at[0], columns));
  });
}

ContractionShape dlc::codegen::cpu::filterGradMatrix(KernelBuilder &k, const ConvShape &shape) {
  Size columns = k.div(shape.filters, shape.groups), pixels = shape.dims.back().out;
  Size lines = shape.batch;
  for (const ConvDim &dim : ArrayRef(shape.dims).drop_back())
    lines = k.mul(lines, dim.out);
  ContractionShape matrix;
  matrix.panelWidth = shape.panelWidth;
  matrix.input = shape.input;
  matrix.accumulator = shape.accumulator;
  matrix.batch = {{lines, 0, k.mul(pixels, shape.filters)}, {shape.groups, 0, columns}};
  matrix.n = {{columns, 0, 1}};
  matrix.k = {{pixels, 0, shape.filters}};
  return matrix;
}

void dlc::codegen::cpu::emitConvFilterGrad(KernelBuilder &k, const PhaseArguments &phase,
                                           const ConvShape &given, Value x, Value dy, Value partial,
                                           const ConvSchedule &schedule, Epilogue epilogue,
                                           EpilogueMode mode) {
  // Packed lines are not one after the other.
  ConvShape shape = schedule.pairsGradient() ? given : simplified(k, given);
  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  FilterGrad(k, shape, x, dy, partial, schedule, writer).emit(phase);
}
