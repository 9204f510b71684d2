// A line of pixels cut into tiles that know which taps they see.
//
// A tile that lies in one line of the image (a run of pixels along the innermost dimension) sees
// most taps with all its pixels. Those that reach beyond an end of the line are seen by some of its
// pixels only, and which ones is known while emitting: such a tap multiplies these rows of the tile
// and no others. Nothing is computed for padding: of a 3x3 window on 7x7 pixels a fifth.
#pragma once
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>

namespace dlc::codegen::cpu {

// TapRange along a line, in numbers: pixel i sees the source coordinates
// i * scale + start + tap * step, as far as they are inside [0, source).
struct LineTaps {
  int64_t pixels = 0, count = 0;
  int64_t scale = 1, start = 0, step = 1, source = 0;
};

// Neighbouring tiles that see the same taps with the same rows.
struct LineStretch {
  // Taps [firstTap, endTap), which rows [firstRow, endRow) see.
  struct Run {
    int64_t firstTap, endTap, firstRow, endRow;
    bool operator==(const Run &other) const = default;
  };
  int64_t firstTile = 0, endTile = 0;
  int64_t firstPixel = 0, height = 0; // of the first tile
  llvm::SmallVector<Run> runs;
};

// Tiles of at most |height| pixels that a line is cut into, their heights differing by one at most.
int64_t tilesOfLine(int64_t pixels, int64_t height);
llvm::SmallVector<LineStretch> lineStretches(const LineTaps &taps, int64_t height);

// Each run of each stretch is code of its own; lines that need more runs than this have none.
constexpr int64_t kMostLineRuns = 40;
int64_t numberOfRuns(llvm::ArrayRef<LineStretch> stretches);

// How many lines one piece of work takes, or into how many parts it cuts one: |rowTiles| tiles.
struct LineBlock {
  int64_t lines = 1, parts = 1;
};
LineBlock lineBlock(int64_t pixels, int64_t height, int64_t rowTiles);

} // namespace dlc::codegen::cpu
