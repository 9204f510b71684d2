#include "passes/memory/PlanSize.h"
#include "passes/memory/BufferPlan.h"
#include "runtime/abi/arena.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

std::optional<PlanSize> planSize(EntryOp entry, SymbolValue value) {
  std::vector<dlc_block> blocks;
  for (auto buffer : entry->getAttrOfType<ArrayAttr>(kEntryBuffersAttr).getAsRange<BufferAttr>()) {
    if (buffer.getKind() != BufferKind::temporary)
      continue;
    std::optional<int64_t> bytes = sizeEvaluate(buffer.getBytes(), value);
    if (!bytes || *bytes < 0)
      return std::nullopt;
    blocks.push_back({*bytes, uint32_t(buffer.getFirst()), uint32_t(buffer.getLast()), 0});
  }
  std::vector<uint32_t> order(blocks.size());
  PlanSize size;
  size.bytes = dlc_pack_blocks(blocks.data(), uint32_t(blocks.size()), order.data());
  size.bound = dlc_largest_live_set(blocks.data(), uint32_t(blocks.size()));
  return size.bytes < 0 ? std::nullopt : std::optional(size);
}

} // namespace dlc::passes
