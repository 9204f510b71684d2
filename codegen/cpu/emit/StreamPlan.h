// What a streaming kernel computes when: phases of jobs, and the buffers between them.
//
// Every value has a time: the first phase in which it can be computed on the fly. Reading memory
// that another phase wrote raises it:
//
//   operand of the kernel                  available from 0
//   materialised value of time t           written in phase t, available from t + 1
//   chunked reduction of time t            partial sums in t, combined in t + 1, from t + 2
//                                          (variance: partial sums already when x is there)
//   anything else                          as its operands
//
// A reduction over leading dimensions (or over everything) is chunked. A value is materialised
// where computing it again would cost: see Planner in the .cpp. Internal to codegen/cpu/emit.
#pragma once
#include "codegen/cpu/emit/Stream.h"
#include "ir/Ops.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace dlc::codegen::cpu {

// Where a value is stored: a result of the kernel, or a slot of scratch.
struct StreamBuffer {
  int64_t result = -1; // number of the result; -1: scratch
  ir::SizeAttr offset; // bytes into scratch
};

struct StreamStore {
  mlir::Value value;
  StreamBuffer buffer;
};

struct StreamJob {
  enum Kind {
    Map,     // stores values, all of one domain; walked by rows, it may take column sums besides
    Partial, // partial states of chunked reductions, all over one operand shape; may store too
    Combine, // finishes one chunked reduction
    Scatter, // adds the updates of a scatter_add in place
    Sort,    // sorts the updates of a scatter_add by place
    SortedScatter, // writes its result, place by place
    Update   // writes the part of an in-place dynamic_update_slice
  };
  Kind kind = Map;
  // Map (full and row-shaped), Update, Scatter, Combine; Partial: values of the operands' shape.
  llvm::SmallVector<StreamStore> stores;
  // Partial: all; Map: of columns, beside its rows; Combine: the one; Sort: the scatter_add.
  llvm::SmallVector<mlir::Operation *> reductions;
  // Offsets, per reduction and state component; of a sort and its scatter: of the two tables.
  llvm::SmallVector<ir::SizeAttr> partials;
};

// A column sum of (x - m)^2 where m (per column) is known later than x: variance. Its partial
// states are taken of x alone, so that the data is read once for mean and variance:
//   sum (x - m)^2 = sum over chunks of  M2 + n (mean - m)^2,  M2 = sum (x - mean)^2.
struct ShiftedSquare {
  mlir::Value x, m;
};
std::optional<ShiftedSquare> matchShiftedSquare(mlir::Operation *reduction);

struct StreamPlan {
  llvm::SmallVector<llvm::SmallVector<StreamJob>> phases;
  // Values that lie in memory, and from which phase on.
  llvm::MapVector<mlir::Value, std::pair<StreamBuffer, int64_t>> memory;
  ir::SizeAttr scratchBytes;
  llvm::SmallPtrSet<mlir::Operation *, 4> shifted; // reductions that use matchShiftedSquare
  int64_t comparisons = 0; // of values with jobs: the work of planning, which tests count
};

// Makes the plan; |shared| as in StreamKernel.
StreamPlan planStream(mlir::Block &body, llvm::ArrayRef<std::pair<unsigned, unsigned>> shared,
                      const StreamSchedule &schedule);

// ---- Facts about ops that plan and jobs share.

// A reduction of leading dimensions, the others kept (size 1 aside), and enough of them to share
// out: by partial sums of chunks.
bool isChunked(mlir::Operation *op);
// What the partial states of a chunked reduction are taken of.
mlir::Value chunkedOperand(const StreamPlan &plan, mlir::Operation *reduction);
// Rows of a chunk of a reduction over leading dimensions: fewer where they are long, so that a
// batch is shared out.
int64_t chunkRows(mlir::Operation *reduction, const StreamSchedule &schedule);
// Chunks of a chunked reduction.
ir::SizeAttr chunkCount(mlir::Operation *reduction, const StreamSchedule &schedule);
// True if such a reduction folds everything into one element.
bool reducesAll(mlir::Operation *reduction);
// The reduction over trailing dimensions that |value| has the shape of and is made of by
// elementwise ops: such a value is computed row by row. Null if there is none.
mlir::Operation *rowReductionOf(mlir::Value value, llvm::function_ref<bool(mlir::Value)> isMemory);
// True if the innermost dimension (of size other than 1) is reduced.
bool reducesInnermost(mlir::Operation *reduction);
// Numbers in the table of places of a Sort; the table of updates has one for each.
ir::SizeAttr sortedScatterEnds(ir::ScatterAddOp op);
// How many dimensions a reduction over leading ones folds, size 1 aside.
int64_t leadingDims(mlir::Operation *reduction);
// Values that |value| is computed from, itself included, down to memory (included).
void collectCone(mlir::Value value, llvm::function_ref<bool(mlir::Value)> isMemory,
                 llvm::SetVector<mlir::Value> &cone);
// True for ops that draw random numbers, one for each element.
bool drawsNumbers(mlir::Operation *op);
// Pools and their gradients.
bool isWindow(mlir::Operation *op);
// Two ops of windows that read the same operand through the same windows.
bool isSamePool(mlir::Operation *a, mlir::Operation *b);
// True for ops that cost more than a load and a store of their result.
bool isExpensive(mlir::Operation *op);

} // namespace dlc::codegen::cpu
