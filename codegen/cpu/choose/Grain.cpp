#include "codegen/cpu/choose/Grain.h"
#include "ir/symbols/SizeExpr.h"

using dlc::ir::SizeAttr;

namespace dlc::codegen::cpu {

// 62 at the peak of two fused multiply-adds a cycle and 4 GHz.
constexpr int64_t kPicosecondsPerFlopOfALane = 94;

SizeAttr multiplyCost(SizeAttr flops, const CpuTarget &target) {
  return ir::sizeMul(flops, std::max<int64_t>(kPicosecondsPerFlopOfALane / target.lanes(32), 1));
}

SizeAttr chooseGrain(SizeAttr tiles, SizeAttr cost) {
  return ir::sizeFloorDiv(ir::sizeMul(tiles, kForkPicoseconds), ir::sizeAdd(cost, 1));
}

} // namespace dlc::codegen::cpu
