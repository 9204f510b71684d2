// The choice, and what was measured for it (Zen 4, f32): the 6x64 tile of matrix multiplication
// serves all three; few result channels take taller tiles with fewer vectors. Transposed filters
// are packed, a percent of the time at most. For the filter gradient 1024 pixels of x and dy stay
// in L2 while all row tiles pass over them.
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/choose/Contraction.h"
#include <algorithm>

using namespace dlc::codegen::cpu;

static constexpr int64_t kPixelBlock = 1024;
static constexpr int64_t kFewChannels = 6;   // too few rows for a tile of one tap
static constexpr int64_t kUnrolledRows = 36; // rows across taps are unrolled

ConvSchedule dlc::codegen::cpu::chooseConv(const ConvLoops &loops, const CpuTarget &target) {
  ContractionLoops matrix;
  matrix.n = loops.kind == ConvKind::InputGrad ? loops.channels : loops.filters;
  if (loops.depthwise)
    matrix.n = loops.depthwiseChannels;
  matrix.accumulatorBits = loops.accumulatorBits;
  matrix.bf16 = loops.bf16 && !loops.depthwise;
  ContractionSchedule tile = chooseContraction(matrix, target).back().schedule;

  ConvSchedule schedule;
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.depth = tile.depth;
  if (loops.kind == ConvKind::FilterGrad) {
    schedule.pixelBlock = loops.partialAvailable ? kPixelBlock : 0;
    bool known = loops.channels && loops.innerWindow;
    schedule.rowsAcrossTaps =
        loops.depthwise || (known && *loops.channels < kFewChannels &&
                            *loops.channels * *loops.innerWindow <= kUnrolledRows);
    return schedule;
  }
  bool wide = !matrix.n || *matrix.n > kPanelWidth;
  if (loops.depthwise)
    schedule.filter = OperandForm::Direct;
  else if (loops.filterPanels)
    schedule.filter = OperandForm::Panels;
  else if (loops.kind == ConvKind::InputGrad || wide)
    schedule.filter = OperandForm::Pack;
  return schedule;
}
