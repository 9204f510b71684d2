// Blocks of B, copied into the form that register tiles read fastest: dense rows of one column
// tile, or, for processors that multiply bf16 in pairs, dense rows of pairs.
//
//   rows    [row][width]                  element (r, c) at r * width + c
//   pairs   [ceil(rows / 2)][width][2]    element (r, c) at (r / 2 * width + c) * 2 + r % 2;
//                                         the last pair of an odd number of rows ends in zeros
//
// Columns beyond those of the matrix are zeros.
#pragma once
#include "codegen/cpu/emit/Contraction.h"

namespace dlc::codegen::cpu {

// Where the elements of B lie, for whoever copies them.
struct PackedMatrix {
  mlir::Type element;                     // an integer for 16-bit floats
  llvm::SmallVector<ContractionDim> rows; // of the reduction, outermost first
  Size reduction = 1;                     // product of their extents
  Size columns = 1, columnStride = 1;
  Size panelSize = 0; // elements of a panel when the matrix is stored in panels, else 0
  int64_t panelWidth = kPanelWidth; // columns of one

  // One matrix B of |shape|, as it lies or stored in panels.
  static PackedMatrix of(KernelBuilder &k, const ContractionShape &shape, bool panels);

  // Elements between (row, column) and (0, 0): the sum of both.
  Size rowOffset(KernelBuilder &k, Size row) const;
  Size columnOffset(KernelBuilder &k, Size column) const;
  // Whether |atOnce| rows, from a multiple of it on, lie side by side.
  bool rowsSideBySide(int64_t atOnce) const;
};

struct PackedBlock {
  Size tile;        // number of the column tile
  int64_t width;    // its columns, whole vectors
  Size first, last; // its rows
  bool pairs = false;
};

// Copies a block of the matrix at |from| to |to|.
void emitPackBlock(KernelBuilder &k, const PackedMatrix &matrix, mlir::Value from, mlir::Value to,
                   const PackedBlock &block);

// The same, in pairs.
void emitPackPairs(KernelBuilder &k, const PackedMatrix &matrix, mlir::Value from, mlir::Value to,
                   const PackedBlock &block);

// How many squares of |lanes| elements fill a cache line, side by side in rows of |width|.
int64_t squaresPerLine(int64_t lanes, int64_t bytes, int64_t width);

} // namespace dlc::codegen::cpu
