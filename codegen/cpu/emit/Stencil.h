// The geometry of depthwise convolutions: which pixels of the source a tile of result pixels reads.
//
// A tile is rows x columns of neighbouring result pixels, all known numbers, so what it reads is
// known too but for where it begins: result o + r sees, through tap t, the source at
// origin(o) + offset(r, t). Only the tiles at a border miss some of these. Along each axis the
// tiles that miss the same ones form a stretch; kernels emit the code of a tile once per pair of
// stretches, with the missing taps left out, and need no padding and no masks.
#pragma once
#include "codegen/cpu/emit/Conv.h"

namespace dlc::codegen::cpu {

// One axis, for the forward pass or the input gradient.
//   origin(o) = o * scale / divide + start      for tiles that begin at multiples of divide
//   offset(r, t) = (r * resultStep + t * tapStep + shift) / divide, where that has no rest
struct StencilAxis {
  Size results, source; // extents
  int64_t window = 1;
  int64_t scale = 1, divide = 1;
  int64_t resultStep = 1, tapStep = 1, shift = 0;
  Size start = 0;

  static StencilAxis forward(KernelBuilder &k, const ConvDim &dim);
  // With a stride, padding must be known.
  static StencilAxis inputGrad(KernelBuilder &k, const ConvDim &dim);

  Size origin(KernelBuilder &k, Size o) const;
  std::optional<int64_t> offset(int64_t r, int64_t tap) const;
  // Distances of all source pixels that |extent| results read, ascending.
  llvm::SmallVector<int64_t> offsets(int64_t extent) const;
  bool isKnown() const { return results.isConstant() && source.isConstant() && start.isConstant(); }
};

// Tiles of one axis that read alike: they begin at begin, begin + extent, ... below end.
struct Stretch {
  enum Kind {
    Inside, // every source pixel exists
    Known,  // as for the tile at |example|
    Tested  // seen when running; of extent 1
  };
  Size begin, end;
  int64_t extent = 1;
  Kind kind = Inside;
  int64_t example = 0;
};

// The stretches that cover the results [from, to) in tiles of |extent|; |from| is a multiple of it.
llvm::SmallVector<Stretch> stretchesOf(KernelBuilder &k, const StencilAxis &axis, int64_t extent,
                                       Size from, Size to);

// Calls |body| with the first result of every tile of every stretch.
using TileBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(Size at, const Stretch &stretch,
                                                                   mlir::ValueRange carried)>;
llvm::SmallVector<mlir::Value> forTiles(KernelBuilder &k, llvm::ArrayRef<Stretch> stretches,
                                        mlir::ValueRange carried, TileBody body);

// One tile: rows x columns results, at |row|, |column| of image |image|.
struct StencilTile {
  Size image, row, column;
  Stretch rows, columns;
  int64_t pixels() const { return rows.extent * columns.extent; }
};

// Both axes over the memory that they read: dense [image, row, column, channels].
class Stencil {
public:
  Stencil(StencilAxis rows, StencilAxis columns, Size channels, mlir::Type stored, mlir::Type type)
      : rows(rows), columns(columns), channels(channels), stored(stored), type(type) {}

  // What to do with the source vector |x|, which result |pixel| (row-major in the tile) meets
  // through |tap| (row-major in the window).
  using Meet = llvm::function_ref<void(mlir::Value x, int64_t pixel, int64_t tap,
                                       llvm::MutableArrayRef<mlir::Value> sums)>;
  // Called when row |row| of the tile has met all that it sees.
  using RowDone = llvm::function_ref<void(int64_t row, llvm::ArrayRef<mlir::Value> sums)>;
  // Loads each source vector of the tile once and meets it with all its results. Only taps of
  // window rows [firstRow, lastRow). |channel|: of lane 0.
  llvm::SmallVector<mlir::Value> walk(KernelBuilder &k, const StencilTile &tile, mlir::Value source,
                                      Size channel, mlir::Value mask, int64_t firstRow,
                                      int64_t lastRow, llvm::ArrayRef<mlir::Value> sums, Meet meet,
                                      RowDone rowDone = nullptr) const;
  // Flat result pixel |r| (row-major in the tile).
  Size resultPixel(KernelBuilder &k, const StencilTile &tile, Size r) const;
  // Flat source pixel from which the tile's offsets are counted; padding may put it outside.
  Size sourcePixel(KernelBuilder &k, const StencilTile &tile) const;

  StencilAxis rows, columns;
  Size channels;
  mlir::Type stored, type; // element types in memory and in registers
};

// |shape| has one or two spatial dimensions; one becomes the columns of a single row.
Stencil forwardStencil(KernelBuilder &k, const ConvShape &shape);
Stencil inputGradStencil(KernelBuilder &k, const ConvShape &shape);

} // namespace dlc::codegen::cpu
