// Tiles at a border: pixels of which some lack a tap, or that lie in several lines.
//
// Padding is not part of a convolution's sum, and zeros are no part of it as long as the filter
// is finite. Where a sum at a border comes out as NaN, its tile is computed again row by row, from
// the taps inside alone.
#include "codegen/cpu/emit/ConvPixels.h"
#include <functional>

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kFewChannels = 16;   // below, tiles at a border copy their taps
static constexpr int64_t kLongestPatch = 512; // elements of one row of such a copy

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
