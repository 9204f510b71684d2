// Convolutions whose rows are pixels: the forward pass and the input gradient.
//
// A register tile is a run of neighbouring pixels. When it lies in one image row and every tap of
// the innermost dimension is inside, its rows are equally spaced and the taps stream: outer taps
// are clipped by loop bounds, and (tap, channel) is one contiguous run where it can be. Any other
// tile, at a border or across the end of a row, picks a pointer per row and tap, to a page of
// zeros where the tap is outside: full tiles everywhere, at the price of a few scalar operations
// per tap. With few channels that price is too high; such tiles first copy what they will read,
// zeros included, into a buffer in L1.
//
// Padding is not part of a convolution's sum, and zeros are no part of it as long as the filter
// is finite. Where a sum at a border comes out as NaN, its tile is computed again row by row, from
// the taps inside alone.
#include "codegen/cpu/emit/ConvGeometry.h"
#include <functional>

using namespace mlir;
using namespace dlc::codegen::cpu;

namespace {

constexpr int64_t kFewChannels = 16;   // below, tiles at a border copy their taps
constexpr int64_t kLongestPatch = 512; // elements of one row of such a copy

// What differs between forward and input gradient.
struct PixelProblem {
  Size batch, groups;
  SmallVector<TapRange> taps; // per dimension; start and count may depend on the phase
  SmallVector<Size> rows;     // pixels that are rows, per dimension
  SmallVector<Size> result;   // extents of the result
  SmallVector<Size> resultScale, resultStart; // result coordinate = row * scale + start
  bool contiguousRows = true;                 // rows of the problem are rows of the result
  SmallVector<Size> source;                   // extents of the source
  SmallVector<Size> windows;
  Size channels;                                          // of the source, all groups
  Size reduce;                                            // source channels per group
  Size columns, width;                                    // result channels per group and in all
  Size tapStride, channelStride, laneStride, groupStride; // of the filter
  bool elementwise = false;
};

class PixelConv {
public:
  PixelConv(KernelBuilder &k, const ConvShape &shape, const PixelProblem &problem, Value source,
            Value filter, const ConvSchedule &schedule, TileWriter &writer, InitialValue initial)
      : k(k), shape(shape), p(problem), source(source), filter(filter), schedule(schedule),
        writer(writer), initial(initial), lanes(k.lanes(shape.accumulator)),
        strides(pixelStrides(k, p.source, p.channels)), last(p.taps.size() - 1),
        imageStride(k.mul(product(k, p.source), p.channels)) {
    exactSums = k.stackBuffer(schedule.rows * schedule.vectors * lanes *
                              KernelBuilder::storedBytes(shape.accumulator));
    if (copiesBorder())
      patch = k.stackBuffer((schedule.rows * patchLength() + lanes) *
                            KernelBuilder::storedBytes(shape.input));
  }

  // One grid tile: block |block| of |blocks| of the rows, column tile |column| of group |group|.
  void emit(Size group, Size block, Size blocks, Size column);

private:
  void rowTile(Size group, const ColumnTile &columns, const RowTiles &tiles, Size tile);
  RegisterTile registerTile(Size group, const ColumnTile &columns);
  Value isInterior(ArrayRef<Size> at, int64_t height);
  // Whether known sizes tell that every tap of every row is inside.
  bool neverPads() const;
  // |firstChannel|: where this tile's channels begin in a source pixel. |clipped|: taps of the
  // innermost dimension may be outside as those of the others, and are left out; one row only.
  Accumulators interior(RegisterTile tile, Size firstChannel, ArrayRef<Size> at, int64_t height,
                        Accumulators sums, bool clipped = false);
  Accumulators exactBorder(const RegisterTile &tile, const ColumnTile &columns, Size firstChannel,
                           Size start, int64_t height);
  Accumulators border(const RegisterTile &tile, Size firstChannel, ArrayRef<SmallVector<Size>> rows,
                      Accumulators sums);

  // The border's loops over taps: per row, where its taps lie so far and whether that is inside.
  struct BorderRow {
    Size offset;
    Value inside; // null: yes
  };
  Accumulators borderTaps(const RegisterTile &tile, size_t d, ArrayRef<SmallVector<Size>> rows,
                          ArrayRef<BorderRow> state, Accumulators sums);
  Accumulators borderTap(const RegisterTile &tile, size_t d, Size tap,
                         ArrayRef<SmallVector<Size>> rows, ArrayRef<BorderRow> state,
                         Accumulators sums);
  Accumulators borderChannels(const RegisterTile &tile, ArrayRef<BorderRow> state,
                              Accumulators sums);

  // The border with few channels: copies the taps of each row, then runs over the copy.
  bool copiesBorder() const;
  int64_t patchLength() { return k.mul(product(k, p.windows), p.reduce).constant(); }
  Accumulators copiedBorder(RegisterTile tile, Size start, int64_t height, Accumulators sums);
  void copyTaps(Value to, ArrayRef<Size> at);
  void copyRun(Value to, Size offset, Value inside, Size column);

  Size resultRow(Size row);
  Size tapStride(size_t d) {
    return k.mul(p.tapStride, product(k, ArrayRef(p.windows).drop_front(d + 1)));
  }

  KernelBuilder &k;
  const ConvShape &shape;
  const PixelProblem &p;
  Value source, filter;
  const ConvSchedule &schedule;
  TileWriter &writer;
  InitialValue initial;
  int64_t lanes;
  SmallVector<Size> strides; // of the source, per dimension
  size_t last;               // innermost dimension
  Size imageStride;
  Value patch;     // null when borders do not copy
  Value exactSums; // of a tile at a border that met a NaN
};

RegisterTile PixelConv::registerTile(Size group, const ColumnTile &columns) {
  RegisterTile tile{shape.input, shape.accumulator, lanes,        {},
                    {},          columns.masks,     p.laneStride, p.elementwise};
  tile.depth = schedule.depth;
  Size first = k.mul(group, p.groupStride);
  for (size_t d = 0; d <= last; ++d)
    first = k.add(first, k.mul(p.taps[d].firstTap, tapStride(d)));
  Value base = k.address(shape.input, filter, first);
  if (schedule.filter != OperandForm::Direct) {
    tile.masks.assign(columns.vectors, Value());
    Size panelSize = k.mul(product(k, p.windows), p.tapStride);
    tile.columns =
        panelPlaces(k, shape.input, base, panelSize, columns, lanes, schedule.vectors * lanes);
    return tile;
  }
  base = k.address(shape.input, base, k.mul(columns.column, p.laneStride));
  for (int64_t v = 0; v < columns.vectors; ++v)
    tile.columns.push_back(Place::at(k, shape.input, base, k.mul(v * lanes, p.laneStride)));
  return tile;
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

Accumulators PixelConv::interior(RegisterTile tile, Size firstChannel, ArrayRef<Size> at,
                                 int64_t height, Accumulators sums, bool clipped) {
  SmallVector<ReduceLoop> loops;
  Size offset = k.add(k.mul(at[0], imageStride), firstChannel);
  for (size_t d = 0; d <= last; ++d) {
    const TapRange &taps = p.taps[d];
    Size o = at[d + 1];
    offset = k.add(offset, k.mul(taps.origin(k, o), strides[d]));
    Size a = k.mul(taps.step, strides[d]), b = k.mul(taps.tapStep, tapStride(d));
    if (d < last || clipped)
      loops.push_back({taps.firstInside(k, o), taps.lastInside(k, o), a, b});
    else
      loops.push_back({0, taps.count, a, b});
  }
  const TapRange &inner = p.taps[last];
  // Of the source, taps lie side by side; of the filter too, unless it is read transposed.
  bool oneRun =
      !clipped && inner.step == 1 && inner.tapStep == 1 && p.groups.is(1) && p.laneStride.is(1);
  if (!p.elementwise && oneRun)
    loops.back() = {0, k.mul(inner.count, p.reduce), 1, p.channelStride};
  else if (!p.elementwise)
    loops.push_back({0, p.reduce, 1, p.channelStride});
  Value first = k.address(shape.input, source, offset);
  for (int64_t r = 0; r < height; ++r)
    tile.rows.push_back(Place::at(k, shape.input, first, k.mul(r, k.mul(inner.scale, p.channels))));
  return accumulate(k, tile, loops, sums);
}

// ---- At a border

bool PixelConv::neverPads() const {
  for (auto [taps, rows] : llvm::zip(p.taps, p.rows)) {
    if (taps.count.is(1) && taps.start.is(0) && taps.scale == 1 && sameSize(rows, taps.source))
      continue;
    if (!taps.count.isConstant() || !taps.start.isConstant() || !rows.isConstant() ||
        !taps.source.isConstant() || taps.step < 0 || taps.start.constant() < 0)
      return false;
    int64_t end = (rows.constant() - 1) * taps.scale + taps.start.constant() +
                  (taps.count.constant() - 1) * taps.step;
    if (end >= taps.source.constant())
      return false;
  }
  return true;
}

Accumulators PixelConv::exactBorder(const RegisterTile &tile, const ColumnTile &columns,
                                    Size firstChannel, Size start, int64_t height) {
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  return rowByRow(k, height, exactSums, [&](Value row) {
    Accumulators sums = initialSums(k, shape.accumulator, lanes, 1, columns, initial);
    return interior(tile, firstChannel, k.delinearize(k.add(start, row), extents), 1, sums,
                    /*clipped=*/true);
  });
}

Accumulators PixelConv::border(const RegisterTile &tile, Size firstChannel,
                               ArrayRef<SmallVector<Size>> rows, Accumulators sums) {
  SmallVector<BorderRow> state;
  for (const SmallVector<Size> &at : rows)
    state.push_back({k.add(k.mul(at[0], imageStride), firstChannel), Value()});
  return borderTaps(tile, 0, rows, state, sums);
}

Accumulators PixelConv::borderTaps(const RegisterTile &tile, size_t d,
                                   ArrayRef<SmallVector<Size>> rows, ArrayRef<BorderRow> state,
                                   Accumulators sums) {
  if (d > last)
    return borderChannels(tile, state, sums);
  return k.forLoop(0, p.taps[d].count, 1, sums, [&](Value tap, ValueRange carried) {
    return borderTap(tile, d, tap, rows, state, Accumulators(carried));
  });
}

Accumulators PixelConv::borderTap(const RegisterTile &tile, size_t d, Size tap,
                                  ArrayRef<SmallVector<Size>> rows, ArrayRef<BorderRow> state,
                                  Accumulators sums) {
  const TapRange &taps = p.taps[d];
  SmallVector<BorderRow> next;
  for (auto [at, row] : llvm::zip(rows, state)) {
    Size coordinate = k.add(taps.origin(k, at[d + 1]), k.mul(tap, taps.step));
    Value inside = k.inside(coordinate, taps.source);
    next.push_back({k.add(row.offset, k.mul(coordinate, strides[d])),
                    row.inside ? k.both(row.inside, inside) : inside});
  }
  Size b = k.mul(tap, k.mul(taps.tapStep, tapStride(d)));
  return borderTaps(tile.moved(k, 0, b), d + 1, rows, next, sums);
}

// Channels in runs that the page of zeros can stand in for.
Accumulators PixelConv::borderChannels(const RegisterTile &tile, ArrayRef<BorderRow> state,
                                       Accumulators sums) {
  int64_t page = KernelBuilder::kZeroBytes / KernelBuilder::storedBytes(shape.input);
  Value zeros = k.zeroPage();
  auto pointers = [&](RegisterTile run, Size firstChannel) {
    for (const BorderRow &row : state) {
      Value real = k.address(shape.input, source, k.add(row.offset, firstChannel));
      run.rows.push_back(
          {arith::SelectOp::create(k.builder(), k.loc(), row.inside, real, zeros), 0});
    }
    return run;
  };
  if (p.elementwise)
    return accumulate(k, pointers(tile, 0), {}, sums);
  return k.forLoop(0, p.reduce, page, sums, [&](Value from, ValueRange carried) {
    RegisterTile run = pointers(tile.moved(k, 0, k.mul(from, p.channelStride)), from);
    Size length = k.min(k.sub(p.reduce, from), page);
    return accumulate(k, run, {{0, length, 1, p.channelStride}}, Accumulators(carried));
  });
}

// ---- At a border, few channels

bool PixelConv::copiesBorder() const {
  const TapRange &inner = p.taps[last];
  if (p.elementwise || !p.groups.is(1) || inner.step != 1 || inner.tapStep != 1 ||
      !p.laneStride.is(1) || !p.reduce.isConstant() || p.reduce.constant() >= kFewChannels)
    return false;
  int64_t length = p.reduce.constant();
  for (const Size &window : p.windows) {
    if (!window.isConstant())
      return false;
    length *= window.constant();
  }
  return length <= kLongestPatch;
}

// The taps of the innermost dimension and their channels are one run of the source; what lies
// outside the image is masked off and reads as zero.
void PixelConv::copyRun(Value to, Size offset, Value inside, Size column) {
  Size channels = p.reduce, first = k.mul(p.taps[last].origin(k, column), channels);
  Size length = k.mul(p.windows[last], channels);
  Size end = k.min(length, k.sub(k.mul(p.source[last], channels), first));
  if (inside)
    end = k.select(inside, end, 0);
  VectorType type = k.vectorType(shape.input, lanes);
  for (int64_t at = 0; at < length.constant(); at += lanes) {
    Value before = k.laneMask(k.sub(k.sub(0, first), at), lanes);
    Value until = k.laneMask(k.sub(end, at), lanes);
    Value all = k.intConstant(before.getType(), 1);
    Value after = arith::XOrIOp::create(k.builder(), k.loc(), before, all);
    Value mask = k.both(until, after);
    Value loaded = k.maskedLoad(type, source, k.add(k.add(offset, first), at), mask);
    k.store(loaded, to, at);
  }
}

void PixelConv::copyTaps(Value to, ArrayRef<Size> at) {
  Size run = k.mul(p.windows[last], p.reduce);
  std::function<void(size_t, Value, Size, Value)> walk = [&](size_t d, Value target, Size offset,
                                                             Value inside) {
    if (d == last)
      return copyRun(target, offset, inside, at[d + 1]);
    Size below = k.mul(run, product(k, ArrayRef(p.windows).drop_front(d + 1).drop_back()));
    k.forLoop(0, p.taps[d].count, 1, [&](Value tap) {
      Size coordinate = k.add(p.taps[d].origin(k, at[d + 1]), k.mul(tap, p.taps[d].step));
      Value here = k.inside(coordinate, p.taps[d].source);
      walk(d + 1, k.address(shape.input, target, k.mul(tap, below)),
           k.add(offset, k.mul(coordinate, strides[d])), inside ? k.both(inside, here) : here);
    });
  };
  walk(0, to, k.mul(at[0], imageStride), Value());
}

Accumulators PixelConv::copiedBorder(RegisterTile tile, Size start, int64_t height,
                                     Accumulators sums) {
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  int64_t length = patchLength();
  // Runs are stored in whole vectors, first to last: what one spills over, the next overwrites.
  k.forLoop(0, height, 1, [&](Value r) {
    copyTaps(k.address(shape.input, patch, k.mul(r, length)),
             k.delinearize(k.add(start, r), extents));
  });
  for (int64_t r = 0; r < height; ++r)
    tile.rows.push_back({patch, r * length});
  return accumulate(k, tile, {{0, length, 1, p.channelStride}}, sums);
}

// ---- The grid

Size PixelConv::resultRow(Size row) {
  if (p.contiguousRows)
    return row;
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  SmallVector<Size> at = k.delinearize(row, extents);
  Size flat = at[0];
  for (size_t d = 0; d <= last; ++d)
    flat = k.add(k.mul(flat, p.result[d]),
                 k.add(k.mul(at[d + 1], p.resultScale[d]), p.resultStart[d]));
  return flat;
}

void PixelConv::rowTile(Size group, const ColumnTile &columns, const RowTiles &tiles, Size tile) {
  Size start = tiles.start(k, tile), rows = tiles.rows(k, tile);
  SmallVector<Size> extents{p.batch};
  extents.append(p.rows.begin(), p.rows.end());
  SmallVector<Size> at = k.delinearize(start, extents);
  auto rowIndex = [&](Size r) { return resultRow(k.add(start, r)); };
  RegisterTile base = registerTile(group, columns);
  Size channel = p.elementwise ? columns.column : k.mul(group, p.reduce);
  forHeight(k, rows, tiles.heights(), [&](int64_t height) {
    Accumulators sums = initialSums(k, shape.accumulator, lanes, height, columns, initial);
    sums = k.chooseValues(
        isInterior(at, height), [&] { return interior(base, channel, at, height, sums); },
        [&] {
          Accumulators padded = patch
                                    ? copiedBorder(base, start, height, sums)
                                    : border(base, channel, countUp(k, at, extents, height), sums);
          if (neverPads())
            return padded;
          return unlessNan(k, padded,
                           [&] { return exactBorder(base, columns, channel, start, height); });
        });
    writer.finish(sums, height, columns, p.width, rowIndex);
  });
  writer.flush(rows, columns, p.width, rowIndex);
}

void PixelConv::emit(Size group, Size block, Size blocks, Size column) {
  int64_t atLeast = 1;
  for (const Size &extent : p.rows)
    atLeast *= extent.isConstant() ? std::max<int64_t>(extent.constant(), 1) : 1;
  RowTiles tiles(k, k.mul(p.batch, product(k, p.rows)), schedule.rows, atLeast);
  Size first = tiles.blockBegin(k, block, blocks);
  Size end = tiles.blockBegin(k, k.add(block, 1), blocks);
  forColumnTile(
      k, column, p.columns, schedule.vectors, lanes,
      [&](const ColumnTile &columns) {
        k.forLoop(first, end, 1, [&](Value tile) { rowTile(group, columns, tiles, tile); });
      },
      k.mul(group, p.columns));
}

// Strides of the filter as it is read: row-major [window.., channels / groups, filters], or panels.
void describeFilter(KernelBuilder &k, const ConvShape &shape, const ConvSchedule &schedule,
                    bool transposed, PixelProblem &problem) {
  Size channels = k.div(shape.channels, shape.groups);
  problem.laneStride = 1;
  if (problem.elementwise) {
    problem.tapStride = shape.filters;
  } else if (schedule.filter != OperandForm::Direct) {
    problem.channelStride = kPanelWidth;
    problem.tapStride = k.mul(problem.reduce, kPanelWidth);
    problem.groupStride = k.mul(k.mul(product(k, problem.windows), problem.reduce),
                                k.roundUp(problem.columns, kPanelWidth));
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

} // namespace

void dlc::codegen::cpu::emitConvForward(KernelBuilder &k, const PhaseArguments &phase,
                                        const ConvShape &given, Value x, Value filter,
                                        const ConvSchedule &schedule, Epilogue epilogue,
                                        EpilogueMode mode, InitialValue initial) {
  ConvShape shape = simplified(k, given);
  PixelProblem problem = describe(k, shape, schedule, /*inputGrad=*/false);
  problem.rows = problem.result;
  for (const ConvDim &dim : shape.dims)
    problem.taps.push_back(forwardTaps(k, dim));

  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  ContractionGrid grid = convGrid(schedule, shape.accumulator, k.target());
  Size rows = k.mul(problem.batch, product(k, problem.rows));
  Size blocks = k.ceilDiv(rows, grid.rowBlock);
  Size columns = k.ceilDiv(problem.columns, grid.columnBlock);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {problem.groups, blocks, columns});
    PixelConv(k, shape, problem, x, filter, schedule, writer, initial)
        .emit(at[0], at[1], blocks, at[2]);
  });
}

void dlc::codegen::cpu::emitConvInputGrad(KernelBuilder &k, const PhaseArguments &phase,
                                          const ConvShape &given, Value dy, Value filter,
                                          const ConvSchedule &schedule, Epilogue epilogue,
                                          EpilogueMode mode) {
  ConvShape shape = simplified(k, given);
  PixelProblem problem = describe(k, shape, schedule, /*inputGrad=*/true);
  SmallVector<Size> strides;
  Size mostRows = problem.batch;
  for (const ConvDim &dim : shape.dims) {
    strides.push_back(dim.stride);
    mostRows = k.mul(mostRows, k.ceilDiv(dim.in, dim.stride));
    problem.resultScale.push_back(dim.stride);
  }
  Size phases = product(k, strides);
  problem.contiguousRows = phases.is(1);

  TileWriter writer(k, epilogue, mode, shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                    schedule.vectors);
  ContractionGrid grid = convGrid(schedule, shape.accumulator, k.target());
  Size blocks = k.ceilDiv(mostRows, grid.rowBlock);
  Size columns = k.ceilDiv(problem.columns, grid.columnBlock);
  k.forLoop(phase.begin, phase.end, 1, [&](Value index) {
    SmallVector<Size> at = k.delinearize(index, {problem.groups, phases, blocks, columns});
    PixelProblem here = problem;
    here.resultStart = k.delinearize(phases.is(1) ? Size(0) : at[1], strides);
    for (auto [dim, start] : llvm::zip(shape.dims, here.resultStart)) {
      here.taps.push_back(inputGradTaps(k, dim, start));
      // Pixels start, start + stride, ... below in.
      here.rows.push_back(k.div(k.max(k.add(k.sub(dim.in, start), dim.stride - 1), 0), dim.stride));
    }
    PixelConv(k, shape, here, dy, filter, schedule, writer, nullptr)
        .emit(at[0], at[2], blocks, at[3]);
  });
}
