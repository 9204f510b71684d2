// The choice: the register tile of matrix multiplication, and blocks of scores that stay with
// everything else of a pair of blocks in L2.
#include "codegen/cpu/choose/Attention.h"
#include "codegen/cpu/choose/Contraction.h"
#include <algorithm>

using namespace mlir;
using namespace dlc::ir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kQueries = 128, kKeys = 256; // forward
static constexpr int64_t kOneBlock = 512;             // keys that are met at once
static constexpr int64_t kGradientBlock = 64;         // queries and keys
static constexpr int64_t kDiagonalRows = 8;           // of a tile of one wide vector
static constexpr int64_t kMostScores = 64 * 1024;     // of a block, in elements on the stack
static constexpr int64_t kMostValues = 32 * 1024;     // of its queries' sums and of its keys

AttentionSchedule dlc::codegen::cpu::chooseAttention(const AttentionLoops &loops,
                                                     const CpuTarget &target) {
  ContractionLoops matrix;
  matrix.n = kPanelWidth;
  matrix.accumulatorBits = loops.accumulatorBits;
  ContractionSchedule tile = chooseContraction(matrix, target).back().schedule;
  AttentionSchedule schedule;
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  while (kPanelWidth % (schedule.vectors * target.lanes(loops.accumulatorBits)))
    --schedule.vectors;
  schedule.queries = schedule.keys = kGradientBlock;
  if (loops.gradient)
    return schedule;
  schedule.queries =
      std::clamp<int64_t>(kMostValues / std::max<int64_t>(loops.width, 1), 1, kQueries);
  // One block of all keys needs no merging of sums, a thirtieth of the time.
  int64_t most = loops.keys && *loops.keys <= kOneBlock ? kOneBlock : kKeys;
  while (schedule.keys < std::min(most, loops.keys.value_or(most)) &&
         2 * schedule.keys * loops.depth <= kMostValues)
    schedule.keys *= 2;
  // Of few keys many tiles lie on the diagonal, where a wide one computes what nobody reads:
  // 64 keys 781 us instead of 1035, 128 2.7 ms for 3.2, 256 14.5 for 17.8, 2048 no less.
  if (loops.causal && loops.keys && *loops.keys <= kOneBlock && target.vectorBits == 512) {
    schedule.rows = kDiagonalRows;
    schedule.vectors = 1;
  }
  return schedule;
}

Attribute dlc::codegen::cpu::scheduleAttr(MLIRContext *context, const AttentionSchedule &chosen,
                                          const AttentionLoops &loops, const CpuTarget &target) {
  int64_t columns = chosen.vectors * target.lanes(loops.accumulatorBits);
  auto tile = DenseI64ArrayAttr::get(context, {chosen.rows, columns});
  return AttentionScheduleAttr::get(context, tile, chosen.queries, chosen.keys);
}

FailureOr<AttentionSchedule>
dlc::codegen::cpu::acceptAttention(Attribute given, const AttentionLoops &loops,
                                   const CpuTarget &target,
                                   function_ref<InFlightDiagnostic()> error) {
  auto attr = dyn_cast<AttentionScheduleAttr>(given);
  if (!attr)
    return error() << "attention takes #dlc.attention, not " << given;
  int64_t lanes = target.lanes(loops.accumulatorBits), columns = attr.getColumns();
  if (columns % lanes || kPanelWidth % columns)
    return error() << "a tile of " << columns << " columns does not cut panels of " << kPanelWidth
                   << " into whole vectors of " << lanes;
  AttentionSchedule schedule;
  schedule.rows = attr.getRows();
  schedule.vectors = columns / lanes;
  if (schedule.rows > target.vectorRegisters ||
      (schedule.rows + 1) * schedule.vectors + 1 > target.vectorRegisters)
    return error() << "a tile of " << schedule.rows << " x " << columns << " needs more than the "
                   << target.vectorRegisters << " vector registers of " << target.name;
  schedule.queries = attr.getQueries();
  schedule.keys = attr.getKeys();
  if (schedule.keys % kPanelWidth)
    return error() << "keys is " << schedule.keys << ", expected a multiple of " << kPanelWidth;
  if (schedule.keys > kMostScores || schedule.queries > kMostScores / schedule.keys)
    return error() << "scores of " << schedule.queries << " x " << schedule.keys
                   << " are more than the " << kMostScores << " that stay in the cache";
  return schedule;
}
