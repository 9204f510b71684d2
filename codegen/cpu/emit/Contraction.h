// Matrix multiplication in its general form: C[batch.., m.., n..] = sum over k.. of A * B.
//
// One register tile of |rows| x |vectors| accumulators does the work for every orientation; only
// strides differ:
//   forward   C[m][n]  = sum_k X[m][k] W[k][n]    A strides {k, 1}, B in panels or read directly
//   dX        C[m][k]  = sum_n dY[m][n] W[k][n]   B transposed: from panels of W^T, or packed first
//   dW        C[k][n]  = sum_m X[m][k] dY[m][n]   A strides {1, k}: adjacent rows are broadcast
//
// A is read one scalar at a time (any strides). B is read in vectors along n, so n must be its
// contiguous dimension: either as it lies (Direct) or from panels, [N / w][K][w] with w the width
// of a panel and the last one padded with zeros. Element (k, n) of a panelled matrix is at
// ((n / w) * K + k) * w + n % w; a batch of matrices is a batch of such blocks.
//
// Sizes may all be symbolic; a register tile never is. Row tiles are balanced: M rows are cut into
// ceil(M / rows) tiles whose heights differ by one at most, so that no tile is a thin rest.
#pragma once
#include "codegen/cpu/emit/Fragment.h"
#include "ir/support/Panels.h"

namespace dlc::codegen::cpu {

using ir::kPanelWidth;

struct ContractionDim {
  Size extent;
  Size a, b; // strides in elements; 0 where the operand lacks the dimension
};

struct ContractionShape {
  // Outermost first. The result is dense and row-major over batch, m, n in this order.
  llvm::SmallVector<ContractionDim> batch, m, n, k;
  mlir::Type input;                 // element type of A and B: f32 f64 f16 bf16 or an integer
  mlir::Type accumulator;           // f32 for f16 and bf16
  int64_t panelWidth = kPanelWidth; // of B's panels, as they are stored or packed
};

// The shape of `dlc.contract`: operands dense and row-major with dimensions |a| and |b|. Adjacent
// dimensions that play the same part are merged.
ContractionShape contractionShape(KernelBuilder &k, mlir::Type input, mlir::Type accumulator,
                                  llvm::ArrayRef<Size> a, llvm::ArrayRef<Size> b,
                                  llvm::ArrayRef<int64_t> aBatch, llvm::ArrayRef<int64_t> bBatch,
                                  llvm::ArrayRef<int64_t> aReduce, llvm::ArrayRef<int64_t> bReduce);

// How B reaches the register tiles, and which blocks of the result a thread keeps to.
using ir::GridOrder;
using ir::OperandForm;
using ir::TileLanes;

struct ContractionSchedule {
  int64_t rows = 6;      // of a register tile
  int64_t vectors = 4;   // of a register tile, each a full vector register of accumulators
  // Not 0: lanes do not run along the columns, of which a tile has so many; |vectors| then are
  // those of a row of the result. They run along the rows, whole vectors of them, and the columns
  // are all that there are (ContractionRows.h), or along the reduction.
  int64_t columns = 0;
  TileLanes lanes = TileLanes::Columns; // Reduction: along it (ContractionLanes.h)
  int64_t depth = 1;     // steps of the reduction in one instruction: 2 for pairs of bf16
  int64_t rowTiles = 16; // row tiles in one grid tile: A's block stays in L2
  GridOrder split = GridOrder::BySize;
  OperandForm b = OperandForm::Direct;
  // Pack: each thread copies blocks of both operands, and b is Pack, too (ContractionBlocks.h).
  OperandForm a = OperandForm::Direct;
  int64_t reduceBlock = 0; // block of k kept in cache across row tiles; 0: all of k at once.
                           // Needs ContractionOperands::partial, or holdsWaiting below.
  int64_t storeAround = 0; // a result of so many bytes is written past the caches; 0: none

  // Whether a thread copies the block of B that its tile reads into memory of its own: Pack where
  // the grid goes down columns, Pack with blocks of the reduction, and Pack where lanes run along
  // it. Else Pack is a phase of its own, which packs all of B before.
  bool packsBlocks() const {
    return b == OperandForm::Pack &&
           (split == GridOrder::Columns || reduceBlock != 0 || lanes == TileLanes::Reduction);
  }
};

// Elements of so many bytes between columns of B that are packed for lanes along a reduction of so
// many steps.
int64_t packedColumn(int64_t steps, int64_t bytes);

// A block of packed columns lies on the stack and stays in L2: it has so many bytes at most.
constexpr int64_t kPackedBlock = 192 * 1024;

struct ContractionOperands {
  mlir::Value a, b; // b: panels unless the schedule says Direct (the scratch, for Pack in a phase)
  // Dense [batch.., m.., n..] memory of the accumulator type that blocked reductions may use for
  // unfinished sums: the result itself when it has that type. Else those of a piece of work wait on
  // the stack. Only for reduceBlock != 0.
  mlir::Value partial;
  bool panels = false; // b is stored in panels, for a schedule that packs blocks of it
  bool pairs = false;  // the panels are rows of pairs (see ir/support/Panels.h)
};

// Work of a phase is a grid of independent tiles; with M = product of m, N = innermost n and
// P = product of batch and of the outer n:
//   tiles = P * ceilDiv(M, rowBlock) * ceilDiv(N, columnBlock)
// where a schedule that copies both operands, or one that goes along rows in blocks of the
// reduction, has several tiles of columns in a block.
struct ContractionGrid {
  int64_t rowBlock, columnBlock;
};
// |lanes| of the accumulator's type.
ContractionGrid contractionGrid(const ContractionSchedule &schedule, int64_t lanes);

// With GridOrder::Rows and blocks of the reduction a piece of work has several tiles of columns, so
// many columns about: all of them read a block of A's rows while it is in L2.
constexpr int64_t kRowsPieceColumns = 384;

// Bytes of the sums of a piece of work. They may wait on the stack, near in L2, between blocks of
// the reduction, if a piece has one tile of columns and is not large.
int64_t waitingBytes(const ContractionSchedule &schedule, int64_t lanes, int64_t accumulatorBits);
bool holdsWaiting(const ContractionSchedule &schedule, int64_t lanes, int64_t accumulatorBits);

// With GridOrder::BySize a thread keeps to columns while A has at most so many bytes, of a megabyte
// of L2, and the result more than three blocks of columns.
constexpr int64_t kSmallA = 512 * 1024;

// Emits the tiles [phase.begin, phase.end). The caller emits this inside emitPhase.
void emitContraction(KernelBuilder &k, const PhaseArguments &phase, const ContractionShape &shape,
                     const ContractionOperands &operands, const ContractionSchedule &schedule,
                     Epilogue epilogue, EpilogueMode mode = EpilogueMode::Inline,
                     InitialValue initial = nullptr);

// ---- Packing B into panels.

// Scratch of a packed B: elements = P * ceilDiv(N, w) * w * K (K = product of k; P and N as above;
// w = shape.panelWidth). Panels are 64-byte aligned when the scratch is.
// Tiles of the packing phase = P * ceilDiv(N, w) * ceilDiv(K, kPackRows).
constexpr int64_t kPackRows = 64;

// Emits tiles [phase.begin, phase.end) of packing |source| (strides as b in |shape|) into
// |panels|, or into panels of |pairs| when its rows are an even number. Also the refresh kernel of
// a panelled or transposed derived variable: describe the variable as the B of a contraction. Reads
// along whichever of n and innermost k is contiguous.
void emitPackPanels(KernelBuilder &k, const PhaseArguments &phase, const ContractionShape &shape,
                    mlir::Value source, mlir::Value panels, bool pairs = false);

} // namespace dlc::codegen::cpu
