#include "runtime/core/Arena.h"

#include "runtime/core/Sort.h"

namespace dlc::runtime::core {

// The start of the smallest gap of |bytes| bytes between the |placed| blocks, in order of offset,
// that live together with |block|; behind them when there is none. -1: that would overflow.
static int64_t bestGap(const Block *blocks, const uint32_t *placed, uint32_t count,
                       const Block &block, int64_t bytes) {
  int64_t cursor = 0, best = -1, smallest = INT64_MAX;
  for (uint32_t i = 0; i < count; ++i) {
    const Block &other = blocks[placed[i]];
    if (other.last < block.first || other.first > block.last)
      continue;
    int64_t gap = other.offset - cursor;
    if (gap >= bytes && gap < smallest) {
      smallest = gap;
      best = cursor;
    }
    int64_t end = other.offset + alignTensor(other.bytes);
    cursor = end > cursor ? end : cursor;
  }
  if (best >= 0)
    return best;
  return cursor > INT64_MAX - bytes ? -1 : cursor;
}

int64_t packBlocks(Block *blocks, uint32_t count, uint32_t *order) {
  for (uint32_t i = 0; i < count; ++i)
    order[i] = i;
  sortBy(order, count, [&](uint32_t a, uint32_t b) {
    return blocks[a].bytes != blocks[b].bytes ? blocks[a].bytes > blocks[b].bytes : a < b;
  });
  int64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    // order[0, i) holds the placed blocks by offset, order[i, count) the others by size.
    uint32_t current = order[i];
    Block &block = blocks[current];
    if (block.bytes > INT64_MAX - 2 * tensorAlignment)
      return -1;
    int64_t bytes = alignTensor(block.bytes);
    block.offset = bestGap(blocks, order, i, block, bytes);
    if (block.offset < 0)
      return -1;
    uint32_t at = i;
    for (; at > 0 && blocks[order[at - 1]].offset > block.offset; --at)
      order[at] = order[at - 1];
    order[at] = current;
    if (block.offset + bytes > total)
      total = block.offset + bytes;
  }
  return total;
}

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
      Block &block = space.blocks[space.blockOfBuffer[i]];
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
  plan.bytes = packBlocks(space.blocks.data(), count, space.order.data());
  if (plan.bytes < 0 || !appendRegion(scratch, 1, plan, &plan.scratch) ||
      !appendRegion(perThread, threads, plan, &plan.threadScratch))
    return fail(DLC_RESOURCE_EXHAUSTED, "%s: its temporaries need more than 2^63 bytes",
                who.str());
  plan.threadScratchBytes = alignTensor(perThread);
  for (uint32_t i = 0; i < plan.offsets.size(); ++i)
    plan.offsets[i] =
        space.blockOfBuffer[i] == DLC_NONE ? -1 : space.blocks[space.blockOfBuffer[i]].offset;
  return Status();
}

} // namespace dlc::runtime::core
