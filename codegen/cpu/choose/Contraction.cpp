// The choice, and what was measured for it (Zen 4, f32, share of the FMA peak):
//
//   register tile   6x64 97-100 %, 8x48 97-101 %, 8x32 90 %, 4x64 97 %, 1x64 49 %, 1x128 bandwidth
//   B read directly up to some 512 rows is as fast as panels; beyond, the rows' stride (a page and
//   more) costs TLB misses, so the reduction is cut into blocks or B is packed (1-3 % of the time)
//   16 registers (AVX2, SSE): 6 x 2 and 4 x 2 vectors; NEON's 32: 8 x 3
#include "codegen/cpu/choose/Contraction.h"
#include <algorithm>

using namespace dlc::codegen::cpu;

static constexpr int64_t kDirectRows = 512; // rows of B that are read in place

namespace {

struct TileShape {
  int64_t rows, vectors;
};

// Accumulators, one vector of B per column and one broadcast must fit the registers.
TileShape tileFor(const ContractionLoops &loops, const CpuTarget &target) {
  int64_t lanes = target.vectorBits / loops.accumulatorBits;
  bool many = target.vectorRegisters >= 32;
  int64_t widest = many ? (target.vectorBits >= 512 ? 4 : 3) : 2;
  int64_t vectors = loops.n ? std::clamp<int64_t>((*loops.n + lanes - 1) / lanes, 1, widest)
                            : widest;
  if (!many)
    return {vectors == 1 ? 8 : (target.fusedMultiplyAdd ? 6 : 4), vectors};
  return {vectors == 4 ? 6 : 8, vectors};
}

OperandForm formOfB(const ContractionLoops &loops) {
  if (loops.bPanels)
    return OperandForm::Panels;
  if (!loops.bRowMajor)
    return OperandForm::Pack;
  bool fewRows = loops.k && *loops.k <= kDirectRows;
  bool narrow = loops.n && *loops.n <= kPanelWidth;
  // Packing reads and writes B once; with few rows of A nothing would amortise that.
  bool littleReuse = loops.m && *loops.m <= 32;
  return fewRows || narrow || littleReuse || loops.partialAvailable ? OperandForm::Direct
                                                                    : OperandForm::Pack;
}

ContractionSchedule tallSchedule(const ContractionLoops &loops, const CpuTarget &target) {
  ContractionSchedule schedule;
  TileShape tile = tileFor(loops, target);
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.b = formOfB(loops);
  // With few columns the rows must feed the threads.
  int64_t width = tile.vectors * target.vectorBits / loops.accumulatorBits;
  schedule.rowTiles = loops.n && *loops.n <= 4 * width ? 4 : 16;
  bool longReduction = !loops.k || *loops.k > kDirectRows;
  if (schedule.b == OperandForm::Direct && longReduction && loops.partialAvailable)
    schedule.reduceBlock = kDirectRows;
  return schedule;
}

// One or two rows: several panels at once, so that enough additions are in flight.
ContractionSchedule flatSchedule(const ContractionLoops &loops, const CpuTarget &target) {
  ContractionSchedule schedule;
  int64_t lanes = target.vectorBits / loops.accumulatorBits;
  int64_t most = target.vectorRegisters >= 32 ? 8 : 4;
  schedule.rows = 2;
  schedule.vectors = loops.n ? std::clamp<int64_t>((*loops.n + lanes - 1) / lanes, 1, most) : most;
  schedule.rowTiles = 1;
  schedule.b = loops.bPanels     ? OperandForm::Panels
               : loops.bRowMajor ? OperandForm::Direct
                                 : OperandForm::Pack;
  return schedule;
}

} // namespace

llvm::SmallVector<GuardedContraction>
dlc::codegen::cpu::chooseContraction(const ContractionLoops &loops, const CpuTarget &target) {
  constexpr int64_t kFlat = 2;
  ContractionSchedule flat = flatSchedule(loops, target);
  if (loops.m && *loops.m <= kFlat)
    return {{std::nullopt, flat}};
  ContractionSchedule tall = tallSchedule(loops, target);
  // Two forms of one operand would need both phases; a guard may only change the tile.
  if (loops.m || flat.b != tall.b)
    return {{std::nullopt, tall}};
  return {{kFlat, flat}, {std::nullopt, tall}};
}
