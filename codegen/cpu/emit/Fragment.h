// What a contraction or convolution hands to its epilogue: one vector of finished results.
//
// The root kernels compute a matrix of results, [rows][columns] in row-major order: the columns
// are the last dimension of the result (features, output channels), the rows all the others
// flattened. A fragment is `lanes` neighbouring columns of one row.
#pragma once
#include "codegen/cpu/KernelBuilder.h"

namespace dlc::codegen::cpu {

struct Fragment {
  // vector<lanes x accumulator type>. Null announces the fragment: its value is about to be
  // computed, and what the epilogue will touch may come into the cache meanwhile.
  mlir::Value value;
  Size row;          // flat row: index of the result over all dimensions but the last
  Size column;       // column of lane 0
  Size index;        // row * columns + column: where lane 0 lies in the dense result
  mlir::Value mask;  // vector<lanes x i1> of the lanes that exist; null when all do
  int64_t lanes = 0; // of the value
  // In EpilogueMode::Columns: the piece of work, and the rows of the tile that it takes one after the
  // other to these columns. Without rows a piece begins, and has no sums in these columns yet.
  Size piece = 0;
  int64_t rows = 1;
  bool goesAround = false; // no cache keeps the result: written past them, to an aligned place
};

// Stores whatever the kernel produces from the fragment; called while emitting, once per fragment
// of each tile shape, or once in all when rolled. Operands shaped like the result are read at
// `index`, a bias at `column`, a per-row value at `row`; loads and stores take the mask.
using Epilogue = llvm::function_ref<void(KernelBuilder &, const Fragment &)>;

// Gives the starting value of the accumulators for `type.lanes` columns from |column| on, e.g. the
// bias; a null function means zero. |mask| as in Fragment.
using InitialValue = llvm::function_ref<mlir::Value(KernelBuilder &, mlir::VectorType type,
                                                    Size column, mlir::Value mask)>;

enum class EpilogueMode {
  // In registers, straight after the last multiplication. For bias, relu, masks, residuals.
  Inline,
  // The same, all rows of some columns before the next columns, and with word of where a piece of
  // work begins: for sums over rows (EpilogueSums.h).
  Columns,
  // The raw tile goes through a small buffer in L1 and a loop visits its fragments. For epilogues
  // with exp, tanh, erf and the like, whose constants and temporaries would push the accumulators
  // out to the stack (measured 4 % slower than this loop on 512x768x768 with gelu).
  Rolled
};

// Has memory at |pointer| + |index| elements brought into the cache, to be written or only read.
void prefetch(KernelBuilder &k, mlir::Type element, mlir::Value pointer, Size index, bool write);
// To be read later: |count| elements into L2, which leaves L1 to what is read now.
void prefetchIntoL2(KernelBuilder &k, mlir::Type element, mlir::Value pointer, int64_t count = 1);

// The epilogue that only stores: fragment -> |result| of element type |element|.
void storeFragment(KernelBuilder &k, const Fragment &fragment, mlir::Value result,
                   mlir::Type element);

} // namespace dlc::codegen::cpu
