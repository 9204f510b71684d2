// Packs temporaries by lifetime: two that never live at once may share memory.
#ifndef DLC_RUNTIME_CORE_ARENA_H
#define DLC_RUNTIME_CORE_ARENA_H

#include "runtime/core/Shape.h"

namespace dlc::runtime::core {

// A temporary: lives during steps first..last, both included.
struct Block {
  int64_t bytes;
  uint32_t first, last;
  int64_t offset; // the result, a multiple of 64
};

// Places |count| blocks and returns the bytes that they take together; -1 when those overflow.
//
// Largest first, each into the smallest gap that holds it among the blocks that live at the same
// time (best fit), equal ones in their given order: so the result depends on the blocks alone.
// |order| is work space for |count| numbers; nothing is allocated, hence running may pack again.
int64_t packBlocks(Block *blocks, uint32_t count, uint32_t *order);

// Where everything that a run of one entry needs lies in its session's arena.
struct Plan {
  Symbols symbols; // that it holds for
  Array<int64_t> offsets; // per buffer of the body; -1: not in the arena
  int64_t scratch = 0, threadScratch = 0, threadScratchBytes = 0; // offsets, and bytes per thread
  int64_t bytes = 0;                                              // in all
};

// Work space for planning any body of an artifact.
struct PlanSpace {
  Status allocate(const dlc_artifact &artifact);
  Array<Block> blocks;
  Array<uint32_t> order, blockOfBuffer;
};

// Makes |plan| able to hold a plan of entry |entry|.
Status allocatePlan(const dlc_artifact &artifact, uint32_t entry, Plan &plan);

// Computes the plan for the values in |plan.symbols|. Allocates nothing when it succeeds.
Status makePlan(const dlc_artifact &artifact, uint32_t entry, uint32_t threads, PlanSpace &space,
                Plan &plan);

} // namespace dlc::runtime::core

#endif
