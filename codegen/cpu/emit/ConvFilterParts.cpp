// A filter gradient whose threads share pixels: of the first layers of a network, whose filters have
// few channels, there would be no more pieces of work than rows of the window. On two threads 3x3 of
// 32 images of 28x28x1 to 32 169 GFLOP/s, in parts 226; 7x7 of 224x224x3 to 64 208 and 237. The
// number of parts comes from the schedule, never from the threads, and their sums are added in
// order: results keep their bits.
#include "codegen/cpu/emit/ConvFilterGrad.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

// All pieces of the result are one piece of work, for some of the pixels.
void FilterGrad::emitParts(const PhaseArguments &phase) {
  keepsPartial = true;
  Grid grid = gridOf();
  Size pieces = k.mul(k.mul(groups, grid.taps), k.mul(grid.rowBlocks, grid.columnTiles));
  Size rows = allRows().last, taps = product(k, windows);
  Size elements = k.mul(k.mul(taps, channels), shape.filters);
  Value sums = partial.memory;
  k.forLoop(phase.begin, phase.end, 1, [&](Value part) {
    partial.memory = k.address(shape.accumulator, sums, k.mul(part, elements));
    Range mine{k.div(k.mul(part, rows), schedule.parts),
               k.div(k.mul(k.add(part, 1), rows), schedule.parts)};
    // A known number of pieces LLVM would unroll, into more code than the instruction cache has.
    Size all = hiddenIn(part, pieces);
    k.forLoop(0, all, grid.together, [&](Value first) {
      Size end = k.min(k.add(first, grid.together), all);
      forBlocks(mine, [&](const Block &block) {
        k.forLoop(first, end, 1, [&](Value index) { pieceOfBlock(grid, index, first, block); });
      });
    });
  });
}

void dlc::codegen::cpu::emitConvFilterGradParts(KernelBuilder &k, const PhaseArguments &phase,
                                                const ConvShape &given, Value x, Value dy,
                                                Value sums, const ConvSchedule &schedule) {
  ConvShape shape = simplified(k, given);
  TileWriter nothing(k, [](KernelBuilder &, const Fragment &) {}, EpilogueMode::Inline,
                     shape.accumulator, k.lanes(shape.accumulator), schedule.rows,
                     schedule.vectors);
  FilterGrad(k, shape, x, dy, sums, schedule, nothing).emitParts(phase);
}

void dlc::codegen::cpu::emitSumOfParts(KernelBuilder &k, const PhaseArguments &phase,
                                       const ConvShape &shape, Value sums,
                                       const ConvSchedule &schedule, Epilogue epilogue,
                                       EpilogueMode mode) {
  int64_t lanes = k.lanes(shape.accumulator);
  TileWriter writer(k, epilogue, mode, shape.accumulator, lanes, 1, schedule.vectors);
  PartialSums parts{sums, shape.accumulator, lanes, shape.filters};
  SmallVector<Size> windows = windowExtents(shape);
  Size rows = k.mul(windows.back(), k.div(shape.channels, shape.groups));
  Size rowsOfPart = k.mul(product(k, ArrayRef(windows).drop_back()), rows);
  auto row = [&](const ColumnTile &columns, Size number) {
    Accumulators total;
    for (int64_t part = 0; part < schedule.parts; ++part) {
      auto place = [&](Size r) { return k.add(k.add(k.mul(rowsOfPart, part), number), r); };
      Accumulators one = parts.load(k, 1, columns, place);
      for (auto [i, sum] : llvm::enumerate(one))
        part == 0 ? total.push_back(sum) : void(total[i] = k.sum(total[i], sum));
    }
    auto rowIndex = [&](Size r) { return k.add(number, r); };
    writer.finish(total, 1, columns, shape.filters, rowIndex);
    writer.flush(1, columns, shape.filters, rowIndex);
  };
  Size tiles = k.ceilDiv(shape.filters, schedule.vectors * lanes);
  k.forLoop(phase.begin, phase.end, 1, [&](Value tap) {
    k.forLoop(0, tiles, 1, [&](Value tile) {
      forColumnTile(k, tile, shape.filters, schedule.vectors, lanes,
                    [&](const ColumnTile &columns) {
                      k.forLoop(k.mul(tap, rows), k.mul(k.add(tap, 1), rows), 1,
                                [&](Value number) { row(columns, number); });
                    });
    });
  });
}
