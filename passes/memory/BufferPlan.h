// The attributes in which --dlc-plan-memory writes its result, and how the regions of control-flow
// ops get their arguments. Read by codegen's host code.
#pragma once
#include "ir/Ops.h"

namespace dlc::passes {

/// On an entry: array of #dlc.buffer. All other attributes hold indices into it.
inline constexpr llvm::StringLiteral kEntryBuffersAttr = "dlc.buffers";
/// On a dispatch: operands, then results. On a control op: operands.
inline constexpr llvm::StringLiteral kBuffersAttr = "buffers";
/// On a dispatch: it may run at the same time as the next one, as far as such a chain reaches.
inline constexpr llvm::StringLiteral kTogetherAttr = "together";
inline constexpr size_t kMostTogether = 8;
/// On a control op: its results. A loop's first results are where its carried values live.
inline constexpr llvm::StringLiteral kResultBuffersAttr = "result_buffers";
/// On a loop: where the iteration number is kept, or -1.
inline constexpr llvm::StringLiteral kCounterBufferAttr = "counter_buffer";
/// On a loop: the `slice` buffers of its operands and results at the iteration.
inline constexpr llvm::StringLiteral kSliceBuffersAttr = "slice_buffers";
/// On a loop: copies before the first iteration. Copies are [destination, source] pairs, to be
/// done in order.
inline constexpr llvm::StringLiteral kInitialCopiesAttr = "initial_copies";
/// On a control op, per region: the copies at its end; for a condition, the buffer it yields.
inline constexpr llvm::StringLiteral kRegionCopiesAttr = "region_copies";
/// On a return: the copies of what could not be computed in place.
inline constexpr llvm::StringLiteral kCopiesAttr = "dlc.copies";

/// Where a region's argument comes from.
struct RegionArgument {
  enum Kind {
    Counter, ///< the iteration number
    Carried, ///< carried value `index`
    Slice,   ///< operand `index` at the iteration
    Operand, ///< operand `index`
  } kind;
  int64_t index = 0;
};

/// The shape that scan, while and if have in common.
struct ControlPlan {
  bool loops = false;         ///< regions may run more than once
  bool hasCondition = false;  ///< region 0 yields whether to go on
  bool passesCounter = false; ///< the first region argument is the iteration number
  int64_t carries = 0;        ///< the first operands are carried
  int64_t slices = 0;         ///< the next ones are sliced
  int64_t firstArgument = 0;  ///< operand that the first region argument is (if: after predicate)

  RegionArgument argument(int64_t number) const;
  bool isCondition(unsigned region) const { return hasCondition && region == 0; }
};

/// Calls `chain` with the dispatches of an entry that may run at the same time, alone or several.
void forEachChain(ir::EntryOp entry,
                  llvm::function_ref<void(llvm::ArrayRef<ir::DispatchOp>)> chain);

/// Whether the op is scan, while or if.
bool isControl(mlir::Operation *op);
ControlPlan describeControl(mlir::Operation *op);

} // namespace dlc::passes
