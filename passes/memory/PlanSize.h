// What a plan takes, for given sizes, before anything runs: the compiler packs as the runtime will.
#pragma once
#include "ir/Ops.h"
#include <optional>

namespace dlc::passes {

/// The value of a size symbol, if it has one.
using SymbolValue = llvm::function_ref<std::optional<int64_t>(llvm::StringRef)>;

/// Of the temporaries of an entry, without the scratch of its kernels.
struct PlanSize {
  int64_t bytes = 0; ///< what they take, packed
  int64_t bound = 0; ///< the largest live set: no packing takes less
};

/// Plans an entry of kernels, as dlc-plan-memory does, and anew where there is a plan.
void planEntry(ir::EntryOp entry, bool together = true);

/// Of a planned entry; none when a symbol has no value or the bytes overflow.
std::optional<PlanSize> planSize(ir::EntryOp entry, SymbolValue value);

} // namespace dlc::passes
