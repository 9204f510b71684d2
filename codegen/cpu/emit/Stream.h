// Streaming kernels: everything that is not a contraction or a convolution.
//
// A kernel's body is a block of primitive dlc ops: elementwise, views (broadcast, transpose, slice,
// pad, concat, reshape, reverse), sources (constant, size, iota, random), reductions, gather,
// one_hot, pooling with gradients, dynamic_slice; and as producers of a result only, scatter_add
// and dynamic_update_slice. The emitter asks for each result element by element, vector by vector, and every op
// answers by asking its operands at the index that it maps to (codegen/cpu/emit/Elements.h). What
// must not be computed twice is materialised in scratch, and each such point starts a new phase:
//
//   phase t    maps (one loop nest per group of results with a common shape) and partial reductions
//   phase t+1  combines the partial reductions in a fixed order, and so on
//
// Row reductions (softmax, layer norm) need no phase: inside a row loop their value is uniform and
// the row's passes follow each other in cache. Work is cut into tiles by shape alone; results do
// not depend on the number of threads.
#pragma once
#include "codegen/cpu/KernelBuilder.h"
#include "ir/Dlc.h"
#include "mlir/IR/Block.h"

namespace dlc::codegen::cpu {

struct StreamKernel {
  std::string name;   // phase i becomes the function name + ".p" + i
  mlir::Block *body;  // arguments: the operands; the terminator's operands: the results
  llvm::SmallVector<std::string> symbols; // what `sizes` of a phase function holds, in order
  // (result, operand) pairs that share one buffer. Allowed where mayShareBuffer says so.
  llvm::SmallVector<std::pair<unsigned, unsigned>> shared;
};

// How much work a tile and a loop step hold. Decided by cpu/choose/Stream.h.
struct StreamSchedule {
  int64_t tileBytes = 32 * 1024; // traffic of one tile
  int64_t mapUnroll = 2;         // vectors per step of an elementwise loop
  int64_t reduceUnroll = 4;      // independent vector accumulators of a row reduction
  int64_t chunkRows = 256;       // rows per partial sum of a reduction over leading dimensions
  int64_t chunkElements = 16384; // elements per partial sum of a full reduction
  int64_t columnVectors = 4;     // vectors of columns that such a reduction carries at once
  int64_t storeAround = 0;       // results of so many bytes are written past the caches; 0: none
};

struct KernelPhase {
  std::string function; // see emitPhase for its signature
  ir::SizeAttr tiles;   // number of tiles, over the kernel's symbols; may be 0
  ir::SizeAttr cost = {}; // of all of them, in picoseconds (cpu/choose/Grain.h); null: the kernel's
};

struct KernelInfo {
  llvm::SmallVector<KernelPhase> phases; // to run in order, with a barrier between
  ir::SizeAttr scratchBytes;             // 0: none; the scratch pointer is passed all the same
};

// Emits the kernel's phase functions into |module|. Pointers of a phase: operands, results, scratch
// (64-byte aligned, one buffer, contents undefined before phase 0). Fails with a diagnostic at an
// op that it cannot emit. Does not change the body.
mlir::FailureOr<KernelInfo> emitStreamKernel(mlir::ModuleOp module, const StreamKernel &kernel,
                                             const StreamSchedule &schedule,
                                             const CpuTarget &target);

// Whether result |result| may be written over operand |operand|: every element of the operand is
// read only where the result's same element is computed, or (dynamic_update_slice, scatter_add)
// the result is that operand with a part changed. The types must be equal.
bool mayShareBuffer(mlir::Block &body, unsigned result, unsigned operand);

// True for ops that emitStreamKernel can emit.
bool isStreamOp(mlir::Operation *op);

} // namespace dlc::codegen::cpu
