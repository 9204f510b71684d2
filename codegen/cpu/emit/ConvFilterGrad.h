// The filter gradient, between the files that emit it: the register tiles and the grid
// (ConvFilterGrad.cpp), and blocks of x and dy that a thread copies (ConvFilterBlocks.cpp).
#pragma once
#include "codegen/cpu/emit/ConvGeometry.h"
#include <functional>

namespace dlc::codegen::cpu {

class FilterGrad {
public:
  FilterGrad(KernelBuilder &k, const ConvShape &shape, mlir::Value x, mlir::Value dy,
             mlir::Value partial, const ConvSchedule &schedule, TileWriter &writer);

  void emit(const PhaseArguments &phase);
  /// Leaves the sums of parts of the pixels in `partial`.
  void emitParts(const PhaseArguments &phase);

private:
  bool isAcrossTaps() const { return elementwise || schedule.rowsAcrossTaps; }
  // Output coordinates [first, last).
  struct Range {
    Size first, last;
  };
  // One step of a blocked reduction: image rows [from, to) counted over all images; pixels, where
  // an image has one dimension.
  struct Block {
    Size from, to;
    mlir::Value isFirst, isLast; // null: there is only one block
  };
  // A row of the tile: its tap of the innermost dimension and its channel.
  struct Row {
    Size tap, channel;
  };
  struct Tile {
    llvm::ArrayRef<Size> outerTaps; // of all dimensions but the innermost
    llvm::SmallVector<Row> rows;    // when laid out across taps: known numbers
    Size firstChannel;              // of x for channel 0 of the group, or for lane 0
    bool mixedTaps = false;
  };
  // How pixels of an operand lie: as in memory, or in a block that was copied.
  struct Layout {
    mlir::Value memory; // where pixel 0 of image 0 is, or would be
    llvm::SmallVector<Size> strides;
    Size image; // elements from one image to the next
  };
  Layout layoutOf(mlir::Value memory, llvm::ArrayRef<Size> extents, Size channels);

  int64_t rowsOfBlock();
  Range allRows() { return {0, k.mul(shape.batch, shape.dims[0].out)}; }
  void forBlocks(const Range &rows, llvm::function_ref<void(const Block &)> body);
  // Pieces of work: rows and columns of the result. [first, end) of them take a block together.
  struct Grid {
    Size taps, rowBlocks, columnTiles;
    int64_t rowsOfPiece, tilesOfPiece; // at most
    int64_t together = 1;
    bool takesAllColumns() const {
      return columnTiles.isConstant() && together > columnTiles.constant();
    }
  };
  Grid gridOf();
  bool takesBlocks();
  int64_t tilesAcrossTaps();
  int64_t turnsOfBlock();
  int64_t rowsOfTurn();
  void inTurn(Size row);
  int64_t packedElements();
  int64_t piecesPerBlock(const Grid &grid);
  void pieceOfBlock(const Grid &grid, Size index, Size first, const Block &block);
  void packPairs(Size group, Size columnTile, Size slot, const Block &block);
  void withinTap(Size group, Size tap, const Range &rowTiles, const RowTiles &tiles,
                 const ColumnTile &columns, const Block &block);
  void acrossTaps(Size group, Size outerTap, const ColumnTile &columns, const Block &block);
  void tile(const Tile &tile, const ColumnTile &columns, const Block &block, RowIndex rowIndex);
  Accumulators startingSums(int64_t height, const ColumnTile &columns, const Block &block,
                            RowIndex rowIndex);
  Accumulators exactSumsOf(const Tile &tile, const ColumnTile &columns, const Block &block,
                           RowIndex rowIndex);
  Size hiddenIn(mlir::Value iteration, Size number);
  // |exact|: as addProducts has it.
  Accumulators reduce(const Tile &tile, const RegisterTile &registers, const Block &block,
                      Accumulators sums, bool exact);
  Accumulators inTurns(const RegisterTile &registers, const ReduceLoop &loop, Accumulators sums);
  // |within|: the pixels to take, as far as they are inside.
  Accumulators reduceRow(const Tile &tile, RegisterTile registers, Range within, Accumulators sums,
                         bool exact);
  Accumulators mixedPixels(const Tile &tile, const RegisterTile &registers, Range range,
                           Accumulators sums);
  RegisterTile registerTile(const Tile &tile, const ColumnTile &columns);
  Range pixelsInside(size_t d, Size tap);
  Size offsetOf(size_t d, Size tap) {
    return k.sub(k.mul(tap, shape.dims[d].dilation), shape.dims[d].padLow);
  }

  // Pixels of which the register tiles fetch some lines in each of their turns.
  struct Ahead {
    mlir::Value memory; // of the first pixel
    Size stride;        // elements from one pixel to the next
    int64_t elements;   // of a pixel
    std::optional<Size> pixels; // all of them; none: as many as come
    Size share;                 // those of a turn
    Size turn = 0;              // number of the first one
    Size line = 0, lineStride = 0; // pixels of a line and elements to the next; 0: there is one
  };
  void fetch(const Ahead &ahead, Size turn);
  // A slice of the pixels of a block, of which piece number |part| of |parts| fetches its share.
  struct Slice {
    mlir::Value memory;
    Size offset, channels; // of the first pixel, and from one to the next
    int64_t elements;      // of a pixel
    Size pixels, part, parts;
    Size line = 0, lineStride = 0; // as of Ahead
  };
  Ahead aheadOf(const Slice &slice, Size turns, const Block &block);
  Size nextRowOfX(const Block &block);
  void skipPixels(Slice &x, const Block &block, Size channel);
  void fetchNextBlock(const Grid &grid, llvm::ArrayRef<Size> at, Size number, const Block &block);

  // ---- ConvFilterBlocks.cpp

  // Tiles [first, end) of a group's channels and of its columns: a piece of work.
  struct Piece {
    Size group, firstRow, endRow, firstColumn, endColumn;
  };
  void emitCopied(const PhaseArguments &phase);
  int64_t piecesTogether(Size pieces);
  Ahead aheadOfX(const Piece &piece, const RowTiles &rows, Size sourceTo);
  Ahead aheadOfDy(const Piece &piece, const Block &block, const Range &group);
  int64_t turnsOfTile();
  // Turns at fetching, of all register tiles of a piece in one column tile.
  Size turnsOf(const Piece &piece) {
    Size tiles = k.mul(k.sub(piece.endRow, piece.firstRow), product(k, windows));
    return k.mul(tiles, turnsOfTile());
  }
  void copiedBlock(const Piece &piece, const RowTiles &rows, const Block &block, Size sourceFrom,
                   Size sourceTo);
  void copiedColumns(const Piece &piece, const RowTiles &rows, const Block &block,
                     const ColumnTile &columns, mlir::Value copy, const Ahead &nextX,
                     const Ahead &nextDy);
  void
  forCopiedBlocks(llvm::function_ref<void(const Block &, Size sourceFrom, Size sourceTo)> body);
  void copyX(const Piece &piece, const RowTiles &rows, Size from, Size to);
  int64_t columnsTogether();
  int64_t dyPanelElements();
  mlir::Value dyPanel(Size tile, Size first);
  void copyDy(const Piece &piece, const Block &block, const Range &group);
  void copyColumns(const ColumnTile &columns, mlir::Value panel, Size first, Size end);
  void copyPixels(mlir::Value from, mlir::Value to, Size left, Size first, Size last);

  KernelBuilder &k;
  const ConvShape &shape;
  mlir::Value xMemory, dyMemory; // as they lie
  Layout x, dy;
  const ConvSchedule &schedule;
  TileWriter &writer;
  int64_t lanes;
  size_t last; // innermost dimension
  bool elementwise;
  Size groups, channels, columns; // channels and filters per group
  llvm::SmallVector<Size> windows;
  PartialSums partial;
  mlir::Value exactSums;     // of a tile across taps that met a NaN; null within taps
  mlir::Value xCopy, dyCopy; // of a block; null where x and dy are read as they lie
  mlir::Value dyPairs;       // of a block, [slot][pair of pixels][column of a tile][2]
  int64_t together = 1;      // column tiles whose pixels of dy are copied together
  bool sharesBlocks = false; // pieces of work take a block one after the other
  // What a tile does in its turn number |turn|, before a line or some pixels of the only one.
  std::function<void(Size turn)> meanwhile;
  Size tileNumber = 0;       // within a piece of work
  int64_t turnPixels;        // of a single line, between its turns
  bool keepsPartial = false; // somebody else adds the sums and writes the result
};

} // namespace dlc::codegen::cpu
