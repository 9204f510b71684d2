// Copies of the filter's columns, for tiles narrower than its panels.
//
// A tile of 16 columns reads one line of every four of a panel. Those lines share a quarter of the
// sets of L1 and of L2, and their way from one to the other takes longer than a step multiplies:
// tiles of 5 x 2 vectors over 2304 steps reach 78 % of the speed that they have with lines one
// after the other, though both come from L2. So a thread copies the columns of a piece of work to
// memory of its own, unless the piece before had the same. Where all steps have no room, those of
// one tap of the outermost dimension are copied, for all lines of the piece (see inBlocks()).
#include "codegen/cpu/emit/ConvPixels.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kCopiedColumns = 320 * 1024; // of L2, a megabyte

int64_t dlc::codegen::cpu::copiedSteps(KernelBuilder &k, const ConvShape &shape,
                                       const PixelProblem &problem, const ConvSchedule &schedule,
                                       bool everyTap) {
  Size steps = k.mul(product(k, problem.windows), problem.reduce), taps = problem.windows.front();
  if (!schedule.copiesColumns || shape.filterPairs || !steps.isConstant())
    return 0;
  int64_t row =
      schedule.vectors * k.lanes(shape.accumulator) * KernelBuilder::storedBytes(shape.input);
  int64_t most = kCopiedColumns / row, all = steps.constant();
  if (all <= most)
    return all;
  bool byTaps = everyTap && schedule.pixels == TilePixels::Lines && problem.windows.size() > 1 &&
                taps.constant() > 1 && all / taps.constant() <= most;
  return byTaps ? all / taps.constant() : 0;
}

// Steps [first, first + p.copied).
void PixelConv::copySteps(Size group, const ColumnTile &columns, Size first) {
  constexpr int64_t kTogether = 4; // loaded before any is stored
  // As integers: LLVM takes vectors of a 16-bit float apart.
  bool half = shape.input.isF16() || shape.input.isBF16();
  VectorType type = k.vectorType(half ? k.builder().getI16Type() : shape.input, lanes);
  int64_t width = schedule.vectors * lanes;
  Size begin = k.add(k.mul(k.div(columns.column, shape.panelWidth), panelSize()),
                     k.rem(columns.column, shape.panelWidth));
  begin = k.add(k.add(begin, k.mul(group, p.groupStride)), k.mul(first, shape.panelWidth));
  Value from = k.address(shape.input, filter, begin);
  auto some = [&](Size step, int64_t count) {
    Value source = k.address(shape.input, from, k.mul(step, shape.panelWidth));
    Value target = k.address(shape.input, columnsCopy, k.mul(step, width));
    SmallVector<Value> loaded;
    for (int64_t s = 0; s < count; ++s)
      for (int64_t v = 0; v < columns.vectors; ++v)
        loaded.push_back(k.load(type, source, s * shape.panelWidth + v * lanes));
    for (int64_t s = 0; s < count; ++s)
      for (int64_t v = 0; v < columns.vectors; ++v)
        k.store(loaded[s * columns.vectors + v], target, s * width + v * lanes);
  };
  int64_t whole = p.copied / kTogether * kTogether;
  k.forLoop(0, whole, kTogether, [&](Value step) { some(step, kTogether); });
  if (p.copied > whole)
    some(whole, p.copied - whole);
  copiedBase = k.address(shape.input, columnsCopy, k.sub(0, k.mul(first, width)));
}

void PixelConv::copyColumns(Size group, const ColumnTile &columns) {
  if (!p.copied)
    return;
  k.ifThen(isFresh, [&] { copySteps(group, columns, 0); });
  copiedBase = columnsCopy;
}

void PixelConv::copyTapBlock(Size group, const ColumnTile &columns, Size tap) {
  if (!p.copied)
    return;
  const TapRange &taps = p.taps.front();
  copySteps(group, columns, k.mul(k.add(taps.firstTap, k.mul(tap, taps.tapStep)), p.copied));
}
