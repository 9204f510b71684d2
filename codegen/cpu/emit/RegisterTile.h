// The inner machine of contractions and convolutions: rows x vectors accumulators in registers.
//
// Each accumulator is a loop-carried value of its own, every element of A is loaded once and
// broadcast, every vector of B is loaded once, and nothing but registers is written until the
// reduction ends. Callers say where rows and columns start and how the reduction walks.
#pragma once
#include "codegen/cpu/emit/Fragment.h"

namespace dlc::codegen::cpu {

// One loop of the reduction: A and B advance by these elements per step.
struct ReduceLoop {
  Size begin, end;
  Size a, b;
  bool splitsPair = false; // begin may be the second of a pair of B (RegisterTile::paired)
};

// Some neighbouring columns of one matrix, cut into vectors.
struct ColumnTile {
  Size column; // of lane 0 of vector 0, in this matrix
  int64_t vectors = 0;
  llvm::SmallVector<mlir::Value> masks; // per vector; null when every lane exists
  Size extent;                          // columns of the matrix
  Size base = 0;                        // column of the result where the matrix begins
  // Of the last vector when it is half as long as the others, which costs half where a full
  // register is worked on in two halves; 0: as long.
  int64_t lastLanes = 0;

  int64_t lanesOf(int64_t vector, int64_t lanes) const {
    return lastLanes && vector + 1 == vectors ? lastLanes : lanes;
  }
};

// A place in an operand: a pointer that the loops move and a distance that stays. Rows or vectors
// at fixed distances share one pointer, which spares the scalar registers.
struct Place {
  mlir::Value pointer;
  int64_t offset = 0; // in elements

  // |offset| elements on from |base|.
  static Place at(KernelBuilder &k, mlir::Type element, mlir::Value base, Size offset);
};

struct RegisterTile {
  mlir::Type input, accumulator;
  int64_t lanes = 0;
  llvm::SmallVector<Place> rows;        // per row: its first element of A
  llvm::SmallVector<Place> columns;     // per vector: its first element of B
  llvm::SmallVector<mlir::Value> masks; // per vector: lanes of B that may be read; null: all
  Size laneStride = 1;                  // elements of B between lanes
  // A is read as B is, lane by lane, instead of being broadcast: depthwise convolutions.
  bool elementwise = false;
  // Steps of the innermost loop that one instruction takes. 2: bf16 is multiplied in pairs, as
  // CpuTarget::dotBf16 allows; sums are whole 512-bit registers of f32.
  int64_t depth = 1;
  // B lies in rows of pairs (see Packing.h), whole vectors of them. What a loop leaves out of its
  // first or last pair is multiplied with zeros. With a depth of 1 the elements of a pair are
  // multiplied one after the other.
  bool paired = false;

  // Lanes are steps of the innermost loop, along which both operands are contiguous: each of
  // |columns| is one column of B, and a sum is the sum of its lanes (ReductionLanes.h).
  bool alongReduction = false;

  // A line that is fetched into L2 in every step; the place moves as those of B do. Null: none.
  mlir::Value ahead = {};

  int64_t lastLanes = 0; // as ColumnTile has it; not in pairs
  int64_t lanesOf(size_t vector) const {
    return lastLanes && vector + 1 == columns.size() ? lastLanes : lanes;
  }

  // The tile with all rows moved by |a| and all columns by |b| elements.
  RegisterTile moved(KernelBuilder &k, Size a, Size b) const;
};

using Accumulators = llvm::SmallVector<mlir::Value>; // [row * vectors + vector]

// |sums| and, per lane of f32, the products of two neighbouring bf16 numbers of |a| and |b|.
mlir::Value multiplyPairs(KernelBuilder &k, mlir::Value a, mlir::Value b, mlir::Value sums);

// Adds the products of the whole reduction to |sums| and returns the new sums.
Accumulators accumulate(KernelBuilder &k, const RegisterTile &tile,
                        llvm::ArrayRef<ReduceLoop> loops, Accumulators sums);

// The same for a part of a reduction, by a caller that looks for NaN where |tile| has a depth of 2:
// then the whole is to be computed again as |exact|.
Accumulators addProducts(KernelBuilder &k, const RegisterTile &tile,
                         llvm::ArrayRef<ReduceLoop> loops, Accumulators sums, bool exact = false);

// The same with one loop from 0 in as many parts as the tile has rows, each of which is announced
// before its part. All at once they would take every slot for lines that come from beyond the
// cache, and the first steps would wait (1x1 of 56x56x64 to 256 channels that are added to others:
// 1.11 ms, row by row 0.90). The loop has kStepsOfARow constant steps for each of them at least.
constexpr int64_t kStepsOfARow = 8; // a line of each vector, of some operands and the result
Accumulators accumulateByRows(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop,
                              Accumulators sums, llvm::function_ref<void(Size row)> announceRow);

// The starting sums of |rows| x |columns|: zeros, or what |initial| gives per column.
Accumulators initialSums(KernelBuilder &k, mlir::Type accumulator, int64_t lanes, int64_t rows,
                         const ColumnTile &columns, InitialValue initial);

// |sums| unless one of them is NaN; then what |exact| gives. A tile that reads zeros in place of
// what its rows do not have is right as long as they meet finite numbers: zero times infinity or
// NaN shows as a NaN in the end, and only then the price of leaving those terms out is paid.
Accumulators unlessNan(KernelBuilder &k, const Accumulators &sums,
                       llvm::function_ref<Accumulators()> exact);

// The sums of |height| rows, found one row after another by |body| and kept in |buffer|, which
// has room for them all.
Accumulators rowByRow(KernelBuilder &k, int64_t height, mlir::Value buffer,
                      llvm::function_ref<Accumulators(mlir::Value row)> body);

// Calls |body| with the columns of column tile number |tile|: |vectors| full vectors, or what is
// left of |extent| columns, cut into the vectors that hold something. |base| as in ColumnTile.
// Emits |body| once per shape that can occur: one or two for a known extent, three for a symbolic
// one. |halves|: the last vector of a known extent may be half as long.
void forColumnTile(KernelBuilder &k, Size tile, Size extent, int64_t vectors, int64_t lanes,
                   llvm::function_ref<void(const ColumnTile &)> body, Size base = 0,
                   bool halves = false);

// Panels of |width| columns and |size| elements, perhaps with rows of pairs.
struct PanelPlan {
  int64_t width;
  Size size;
  bool pairs = false;
};

// Where the vectors of |columns| begin in panels, row 0. |tile|: columns of a full tile, of which
// columns.column is a multiple.
llvm::SmallVector<Place> panelPlaces(KernelBuilder &k, mlir::Type input, mlir::Value panels,
                                     const PanelPlan &plan, const ColumnTile &columns,
                                     int64_t lanes, int64_t tile);

// Balanced cutting of |extent| rows into ceil(extent / height) tiles.
struct RowTiles {
  // |atLeast|: a non-empty extent is known to be no smaller, which rules out low tiles.
  RowTiles(KernelBuilder &k, Size extent, int64_t height, int64_t atLeast = 1);

  // First row and number of rows of a tile.
  Size start(KernelBuilder &k, Size tile) const;
  Size rows(KernelBuilder &k, Size tile) const;
  // The tiles of block number |block| out of |blocks|: [first, last).
  Size blockBegin(KernelBuilder &k, Size block, Size blocks) const;
  // The heights that can occur, tallest first.
  llvm::SmallVector<int64_t> heights() const;

  Size tiles; // 0 when there are no rows
private:
  int64_t height, atLeast;
  Size shortRows, tallTiles; // rows of a short tile; how many tiles have one more
};

// Calls |body| for the one of |heights| that |rows| equals when running.
void forHeight(KernelBuilder &k, Size rows, llvm::ArrayRef<int64_t> heights,
               llvm::function_ref<void(int64_t)> body);

// Flat row of the result for row |r| of a tile; called with constants and with loop variables.
using RowIndex = llvm::function_ref<Size(Size r)>;

// Unfinished sums of a reduction in blocks, kept in dense rows of |width| columns.
struct PartialSums {
  mlir::Value memory;
  mlir::Type accumulator;
  int64_t lanes = 0;
  Size width;

  Accumulators load(KernelBuilder &k, int64_t rows, const ColumnTile &columns,
                    RowIndex rowIndex) const;
  void store(KernelBuilder &k, const Accumulators &sums, int64_t rows, const ColumnTile &columns,
             RowIndex rowIndex) const;
};

// Takes finished sums to the epilogue, in registers or through a buffer in L1.
class TileWriter {
public:
  TileWriter(KernelBuilder &k, Epilogue epilogue, EpilogueMode mode, mlir::Type accumulator,
             int64_t lanes, int64_t maxRows, int64_t maxVectors);

  // Piece of work number |piece| begins with these columns, and tiles of them follow. In
  // EpilogueMode::Columns the epilogue hears of it.
  void begin(const ColumnTile &columns);
  Size piece = 0;
  bool goesAround = false; // as Fragment has it

  // Before the reduction of a tile that takes long enough for memory to be fetched meanwhile.
  void announce(int64_t rows, const ColumnTile &columns, Size width, RowIndex rowIndex);
  // Inside the code of one height, right after the reduction. |width|: columns of the result.
  void finish(const Accumulators &sums, int64_t rows, const ColumnTile &columns, Size width,
              RowIndex rowIndex);
  // Behind the code of all heights: visits the buffered tile when rolled, else nothing.
  void flush(Size rows, const ColumnTile &columns, Size width, RowIndex rowIndex);

private:
  Fragment fragmentOf(mlir::Value value, Size row, Size column, Size width, mlir::Value mask);
  void finishColumns(const Accumulators &sums, int64_t rows, const ColumnTile &columns, Size width,
                     RowIndex rowIndex);

  KernelBuilder &k;
  Epilogue epilogue;
  EpilogueMode mode;
  mlir::Type accumulator;
  int64_t lanes, vectors;
  mlir::Value buffer; // null when inline
};

} // namespace dlc::codegen::cpu
