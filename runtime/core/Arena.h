// The memory that a run of an entry needs, for given sizes.
#ifndef DLC_RUNTIME_CORE_ARENA_H
#define DLC_RUNTIME_CORE_ARENA_H

#include "runtime/abi/arena.h"
#include "runtime/core/Shape.h"

namespace dlc::runtime::core {

// Where everything that a run of one entry needs lies in its session's arena.
struct Plan {
  Symbols symbols; // that it holds for
  Array<int64_t> offsets; // per buffer of the body; -1: not in the arena
  int64_t scratch = 0, threadScratch = 0, threadScratchBytes = 0; // offsets, and bytes per thread
  int64_t bytes = 0;                                              // in all
  int64_t bound = 0; // no plan takes less: the largest live set, and scratch
};

// Work space for planning any body of an artifact.
struct PlanSpace {
  Status allocate(const dlc_artifact &artifact);
  Array<dlc_block> blocks;
  Array<uint32_t> order, blockOfBuffer;
};

// Makes |plan| able to hold a plan of entry |entry|.
Status allocatePlan(const dlc_artifact &artifact, uint32_t entry, Plan &plan);

// Computes the plan for the values in |plan.symbols|. Allocates nothing when it succeeds.
Status makePlan(const dlc_artifact &artifact, uint32_t entry, uint32_t threads, PlanSpace &space,
                Plan &plan);

// The same with memory of its own, for sizes given by name.
Status makePlanFor(const dlc_artifact &artifact, uint32_t entry, const dlc_size *sizes,
                   size_t count, uint32_t threads, Plan &plan);

} // namespace dlc::runtime::core

#endif
