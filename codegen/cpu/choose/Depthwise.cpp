// The choice, and what was measured for it (Zen 4, f32, 3x3, share of the FMA peak): all channels
// of a tile of pixels before the next tile, 94 % at 56x56x128 (one vector of channels down a row of
// tiles: 80 %). 2 x 7 pixels beside the nine weights of a window. Where the pixels of an image fall
// on each other in L1 what counts is how often a line comes from L2: 3 x 7, and in an image that
// stays there 14 x 7, which reads 1.3 lines for a result where 3 x 7 reads 2.1 (14x14x512: 81 %
// against 47; with large pages 95 against 76). Larger images would be more streams than
// prefetchers follow (56x56x128: 0.8 of the speed).
//
// The filter gradient keeps the sums of a window beside 2 x 4 pixels (87 %; 2 x 7: 78 %), with AVX2
// 2 x 2 (56x56x128: 109 us; 1 x 2 and 1 x 4: 132; with a stride 231 and 250), and where
// one vector of channels of an image fits in L1, nothing waits in memory (14x14x480: 107 %). Where
// pixels fall on each other tiles are 14 x 4 pixels, of which three rows wait at a time, and read a
// line 1.5 times (14x14x512: 93 us instead of 157 by two rows of 7, 7x7x1024 125 for 165, 56x56x256
// 182 for 240). With a stride half of the channels take turns on every five rows (28x28x512: 280
// us; in one go 400), with AVX2 in any case, on two rows (14x14x512 450 us -> 305, 7x7x1024 500 ->
// 355, 56x56x256 415 -> 305).
#include "codegen/cpu/choose/Depthwise.h"
#include <algorithm>

using namespace dlc::codegen::cpu;

static constexpr int64_t kMostTaps = 49;            // code is unrolled over taps and pixels
static constexpr int64_t kFewRegisters = 16;        // of a processor without AVX-512 or NEON's 32
static constexpr int64_t kAliasingBytes = 1024;     // of a way of L1, 4096
static constexpr int64_t kTurnRows = 5;             // after which channels take turns
static constexpr int64_t kFewTurnRows = 2;          // with few registers
static constexpr int64_t kImageInL2 = 512 * 1024;   // all channels of x, or of y
static constexpr int64_t kTallRows = 14;            // of tiles that go down such an image
static constexpr int64_t kImageInCache = 16 * 1024; // of x, beside as much of dy

static bool isStencil(const DepthwiseLoops &loops) {
  if (loops.dims.empty() || loops.dims.size() > 2)
    return false;
  for (const DepthwiseLoops::Dim &dim : loops.dims) {
    if (!dim.window)
      return false;
    bool known = dim.in && dim.out && dim.padLow;
    if (loops.kind == ConvKind::InputGrad && dim.stride > 1 && !known)
      return false;
  }
  return tapsOf(loops) <= kMostTaps;
}

static int64_t roundUp(int64_t x, int64_t multiple) {
  return (x + multiple - 1) / multiple * multiple;
}

// A multiple of |align| up to |most| that divides |extent|, or else cuts it into equal tiles.
static int64_t tileOf(std::optional<int64_t> extent, int64_t most, int64_t align) {
  most = std::max(most / align * align, align);
  if (!extent || *extent == 0)
    return most;
  for (int64_t tile = most; 2 * tile > most; tile -= align)
    if (*extent % tile == 0)
      return tile;
  int64_t tiles = (*extent + most - 1) / most;
  return roundUp((*extent + tiles - 1) / tiles, align);
}

// Whether rows of pixels |channels| apart fall into the same few sets of L1.
static bool isAliasing(const DepthwiseLoops &loops) {
  return loops.channels * loops.accumulatorBits / 8 % kAliasingBytes == 0;
}

// High tiles, down which the rows of x and dy that meet wait in registers. Where images shrink,
// more pixels of x than of dy, half of the channels take turns on the rows of one tile, so that
// those of the next can be asked for: they lie in memory one after another. |pixels| fit beside the
// sums.
static DepthwiseSchedule aliasingFilterGrad(const DepthwiseLoops &loops, const CpuTarget &target,
                                            DepthwiseSchedule schedule, int64_t pixels) {
  const DepthwiseLoops::Dim &outer = loops.dims.front();
  bool few = target.vectorRegisters <= kFewRegisters;
  bool tall = !few && outer.out && outer.stride == 1 && tapsOf(loops) <= 9;
  schedule.rows = tall ? tileOf(outer.out, kTallRows, 1) : few ? kFewTurnRows : kTurnRows;
  schedule.rowBlock = roundUp(schedule.rowBlock, schedule.rows);
  schedule.columns = std::clamp<int64_t>(pixels / heldRows(loops, schedule.rows), 1, 4);
  if (tall || !loops.partialAvailable)
    return schedule;
  schedule.vectors = std::clamp<int64_t>(loops.channels / target.lanes(loops.accumulatorBits) / 2,
                                         1, 16);
  schedule.rowTurn = schedule.rows;
  return schedule;
}

static DepthwiseSchedule filterGradSchedule(const DepthwiseLoops &loops, const CpuTarget &target) {
  const DepthwiseLoops::Dim &inner = loops.dims.back(), &outer = loops.dims.front();
  bool plane = loops.dims.size() == 2, few = target.vectorRegisters <= kFewRegisters;
  int64_t lanes = target.lanes(loops.accumulatorBits);
  DepthwiseSchedule schedule;
  schedule.tapRows =
      std::clamp<int64_t>((few ? 9 : 16) / *inner.window, 1, plane ? *outer.window : 1);
  int64_t left = target.vectorRegisters - 3 - schedule.tapRows * *inner.window;
  schedule.rows = plane && left >= 4 ? 2 : 1;
  int64_t most = few ? 2 : 4; // pixels in registers beside the sums and what is loaded
  schedule.columns = tileOf(inner.out, std::clamp<int64_t>(left / schedule.rows, 1, most), 1);
  schedule.vectors = std::clamp<int64_t>((loops.channels + lanes - 1) / lanes / 4, 1, 4);
  if (isAliasing(loops) && plane)
    return aliasingFilterGrad(loops, target, schedule, left);
  bool small = plane && inner.in && outer.in &&
               *inner.in * *outer.in * target.vectorBits / 8 <= kImageInCache;
  schedule.rowTurn = loops.partialAvailable && plane && !small ? 4 : 0;
  return schedule;
}

int64_t dlc::codegen::cpu::tapsOf(const DepthwiseLoops &loops) {
  int64_t taps = 1;
  for (const DepthwiseLoops::Dim &dim : loops.dims)
    taps *= *dim.window;
  return taps;
}

int64_t dlc::codegen::cpu::heldRows(const DepthwiseLoops &loops, int64_t rows) {
  if (loops.dims.size() < 2)
    return rows;
  const DepthwiseLoops::Dim &outer = loops.dims.front();
  int64_t reach = (*outer.window - 1) * outer.dilation + 1;
  int64_t sources = (reach + outer.stride - 1) / outer.stride; // that a row of results sees
  return std::min(rows, loops.kind == ConvKind::InputGrad ? sources * outer.stride : sources);
}

std::optional<DepthwiseSchedule> dlc::codegen::cpu::chooseDepthwise(const DepthwiseLoops &loops,
                                                                    const CpuTarget &target) {
  if (!isStencil(loops))
    return std::nullopt;
  if (loops.kind == ConvKind::FilterGrad)
    return filterGradSchedule(loops, target);
  bool few = target.vectorRegisters <= kFewRegisters, plane = loops.dims.size() == 2;
  bool inputGrad = loops.kind == ConvKind::InputGrad;
  const DepthwiseLoops::Dim &inner = loops.dims.back(), &outer = loops.dims.front();
  int64_t taps = tapsOf(loops);
  int64_t lanes = target.lanes(loops.accumulatorBits);
  int64_t align = inputGrad ? inner.stride : 1, rowAlign = inputGrad && plane ? outer.stride : 1;

  DepthwiseSchedule schedule;
  schedule.rows = !plane || few ? 1 : taps <= 9 && isAliasing(loops) ? 3 : taps <= 25 ? 2 : 1;
  schedule.rows = roundUp(schedule.rows, rowAlign);
  bool small = plane && inner.in && outer.in && inner.out && outer.out &&
               std::max(*inner.in * *outer.in, *inner.out * *outer.out) * loops.channels *
                       loops.accumulatorBits / 8 <=
                   kImageInL2;
  // For NEON LLVM loads what the next rows see before it stores these, and runs out of registers.
  bool tall = !few && !(target.isa & kIsaNeon) && taps <= 9 && align * rowAlign == 1;
  if (tall && small && isAliasing(loops))
    schedule.rows = tileOf(inputGrad ? outer.in : outer.out, kTallRows, rowAlign);
  int64_t most = few ? 4 : align > 1 ? 8 : 7;
  schedule.columns = tileOf(inputGrad ? inner.in : inner.out, most, align);
  if (heldRows(loops, schedule.rows) * schedule.columns > target.vectorRegisters)
    return std::nullopt; // strides that ask for more pixels than fit
  schedule.rowBlock = roundUp(8, schedule.rows);
  schedule.vectors = (loops.channels + lanes - 1) / lanes;
  // An image of one block of rows: the channels feed the threads.
  std::optional<int64_t> resultRows = inputGrad ? outer.in : outer.out;
  if (!plane || (resultRows && *resultRows <= schedule.rowBlock))
    schedule.vectors = (schedule.vectors + 3) / 4;
  return schedule;
}
