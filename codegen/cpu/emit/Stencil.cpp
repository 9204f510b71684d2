// Axes, stretches, and the walk over what a tile reads.
#include "codegen/cpu/emit/Stencil.h"
#include <algorithm>
#include <set>

using namespace mlir;
using namespace dlc::codegen::cpu;

// More stretches than a window with its borders has: small images under large windows. They are
// tested when running, since each stretch is code of its own.
static constexpr size_t kMostStretches = 8;

// ---- Axes

StencilAxis StencilAxis::forward(KernelBuilder &k, const ConvDim &dim) {
  StencilAxis axis;
  axis.results = dim.out;
  axis.source = dim.in;
  axis.window = dim.window.constant();
  axis.scale = axis.resultStep = dim.stride;
  axis.tapStep = dim.dilation;
  axis.start = k.sub(0, dim.padLow);
  return axis;
}

// dx[i] gathers dy[o] * w[t] where o * stride - pad + t * dilation = i.
StencilAxis StencilAxis::inputGrad(KernelBuilder &, const ConvDim &dim) {
  StencilAxis axis;
  axis.results = dim.in;
  axis.source = dim.out;
  axis.window = dim.window.constant();
  axis.divide = dim.stride;
  axis.tapStep = -dim.dilation;
  if (dim.padLow.isConstant())
    axis.shift = dim.padLow.constant();
  else
    axis.start = dim.padLow;
  return axis;
}

Size StencilAxis::origin(KernelBuilder &k, Size o) const {
  return k.add(k.div(k.mul(o, scale), divide), start);
}

std::optional<int64_t> StencilAxis::offset(int64_t r, int64_t tap) const {
  int64_t scaled = r * resultStep + tap * tapStep + shift;
  if (scaled % divide != 0)
    return std::nullopt;
  return scaled / divide;
}

SmallVector<int64_t> StencilAxis::offsets(int64_t extent) const {
  std::set<int64_t> all;
  for (int64_t r = 0; r < extent; ++r)
    for (int64_t tap = 0; tap < window; ++tap)
      if (std::optional<int64_t> at = offset(r, tap))
        all.insert(*at);
  return SmallVector<int64_t>(all.begin(), all.end());
}

// ---- Stretches

// For a known axis and tile: the offsets whose source pixel exists.
static SmallVector<int64_t> existing(const StencilAxis &axis, int64_t at, int64_t extent) {
  int64_t origin = at * axis.scale / axis.divide + axis.start.constant();
  SmallVector<int64_t> inside;
  for (int64_t offset : axis.offsets(extent))
    if (origin + offset >= 0 && origin + offset < axis.source.constant())
      inside.push_back(offset);
  return inside;
}

static SmallVector<Stretch> knownStretches(const StencilAxis &axis, int64_t extent) {
  SmallVector<Stretch> stretches;
  SmallVector<int64_t> previous;
  for (int64_t at = 0, end = axis.results.constant(); at < end; at += extent) {
    int64_t here = std::min(extent, end - at);
    SmallVector<int64_t> inside = existing(axis, at, here);
    if (!stretches.empty() && stretches.back().extent == here && previous == inside) {
      stretches.back().end = at + here;
      continue;
    }
    stretches.push_back({at, at + here, here, Stretch::Known, at});
    previous = inside;
  }
  return stretches;
}

// The middle, where even the outermost taps are inside, in full tiles; the rest result by result.
static SmallVector<Stretch> testedStretches(KernelBuilder &k, const StencilAxis &axis,
                                            int64_t extent, Size from, Size to) {
  SmallVector<int64_t> offsets = axis.offsets(1);
  Size before = k.sub(0, k.add(axis.start, offsets.front()));
  Size low = k.ceilDiv(k.max(before, 0), axis.scale);
  Size room = k.sub(k.sub(axis.source, 1 + offsets.back()), axis.start);
  Size high = k.add(k.floorDiv(room, axis.scale), 1);
  low = k.min(k.max(low, from), to);
  high = k.min(k.max(high, low), to);
  Size middle = k.add(low, k.mul(k.div(k.sub(high, low), extent), extent));
  return {{from, low, 1, Stretch::Tested, 0},
          {low, middle, extent, Stretch::Inside, 0},
          {middle, to, 1, Stretch::Tested, 0}};
}

SmallVector<Stretch> dlc::codegen::cpu::stretchesOf(KernelBuilder &k, const StencilAxis &axis,
                                                    int64_t extent, Size from, Size to) {
  SmallVector<Stretch> stretches;
  if (axis.isKnown())
    stretches = knownStretches(axis, extent);
  if (!axis.isKnown() || (stretches.size() > kMostStretches && axis.divide == 1))
    return testedStretches(k, axis, extent, from, to);
  for (Stretch &stretch : stretches) {
    stretch.begin = k.max(stretch.begin, from);
    stretch.end = k.min(stretch.end, to);
  }
  return stretches;
}

SmallVector<Value> dlc::codegen::cpu::forTiles(KernelBuilder &k, ArrayRef<Stretch> stretches,
                                               ValueRange carried, TileBody body) {
  SmallVector<Value> values(carried);
  for (const Stretch &stretch : stretches)
    values = k.forLoop(stretch.begin, stretch.end, stretch.extent, values,
                       [&](Value at, ValueRange inner) { return body(at, stretch, inner); });
  return values;
}

// ---- The walk

namespace {

// Where one source row or column stands: left out, there, or there if |condition|.
struct Presence {
  bool possible = true;
  Value condition;
};

Presence presenceOf(KernelBuilder &k, const StencilAxis &axis, const Stretch &stretch, Size origin,
                    int64_t offset) {
  switch (stretch.kind) {
  case Stretch::Inside:
    return {};
  case Stretch::Known: {
    SmallVector<int64_t> inside = existing(axis, stretch.example, stretch.extent);
    return {llvm::is_contained(inside, offset), Value()};
  }
  case Stretch::Tested:
    return {true, k.inside(k.add(origin, offset), axis.source)};
  }
  llvm_unreachable("all kinds are handled");
}

using Sums = SmallVector<Value>;

Sums guarded(KernelBuilder &k, Value condition, const Sums &sums,
             function_ref<Sums(const Sums &)> body) {
  if (!condition)
    return body(sums);
  return k.chooseValues(condition, [&] { return body(sums); }, [&] { return sums; });
}

// (result, tap) pairs of one axis that read |offset|.
SmallVector<std::pair<int64_t, int64_t>> readersOf(const StencilAxis &axis, int64_t extent,
                                                   int64_t offset, int64_t firstTap,
                                                   int64_t lastTap) {
  SmallVector<std::pair<int64_t, int64_t>> readers;
  for (int64_t r = 0; r < extent; ++r)
    for (int64_t tap = firstTap; tap < lastTap; ++tap)
      if (axis.offset(r, tap) == offset)
        readers.push_back({r, tap});
  return readers;
}

// The first of |extent| results that reads one of |offsets|.
int64_t firstUnfinished(const StencilAxis &axis, int64_t extent, ArrayRef<int64_t> offsets) {
  int64_t first = extent;
  for (int64_t offset : offsets)
    for (auto [r, tap] : readersOf(axis, extent, offset, 0, axis.window))
      first = std::min(first, r);
  return first;
}

} // namespace

SmallVector<Value> Stencil::walk(KernelBuilder &k, const StencilTile &tile, Value source,
                                 Size channel, Value mask, int64_t firstRow, int64_t lastRow,
                                 ArrayRef<Value> initial, Meet meet, RowDone rowDone) const {
  Size y0 = rows.origin(k, tile.row), x0 = columns.origin(k, tile.column);
  Size first = k.mul(sourcePixel(k, tile), channels);
  Value base = k.address(stored, k.address(stored, source, first), channel);
  VectorType vector = k.vectorType(stored, k.lanes(type));
  int64_t width = tile.columns.extent;

  auto column = [&](int64_t y, int64_t x, const Sums &sums) {
    Size distance = k.mul(k.add(k.mul(y, columns.source), x), channels);
    Value loaded = k.convert(k.maskedLoad(vector, base, distance, mask), type);
    Sums next = sums;
    for (auto [r, rowTap] : readersOf(rows, tile.rows.extent, y, firstRow, lastRow))
      for (auto [c, columnTap] : readersOf(columns, width, x, 0, columns.window))
        meet(loaded, r * width + c, rowTap * columns.window + columnTap, next);
    return next;
  };
  auto row = [&](int64_t y, const Sums &sums) {
    Sums next = sums;
    for (int64_t x : columns.offsets(width)) {
      Presence there = presenceOf(k, columns, tile.columns, x0, x);
      if (there.possible)
        next = guarded(k, there.condition, next, [&](const Sums &in) { return column(y, x, in); });
    }
    return next;
  };
  Sums sums(initial);
  int64_t extent = tile.rows.extent, done = 0;
  SmallVector<int64_t> sources = rows.offsets(extent);
  // Rows are done one after the other: a lower one sees no higher source than those below it.
  auto finishBefore = [&](int64_t end) {
    for (; rowDone && done < end; ++done)
      rowDone(done, sums);
  };
  for (auto [i, y] : llvm::enumerate(sources)) {
    auto readers = readersOf(rows, extent, y, firstRow, lastRow);
    Presence there = presenceOf(k, rows, tile.rows, y0, y);
    if (there.possible && !readers.empty())
      sums = guarded(k, there.condition, sums, [&](const Sums &in) { return row(y, in); });
    finishBefore(firstUnfinished(rows, extent, ArrayRef(sources).drop_front(i + 1)));
  }
  finishBefore(extent);
  return sums;
}

// The distance from the tile's first pixel is added last: where it is known it ends up in the
// addresses, which then share one register.
Size Stencil::resultPixel(KernelBuilder &k, const StencilTile &tile, Size r) const {
  Size down = k.div(r, tile.columns.extent), along = k.rem(r, tile.columns.extent);
  Size row = k.add(k.mul(tile.image, rows.results), tile.row);
  Size first = k.add(k.mul(row, columns.results), tile.column);
  return k.add(first, k.add(k.mul(down, columns.results), along));
}

Size Stencil::sourcePixel(KernelBuilder &k, const StencilTile &tile) const {
  Size row = k.add(k.mul(tile.image, rows.source), rows.origin(k, tile.row));
  return k.add(k.mul(row, columns.source), columns.origin(k, tile.column));
}

// ---- Stencils of a convolution

static Stencil stencilOf(KernelBuilder &k, const ConvShape &shape,
                         StencilAxis (*axis)(KernelBuilder &, const ConvDim &)) {
  StencilAxis single{1, 1};
  return {shape.dims.size() > 1 ? axis(k, shape.dims.front()) : single, axis(k, shape.dims.back()),
          shape.channels, shape.input, shape.accumulator};
}

Stencil dlc::codegen::cpu::forwardStencil(KernelBuilder &k, const ConvShape &shape) {
  return stencilOf(k, shape, StencilAxis::forward);
}

Stencil dlc::codegen::cpu::inputGradStencil(KernelBuilder &k, const ConvShape &shape) {
  return stencilOf(k, shape, StencilAxis::inputGrad);
}
