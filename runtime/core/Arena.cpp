#include "runtime/core/Arena.h"

namespace dlc::runtime::core {

Status PlanSpace::allocate(const dlc_artifact &artifact) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < artifact.bodies.size(); ++i)
    if (artifact.bodies[i].buffers.count > most)
      most = artifact.bodies[i].buffers.count;
  if (!blocks.allocate(most) || !order.allocate(most) || !blockOfBuffer.allocate(most))
    return outOfMemory(most);
  return Status();
}

Status allocatePlan(const dlc_artifact &artifact, uint32_t entry, Plan &plan) {
  if (!plan.symbols.allocate(artifact.symbols.size()) ||
      !plan.offsets.allocate(artifact.bodies[entry].buffers.count))
    return outOfMemory(artifact.bodies[entry].buffers.count);
  return Status();
}

// Turns the body's temporaries into blocks; one that takes another's memory joins its block.
static Status collectBlocks(const dlc_artifact &artifact, uint32_t entry, const Symbols &symbols,
                            PlanSpace &space, uint32_t *count) {
  View<dlc_buffer> buffers(artifact.bodies[entry].buffers);
  Text who;
  who.add("entry \"%s\"", artifact.entryName(entry));
  *count = 0;
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    const dlc_buffer &buffer = buffers[i];
    space.blockOfBuffer[i] = buffer.alias >= 0 ? space.blockOfBuffer[buffer.alias] : DLC_NONE;
    if (buffer.kind != DLC_BUFFER_TEMPORARY)
      continue;
    int64_t bytes;
    DLC_TRY(evaluateSize(artifact, Expr(buffer.bytes), symbols, who.str(), &bytes));
    if (buffer.alias < 0) {
      space.blocks[*count] = {bytes, buffer.first, buffer.last, 0};
      space.blockOfBuffer[i] = (*count)++;
    } else if (space.blockOfBuffer[i] != DLC_NONE) {
      dlc_block &block = space.blocks[space.blockOfBuffer[i]];
      block.bytes = bytes > block.bytes ? bytes : block.bytes;
      block.first = buffer.first < block.first ? buffer.first : block.first;
      block.last = buffer.last > block.last ? buffer.last : block.last;
    }
  }
  return Status();
}

// Appends |bytes|, |times| over, to the plan; false when that overflows.
static bool appendRegion(int64_t bytes, int64_t times, Plan &plan, int64_t *offset) {
  int64_t total;
  *offset = plan.bytes;
  return bytes <= INT64_MAX - tensorAlignment &&
         !__builtin_mul_overflow(alignTensor(bytes), times, &total) &&
         !__builtin_add_overflow(plan.bytes, total, &plan.bytes);
}

Status makePlan(const dlc_artifact &artifact, uint32_t entry, uint32_t threads, PlanSpace &space,
                Plan &plan) {
  const dlc_body &body = artifact.bodies[entry];
  uint32_t count;
  DLC_TRY(collectBlocks(artifact, entry, plan.symbols, space, &count));
  int64_t scratch, perThread;
  Text who;
  who.add("entry \"%s\"", artifact.entryName(entry));
  DLC_TRY(evaluateSize(artifact, Expr(body.scratch), plan.symbols, who.str(), &scratch));
  DLC_TRY(evaluateSize(artifact, Expr(body.thread_scratch), plan.symbols, who.str(), &perThread));
  plan.bytes = dlc_pack_blocks(space.blocks.data(), count, space.order.data());
  if (plan.bytes < 0 || !appendRegion(scratch, 1, plan, &plan.scratch) ||
      !appendRegion(perThread, threads, plan, &plan.threadScratch))
    return fail(DLC_RESOURCE_EXHAUSTED, "%s: its temporaries need more than 2^63 bytes",
                who.str());
  plan.threadScratchBytes = alignTensor(perThread);
  plan.bound = dlc_largest_live_set(space.blocks.data(), count) + plan.bytes - plan.scratch;
  for (uint32_t i = 0; i < plan.offsets.size(); ++i)
    plan.offsets[i] =
        space.blockOfBuffer[i] == DLC_NONE ? -1 : space.blocks[space.blockOfBuffer[i]].offset;
  return Status();
}

Status makePlanFor(const dlc_artifact &artifact, uint32_t entry, const dlc_size *sizes,
                   size_t count, uint32_t threads, Plan &plan) {
  PlanSpace space;
  DLC_TRY(space.allocate(artifact));
  DLC_TRY(allocatePlan(artifact, entry, plan));
  DLC_TRY(plan.symbols.bindAll(artifact, sizes, count));
  return makePlan(artifact, entry, threads, space, plan);
}

} // namespace dlc::runtime::core
