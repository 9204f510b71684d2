// The choice, and what was measured for it (Zen 4, f32, GFLOP/s of the direct form's arithmetic):
// all channels at once and few tiles of pixels, so that both stay near: 8 x 56x56x64 with 12 tiles
// 234, with 48 223; 28x28x128 238 and 222. Of more channels than 256 a block, and more tiles, which
// read the filter of a tile of columns (2 MB of 512 channels) less often: 14x14x512, one image, 231,
// with 54 tiles and 64 channels 221.
#include "codegen/cpu/choose/Winograd.h"
#include <algorithm>

using namespace mlir;
using namespace dlc::ir;
using namespace dlc::codegen::cpu;

static constexpr int64_t kFewTiles = 12, kManyTiles = 18;
static constexpr int64_t kChannelBlock = 256;
static constexpr int64_t kMostOnStack = 400 * 1024; // of pixels and sums

static int64_t bytesOf(const WinogradSchedule &schedule, const WinogradLoops &loops,
                       const CpuTarget &target) {
  int64_t lanes = target.lanes(loops.bits);
  return (winogradPixels(schedule, lanes) + winogradSums(schedule, lanes)) * (loops.bits / 8);
}

WinogradSchedule dlc::codegen::cpu::chooseWinograd(const WinogradLoops &loops,
                                                   const CpuTarget &target) {
  ContractionLoops matrix;
  matrix.n = std::min(loops.filters, loops.panelWidth);
  matrix.accumulatorBits = loops.bits;
  ContractionSchedule tile = chooseContraction(matrix, target).back().schedule;
  WinogradSchedule schedule;
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.channelBlock = std::min(kChannelBlock, loops.channels);
  int64_t tiles = loops.channels > kChannelBlock ? kManyTiles : kFewTiles;
  schedule.pixelTiles = (tiles + schedule.rows - 1) / schedule.rows * schedule.rows;
  while (schedule.pixelTiles > schedule.rows && bytesOf(schedule, loops, target) > kMostOnStack)
    schedule.pixelTiles -= schedule.rows;
  return schedule;
}

Attribute dlc::codegen::cpu::scheduleAttr(MLIRContext *context, const WinogradSchedule &chosen,
                                          const WinogradLoops &loops, const CpuTarget &target) {
  int64_t columns = chosen.vectors * target.lanes(loops.bits);
  return WinogradScheduleAttr::get(context, DenseI64ArrayAttr::get(context, {chosen.rows, columns}),
                                   chosen.pixelTiles, chosen.channelBlock, chosen.columnTiles);
}

FailureOr<WinogradSchedule>
dlc::codegen::cpu::acceptWinograd(Attribute given, const WinogradLoops &loops,
                                  const CpuTarget &target,
                                  function_ref<InFlightDiagnostic()> error) {
  auto attr = dyn_cast<WinogradScheduleAttr>(given);
  if (!attr)
    return error() << "a convolution by minimal filtering takes #dlc.winograd, not " << given;
  int64_t lanes = target.lanes(loops.bits), columns = attr.getColumns();
  if (columns % lanes)
    return error() << "a tile of " << columns << " columns is not made of whole vectors of "
                   << lanes << " on " << target.name;
  WinogradSchedule schedule;
  schedule.rows = attr.getRows();
  schedule.vectors = columns / lanes;
  int64_t room = target.vectorRegisters - schedule.vectors - 1;
  if (room < schedule.vectors || schedule.rows > room / schedule.vectors)
    return error() << "a tile of " << schedule.rows << " x " << columns << " needs more than the "
                   << target.vectorRegisters << " vector registers of " << target.name;
  schedule.pixelTiles = attr.getPixelTiles();
  schedule.channelBlock = attr.getChannelBlock();
  schedule.columnTiles = attr.getColumnTiles();
  // Bounded one by one, so that their product is a number.
  constexpr int64_t kMost = kMostOnStack / 8;
  int64_t zeros = KernelBuilder::kZeroBytes / (loops.bits / 8);
  if (schedule.channelBlock > zeros)
    return error() << "channel_block is " << schedule.channelBlock << ", expected at most " << zeros;
  if (schedule.pixelTiles > kMost || schedule.columnTiles > kMost / schedule.pixelTiles ||
      bytesOf(schedule, loops, target) > kMostOnStack)
    return error() << "pieces of " << schedule.pixelTiles << " tiles of pixels, "
                   << schedule.channelBlock << " channels and " << schedule.columnTiles
                   << " tiles of columns are more than the " << kMostOnStack
                   << " bytes that a thread has for them";
  return schedule;
}
