// Convolutions whose rows are pixels, between the files that emit them: the grid and tiles inside
// the image (ConvPixels.cpp), tiles at a border (ConvBorder.cpp), tiles of a line (ConvLines.cpp),
// copies of the filter for narrow tiles (ConvColumns.cpp).
#pragma once
#include "codegen/cpu/emit/ConvGeometry.h"
#include "codegen/cpu/emit/ConvLines.h"

namespace dlc::codegen::cpu {

// What differs between forward and input gradient.
struct PixelProblem {
  Size batch, groups;
  llvm::SmallVector<TapRange> taps; // per dimension; start and count may depend on the phase
  llvm::SmallVector<Size> rows;     // pixels that are rows, per dimension
  llvm::SmallVector<Size> result;   // extents of the result
  llvm::SmallVector<Size> resultScale, resultStart; // result coordinate = row * scale + start
  bool contiguousRows = true;                       // rows of the problem are rows of the result
  llvm::SmallVector<Size> source;                   // extents of the source
  llvm::SmallVector<Size> windows;
  Size channels;                                          // of the source, all groups
  Size reduce;                                            // source channels per group
  Size columns, width;                                    // result channels per group and in all
  Size tapStride, channelStride, laneStride, groupStride; // of the filter
  bool elementwise = false;
  int64_t copied = 0; // steps of the filter that a thread copies at once; strides are its copy's
};

// How many steps of the filter's columns a schedule copies: all, those of one tap of the outermost
// dimension, if |everyTap| of it is one that pixels see, or, where neither has room, none.
int64_t copiedSteps(KernelBuilder &k, const ConvShape &shape, const PixelProblem &problem,
                    const ConvSchedule &schedule, bool everyTap);

class PixelConv {
public:
  PixelConv(KernelBuilder &k, const ConvShape &shape, const PixelProblem &problem,
            mlir::Value source, mlir::Value filter, const ConvSchedule &schedule,
            TileWriter &writer, InitialValue initial, mlir::Value isFresh);

  // One grid tile: block |block| of |blocks| of the rows, column tile |column| of group |group|.
  void emit(Size group, Size block, Size blocks, Size column);
  // Of a schedule by lines: block |block| of |blocks| of the lines, part |part| of |parts| of each.
  void emitLines(Size group, Size block, Size blocks, Size part, int64_t parts, Size column);

private:
  void rowTile(Size group, const ColumnTile &columns, const RowTiles &tiles, Size tile);
  void finish(const Accumulators &sums, int64_t height, const ColumnTile &columns,
              RowIndex rowIndex);
  void announce(int64_t height, const ColumnTile &columns, RowIndex rowIndex);
  ColumnTile resultColumns(const ColumnTile &columns);
  RegisterTile registerTile(Size group, const ColumnTile &columns);
  mlir::Value filterOf(Size group); // at its first taps
  Size filterSteps() { return k.mul(product(k, p.windows), p.reduce); }
  Size panelSize() { return k.mul(filterSteps(), shape.panelWidth); }
  // Whether tiles of |columns| fetch what the tiles of other columns will read of the filter.
  bool fetchesFilter(const ColumnTile &columns) const;
  // What tile number |number| fetches of |count| columns from |column| on: one line in each step,
  // so that the first few tiles fetch all.
  mlir::Value filterAhead(Size group, Size column, int64_t count, Size number);
  mlir::Value nextColumns(Size group, const ColumnTile &columns, Size number);
  // Calls |body| with the columns of column tile |column| of group |group|.
  void forColumns(Size group, Size column, llvm::function_ref<void(const ColumnTile &)> body);
  mlir::Value isInterior(llvm::ArrayRef<Size> at, int64_t height);
  // Whether known sizes tell that every tap of every row is inside.
  bool neverPads() const;
  // |firstChannel|: where this tile's channels begin in a source pixel. |clipped|: taps of the
  // innermost dimension may be outside as those of the others, and are left out; one row only.
  Accumulators interior(RegisterTile tile, Size firstChannel, llvm::ArrayRef<Size> at,
                        int64_t height, Accumulators sums, bool clipped = false,
                        llvm::function_ref<void(Size row)> announceRow = nullptr);
  bool announcesRows(int64_t height) const;
  // Whether the taps of a line and their channels are one run, of source and filter alike.
  bool tapsAreOneRun() const;
  // The rows of a tile in one line, whose first one begins at |first|.
  void placeRows(RegisterTile &tile, mlir::Value first, int64_t height);
  Size sourceOffset(Size firstChannel, llvm::ArrayRef<Size> at);

  // ---- ConvBorder.cpp

  Accumulators exactBorder(const RegisterTile &tile, const ColumnTile &columns, Size firstChannel,
                           Size start, int64_t height);
  Accumulators border(const RegisterTile &tile, Size firstChannel,
                      llvm::ArrayRef<llvm::SmallVector<Size>> rows, Accumulators sums);
  // The border's loops over taps: per row, where its taps lie so far and whether that is inside.
  struct BorderRow {
    Size offset;
    mlir::Value inside; // null: yes
  };
  Accumulators borderTaps(const RegisterTile &tile, size_t d,
                          llvm::ArrayRef<llvm::SmallVector<Size>> rows,
                          llvm::ArrayRef<BorderRow> state, Accumulators sums);
  Accumulators borderTap(const RegisterTile &tile, size_t d, Size tap,
                         llvm::ArrayRef<llvm::SmallVector<Size>> rows,
                         llvm::ArrayRef<BorderRow> state, Accumulators sums);
  Accumulators borderChannels(const RegisterTile &tile, llvm::ArrayRef<BorderRow> state,
                              Accumulators sums);
  // The border with few channels: copies the taps of each row, then runs over the copy.
  bool copiesBorder() const;
  int64_t patchLength() { return k.mul(product(k, p.windows), p.reduce).constant(); }
  Accumulators copiedBorder(RegisterTile tile, Size start, int64_t height, Accumulators sums);
  void copyTaps(mlir::Value to, llvm::ArrayRef<Size> at);
  void copyRun(mlir::Value to, Size offset, mlir::Value inside, Size column);

  // ---- ConvLines.cpp

  // One tap of the outermost dimension, for which the lines of a piece of work are walked; the
  // first of them is |firstLine|. See inBlocks().
  struct TapBlock {
    Size tap, firstLine;
  };
  bool inBlocks(const ColumnTile &columns);
  void line(Size group, const ColumnTile &columns, Size number, Size part, int64_t parts);
  void lineTile(Size group, const ColumnTile &columns, Size number, llvm::ArrayRef<Size> at,
                const LineStretch &stretch);
  mlir::Value lineAhead(Size group, const ColumnTile &columns, Size number);
  void announceLine(const RegisterTile &tile, int64_t height);
  Accumulators lineTaps(const RegisterTile &tile, size_t d, llvm::ArrayRef<Size> at,
                        const LineStretch &stretch, Accumulators sums, bool exact);
  Accumulators lineRun(const RegisterTile &tile, const LineStretch::Run &run, Accumulators sums,
                       bool exact);

  // ---- ConvColumns.cpp

  // Copies all steps of |columns| unless the piece of work before did, or the block of |tap|.
  void copyColumns(Size group, const ColumnTile &columns);
  void copyTapBlock(Size group, const ColumnTile &columns, Size tap);
  void copySteps(Size group, const ColumnTile &columns, Size first);
  bool copiesAll() { return p.copied && filterSteps().is(p.copied); }

  bool sumsAreLanes() const { return schedule.lanes == TileLanes::Reduction; }
  Size resultRow(Size row);
  Size resultRow(llvm::ArrayRef<Size> at);
  Size tapStride(size_t d) {
    return k.mul(p.tapStride, product(k, llvm::ArrayRef(p.windows).drop_front(d + 1)));
  }

  KernelBuilder &k;
  const ConvShape &shape;
  const PixelProblem &p;
  mlir::Value source, filter;
  const ConvSchedule &schedule;
  TileWriter &writer;
  InitialValue initial;
  int64_t lanes;
  llvm::SmallVector<Size> strides; // of the source, per dimension
  size_t last;                     // innermost dimension
  Size imageStride;
  mlir::Value patch;     // null when borders do not copy
  mlir::Value exactSums; // of a tile at a border that met a NaN; null where there is no border
  mlir::Value lineSums;  // unfinished ones of a piece of work; null where there are none
  std::optional<TapBlock> tapBlock; // that lines are walked for
  mlir::Value isFresh;              // whether the piece of work before had other columns
  mlir::Value columnsCopy;          // room for p.copied steps; null where there are no copies
  mlir::Value copiedBase;           // where step 0 is in the copy, or would be
};

} // namespace dlc::codegen::cpu
