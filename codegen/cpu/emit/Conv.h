// Direct convolution, channels last, with 1 to 3 spatial dimensions; forward and both gradients.
//
//   x [batch, in.., channels]  filter [window.., channels / groups, filters]  y [batch, out.., filters]
//
// No im2col and no padded copy. Forward and input gradient are matrix multiplications whose rows
// are pixels and whose reduction runs over (window tap, channel): a tile of pixels inside one image
// row streams its taps, one that touches a border reads zeros for the taps outside. The filter
// gradient reduces over pixels, with the ranges of valid pixels as loop bounds. Depthwise
// convolutions (channels == filters == groups) run vectors along channels.
#pragma once
#include "codegen/cpu/emit/Contraction.h"
#include <optional>

namespace dlc::codegen::cpu {

struct ConvDim {
  Size in, out;          // spatial extents of x and y
  Size window;           // extent of the filter
  int64_t stride = 1;
  int64_t dilation = 1;
  Size padLow = 0;       // padding above follows from out
};

struct ConvShape {
  Size batch;
  llvm::SmallVector<ConvDim> dims; // 1 to 3, outermost first
  Size channels, filters;          // of x and of y, over all groups
  int64_t groups = 1;
  mlir::Type input;                // element type of all operands
  bool filterPairs = false;        // panels of the filter are rows of pairs (Packing.h)
  int64_t panelWidth = kPanelWidth; // their columns
  mlir::Type accumulator;

  // One filter per channel: a stencil, not a matrix multiplication.
  bool isDepthwise() const { return groups > 1 && channels.is(groups) && filters.is(groups); }
};

using ir::TilePixels;

struct ConvSchedule {
  int64_t rows = 6;      // of a register tile: pixels (forward, input gradient), filter rows
  int64_t vectors = 4;   // of a register tile: filters (input gradient: channels)
  int64_t depth = 1;     // steps of the reduction in one instruction: 2 for pairs of bf16
  // Forward and input gradient. Lines: the pixels of a tile lie in one line, whose length must be
  // known; the innermost stride of an input gradient must be 1.
  TilePixels pixels = TilePixels::Flat;
  // Forward and input gradient. Reduction: lanes are channels of the source, |vectors| the columns
  // of a tile, and the filter is direct.
  TileLanes lanes = TileLanes::Columns;
  int64_t rowTiles = 8;  // row tiles in one grid tile
  OperandForm filter = OperandForm::Direct; // forward and input gradient
  // Forward and input gradient, of a filter in panels: threads copy the columns of their tiles, as
  // far as these have room (ConvColumns.cpp). Follows from tile and processor: narrowsPanels().
  bool copiesColumns = false;
  int64_t pixelBlock = 0; // filter gradient: output pixels kept in cache across row tiles; 0: all
  // Filter gradient of few channels: the rows of a tile run over (tap of the innermost dimension,
  // channel) instead of the channels of one tap. Needs both extents known; depthwise always.
  bool rowsAcrossTaps = false;
  OperandForm dy = OperandForm::Direct; // filter gradient
  // Filter gradient across taps: parts of the pixels that are pieces of work (see below).
  int64_t parts = 1;

  // Whether a thread packs blocks of dy in rows of pairs. Lines of y have an even number of pixels
  // then, or are all one.
  bool pairsGradient() const { return dy == OperandForm::Pack && depth == 2; }
  // Whether a thread copies blocks of |pixelBlock| pixels of x and dy to where its tiles read them.
  bool copiesBlocks() const { return dy == OperandForm::Pack && depth == 1; }
};

// ---- Forward: y = conv(x, filter). The fragment's rows are (batch, out..), its columns filters.
//
//   tiles = groups * ceilDiv(batch * out.., rowBlock) * ceilDiv(filters / groups, columnBlock)
//   depthwise:  tiles = ceilDiv(batch * out.., rowBlock) * ceilDiv(channels, columnBlock)
// with row and column blocks from convGrid. By lines, with out.. = (lines.., line):
//   tiles = groups * ceilDiv(batch * lines.., block.lines) * block.parts
//           * ceilDiv(filters / groups, columnBlock)   with block = lineBlock(line, rows, rowTiles)
// The filter as B of a contraction is
// convFilterMatrix(shape): Panels and Pack use emitPackPanels with it, per group.
void emitConvForward(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                     mlir::Value x, mlir::Value filter, const ConvSchedule &schedule,
                     Epilogue epilogue, EpilogueMode mode = EpilogueMode::Inline,
                     InitialValue initial = nullptr);

// ---- Input gradient: dx from dy and filter. Rows are (batch, in..), columns channels.
//
// Strided convolutions fall apart into stride.. sub-images of input pixels that see the same taps
// ("phases"); each is a stride-1 convolution. The filter is read transposed, so its form is Pack
// (or Panels of convFilterMatrix(shape, transposed)); Direct works, through gathers.
//   tiles = groups * product(stride..) * ceilDiv(batch * product(ceilDiv(in, stride)), rowBlock)
//           * ceilDiv(channels / groups, columnBlock)
// and by lines as above, with ceilDiv(in, stride) in place of out.
//   depthwise: product(stride..) * ceilDiv(batch * product(ceilDiv(in, stride)), rowBlock)
//              * ceilDiv(channels, columnBlock), filter Direct
void emitConvInputGrad(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                       mlir::Value dy, mlir::Value filter, const ConvSchedule &schedule,
                       Epilogue epilogue, EpilogueMode mode = EpilogueMode::Inline);

// ---- Filter gradient: dfilter from x and dy. Rows are (window.., channels / groups), columns
// filters. Unfinished sums of blocked reductions lie in |partial|, dense like the result and of
// the accumulator type (the result itself when it has that type); needed if pixelBlock != 0.
//
//   tiles = groups * product(window..) * ceilDiv(channels / groups, rowBlock)
//           * ceilDiv(filters / groups, columnBlock)
//   rowsAcrossTaps: groups * product(window.. but the last) * ceilDiv(filters / groups, columnBlock)
//   depthwise: product(window.. but the last) * ceilDiv(channels, columnBlock)
//   copiesBlocks: groups * ceilDiv(filters / groups, columnBlock * copiedColumnTiles(..))
//                 * ceilDiv(channels / groups, rowBlock)
void emitConvFilterGrad(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                        mlir::Value x, mlir::Value dy, mlir::Value partial,
                        const ConvSchedule &schedule, Epilogue epilogue,
                        EpilogueMode mode = EpilogueMode::Inline);

// The same in two phases, with |parts| of the pixels as tiles of the first: their sums lie one
// after the other in |sums|, dense like the result and of the accumulator type. The second adds
// them; its tiles are product(window.. but the last).
void emitConvFilterGradParts(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                             mlir::Value x, mlir::Value dy, mlir::Value sums,
                             const ConvSchedule &schedule);
void emitSumOfParts(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                    mlir::Value sums, const ConvSchedule &schedule, Epilogue epilogue,
                    EpilogueMode mode);

// What a filter gradient sees of a row of dy, in the outermost dimension, where the other ones are
// known. Rows of an image may not be known.
struct FilterRows {
  std::optional<int64_t> in, out;      // rows of an image of x and of dy
  int64_t inPixels = 1, outPixels = 1; // of a row
  int64_t stride = 1;
  int64_t reach = 1; // rows of x that a row of dy is multiplied with
  bool oneLine = false; // all pixels of all images are one line, of rows of one pixel
};

// Blocks of about |pixelBlock| pixels of dy: of |images| whole images, or, where that is 0, of
// |rows| rows of one; and how many rows of x they are multiplied with, at most.
struct FilterBlock {
  int64_t images, rows, sourceRows;
};
FilterBlock filterBlock(const FilterRows &rows, int64_t pixelBlock);

// Elements of the copy of a row tile's channels, and column tiles of a piece of work for a filter
// of so many taps: for these it copies x once.
int64_t copiedPanel(const FilterRows &rows, const ConvSchedule &schedule, int64_t lanes);
int64_t copiedColumnTiles(const ConvSchedule &schedule, int64_t taps, int64_t lanes);

// Blocks of the grids above.
ContractionGrid convGrid(const ConvSchedule &schedule, mlir::Type accumulator,
                         const CpuTarget &target);

// The filter as B of a contraction with k = (window.., channels / groups), n = filters / groups
// and the groups as batch; transposed: k = (window.., filters / groups), n = channels / groups.
ContractionShape convFilterMatrix(KernelBuilder &k, const ConvShape &shape,
                                  bool transposed = false);

} // namespace dlc::codegen::cpu
