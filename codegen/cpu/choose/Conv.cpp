// The choice, and what was measured for it (Zen 4, f32): the 6x64 tile of matrix multiplication
// serves all three; few result channels take taller tiles with fewer vectors. Transposed filters
// are packed, a percent of the time at most.
//
// For the filter gradient 256 pixels of x and dy stay in L2 while pieces of work pass over them, and
// the next ones are fetched meanwhile. Shares of the peak with 32 images, beside 1024 pixels (256
// with one tap) that every piece reads again: 3x3 of 28x28x128 67 to 98 %, 1x1 of 28x28x128 to 512
// 70 to 90. In bf16, beside no blocks at all, 53 to 98 and 28 to 87.
//
// Tiles by lines compute nothing for the padding at the ends of a line, but a line is seldom a
// multiple of the tile. So the tiles are weighed by what they cost: 7x48 for lines of 7 and many
// filters (on 7x7x512, 3x3: 6.6 ms; 6x64 through lines and images: 8.1), 5x64 for lines of 14.
// With few steps the processor has room for the next tile before one is done, if they are low: 3x3
// of one channel to 32, 28x28: 14x32 0.144 ms, 7x32 0.133, 4x32 0.129; to 64: 6x64 0.303, 4x64
// 0.252; of three channels, 27 steps, 4x64 as fast as 6x64.
//
// With AVX2 threads copy the columns of their tiles, which are narrower than panels: 3x3 of
// 14x14x256 91 to 97 % forward and 87 to 95 for the input gradient, 1x1 of 28x28x512 to 128 72 to
// 88; of 7x7x512 65 to 86, where tiles also go across lines: 4 x 2 and 3 x 2 sums are too few for
// two units.
//
// With AVX2 (shares of the multiply-add peak) copies of blocks that are fetched ahead take filter
// gradients from 55 to 91 % (3x3 of 56x56x64), 62 to 101 (14x14x256), 40 to 81 (of 56x56x128 with a
// stride of 2) and 39 to 85 (1x1 of 28x28x512 to 128); the two last read the most from beyond L2
// for what they multiply. Blocks of 192 pixels instead of 128 with a stride of 2, of which no more
// fit L1: 79. Four pieces of work are left to threads.
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/choose/Contraction.h"
#include <algorithm>

using namespace dlc::codegen::cpu;

static constexpr int64_t kPixelBlock = 256;        // of x and dy, which stay in L2
static constexpr int64_t kFewRowsBlock = 1024;     // of which a pixel of x is little
static constexpr int64_t kPixelParts = 4;         // which threads share
static constexpr int64_t kPixelsForParts = 4096;  // fewer are not worth their sums
static constexpr int64_t kLineTiles = 16;          // some lines, whose neighbours are read twice
static constexpr int64_t kPointwiseTiles = 32;     // that read these pixels of dy from L2
static constexpr int64_t kPairTiles = 64;          // for which its pairs are packed
static constexpr int64_t kNarrowTiles = 16;       // row tiles that read columns of 64 bytes
static constexpr int64_t kColumnTiles = 48;       // row tiles that share a copy of columns
static constexpr int64_t kFarFilter = 384 * 1024; // bytes of one that blocks do not read in turns
static constexpr int64_t kPackingTiles = 8;       // row tiles that pay for packing what they read
static constexpr int64_t kCopiedBlock = 256;      // pixels of dy in L1
static constexpr int64_t kLeastBlock = 64;        // fewer are not worth a turn of a tile's sums
static constexpr int64_t kCopiesInL1 = 28 * 1024; // of a row tile and a column tile, of 32 KB
static constexpr int64_t kCopiedReads = 64; // multiplications of an element that pay for its copy
static constexpr int64_t kCopiedTiles = 32; // row tiles that share a copy of dy, with one tap
static constexpr int64_t kCopiedTapTiles = 16; // and with several
static constexpr int64_t kCopiedPieces = 4;    // of work, for a few threads
static constexpr int64_t kEvenPieces = 16;     // so many that one more or less does not matter
static constexpr int64_t kFewChannels = 6;     // too few rows for a tile of one tap
static constexpr int64_t kUnrolledRows = 36;   // rows across taps are unrolled
static constexpr int64_t kShortSteps = 16;     // the next tile begins before one of them is done
static constexpr int64_t kShortRows = 4;       // of a tile that leaves room for that
static constexpr int64_t kFewColumns = 4;      // too few to fill the lanes; see PanelRule.cpp, too

namespace {

struct Tile {
  int64_t rows, vectors;
};

// What tiles of a convolution cost, in multiply-adds of a register.
class TileCost {
public:
  TileCost(const ConvLoops &loops, const CpuTarget &target)
      : loops(loops), narrow(copiesPay(target)), lanes(target.lanes(loops.accumulatorBits)),
        columns(*columnsOf(loops)),
        outerSteps(*loops.taps / std::max<int64_t>(*loops.innerWindow, 1) * *reductionOf(loops)) {}

  double byLines(Tile tile) const {
    return overColumns(tile, [&](int64_t vectors) {
      double cost = 0;
      for (const LineStretch &stretch : lineStretches(*loops.line, tile.rows)) {
        double one = kPerTile;
        for (const LineStretch::Run &run : stretch.runs)
          one +=
              (run.endTap - run.firstTap) * outerSteps * step(run.endRow - run.firstRow, vectors);
        cost += one * (stretch.endTile - stretch.firstTile);
      }
      return cost;
    });
  }
  double flat(Tile tile) const {
    return overColumns(tile, [&](int64_t vectors) {
      double one = kPerTile + loops.line->count * outerSteps * step(tile.rows, vectors);
      if (narrow)
        one += kPerBorderTap * *loops.taps;
      return one * loops.line->pixels / tile.rows;
    });
  }

private:
  static constexpr double kPerTile = 16;               // addresses, stores, loops
  static constexpr int64_t kPanelInCache = 768 * 1024; // of L2, 1 MiB
  static constexpr double kBytesPerStep = 11;          // from beyond, while one multiplies
  static constexpr double kPerBorderTap = 150;         // pointers of a tile that crosses an end
  static constexpr int64_t kInFlight = 8; // sums of 256 bits: two units of four stages each
  static constexpr int64_t kEnough = 12;  // with which both always find one that is ready

  // Multiplications, or the loads for them, or the filter from beyond the cache.
  double step(int64_t rows, int64_t vectors) const {
    double work = std::max<double>(rows * vectors, 1.75 * vectors + 0.5 * rows);
    work += 0.08 * (rows + vectors); // of several that are equal, the one with fewer loads
    int64_t bytes = vectors * lanes * loops.accumulatorBits / 8;
    if (narrow) { // copied columns are near, but a step waits for sums of the one before
      int64_t slots = std::max(rows * vectors, rows + vectors);
      return slots < kInFlight ? kInFlight : slots + (slots < kEnough ? 0.5 : 0.1);
    }
    if (bytes * outerSteps * loops.line->count > kPanelInCache)
      work = std::max(work, bytes / kBytesPerStep);
    return work;
  }
  double overColumns(Tile tile, llvm::function_ref<double(int64_t)> cost) const {
    int64_t width = tile.vectors * lanes, rest = (columns % width + lanes - 1) / lanes;
    return columns / width * cost(tile.vectors) + (rest ? cost(rest) : 0);
  }

  const ConvLoops &loops;
  bool narrow; // few registers, vectors of whole ones
  int64_t lanes, columns, outerSteps;
};

// The tile by lines that costs least, where it costs less than |flat| across them.
void chooseLines(ConvSchedule &schedule, const ConvLoops &loops, const CpuTarget &target) {
  bool known =
      loops.line && loops.taps && loops.innerWindow && columnsOf(loops) && reductionOf(loops);
  // A pointwise convolution without strides has one line, all pixels of all images.
  if (!known || loops.depthwise || (*loops.taps == 1 && loops.line->scale == 1))
    return;
  bool few = target.vectorBits >= 512 && *loops.taps * *reductionOf(loops) <= kShortSteps;
  if (few)
    schedule.rows = std::min(schedule.rows, kShortRows);
  TileCost cost(loops, target);
  double least = cost.flat({schedule.rows, schedule.vectors});
  int64_t pairing = schedule.depth > 1 ? 2 : 0; // registers to interleave pairs in
  for (int64_t vectors = schedule.vectors; vectors > 0; --vectors) {
    // More rows of three vectors would be more streams of pixels than what they save of the filter.
    int64_t tallest = few ? kShortRows : vectors > 2 ? 8 : 14;
    int64_t rows =
        vectors == 4 ? schedule.rows : std::min(target.mostRows(vectors, pairing), tallest);
    double here = cost.byLines({rows, vectors});
    if (here > least || numberOfRuns(lineStretches(*loops.line, rows)) > kMostLineRuns)
      continue;
    if (here == least && schedule.pixels == TilePixels::Lines)
      continue;
    least = here;
    int64_t tiles = std::max<int64_t>(tilesOfLine(loops.line->pixels, rows), 1);
    schedule.rows = std::max<int64_t>((loops.line->pixels + tiles - 1) / tiles, 1);
    schedule.vectors = vectors;
    schedule.pixels = TilePixels::Lines;
    schedule.rowTiles = kLineTiles;
  }
}

// Few columns would leave most lanes empty: lanes along the reduction then.
bool chooseLanes(ConvSchedule &schedule, const ConvLoops &loops, const CpuTarget &target) {
  int64_t lanes = target.lanes(loops.accumulatorBits);
  auto columns = columnsOf(loops), reduction = reductionOf(loops);
  if (!canReduceLanes(loops) || !columns || !reduction ||
      *columns > std::min(kFewColumns, lanes / 2) || *columns < 1 || *reduction < lanes)
    return false;
  schedule.vectors = *columns;
  schedule.rows = std::clamp<int64_t>((target.vectorRegisters - 1 - *columns) / *columns, 1, 16);
  schedule.depth = 1;
  schedule.lanes = TileLanes::Reduction;
  if (loops.line && numberOfRuns(lineStretches(*loops.line, schedule.rows)) <= kMostLineRuns)
    schedule.pixels = TilePixels::Lines;
  else // a tile at a border keeps a pointer for each row, in half of the scalar registers
    schedule.rows = std::min<int64_t>(schedule.rows, 8);
  return true;
}

// Whether pieces of work follow each other down the columns of a large filter (see PixelGrid), and
// copy those once for all: small pieces make them, since each would read all of it the other way.
bool keepsColumns(const ConvSchedule &schedule, const ConvLoops &loops) {
  if (!loops.taps || !loops.channels || !loops.filters || !loops.line)
    return false;
  int64_t bytes = *loops.taps * *loops.channels * *loops.filters * loops.inputBits / 8;
  return bytes > kFarFilter && schedule.rows * loops.line->scale * loops.line->scale < *loops.taps;
}

// As many row tiles as share a copy of dy and leave some pieces of work.
int64_t copiedRowTiles(const ConvSchedule &schedule, const ConvLoops &loops,
                       const CpuTarget &target) {
  int64_t most = *loops.taps == 1 ? kCopiedTiles : kCopiedTapTiles;
  if (!loops.channels || !loops.filters)
    return most;
  auto ceilDiv = [](int64_t x, int64_t y) { return (x + y - 1) / y; };
  int64_t lanes = target.lanes(loops.accumulatorBits);
  int64_t columnTiles = copiedColumnTiles(schedule, *loops.taps, lanes);
  int64_t columns = ceilDiv(*loops.filters, columnTiles * schedule.vectors * lanes);
  int64_t pieces = ceilDiv(kCopiedPieces, columns * loops.groups);
  int64_t rowTiles = ceilDiv(*loops.channels, schedule.rows);
  return std::min(most, ceilDiv(rowTiles, pieces));
}

// Copies of blocks, where with few registers a step of the tile is few multiplications for the
// lines that it reads, and enough of them read each element.
void chooseCopies(ConvSchedule &schedule, const ConvLoops &loops, const CpuTarget &target) {
  bool few = copiesPay(target) && schedule.depth == 1;
  if (!few || schedule.rowsAcrossTaps || !schedule.pixelBlock || !loops.filterRows || !loops.taps ||
      loops.inputBits != loops.accumulatorBits)
    return;
  auto pays = [&](std::optional<int64_t> others) {
    return !others || *others * *loops.taps >= kCopiedReads;
  };
  FilterBlock block = filterBlock(*loops.filterRows, kCopiedBlock);
  int64_t used = *loops.taps * block.rows * loops.filterRows->outPixels;
  if (!pays(loops.channels) || !pays(loops.filters) ||
      used < block.sourceRows * loops.filterRows->inPixels)
    return;
  ConvSchedule copies = schedule;
  copies.dy = OperandForm::Pack;
  copies.pixelBlock = kCopiedBlock;
  copies.rowTiles = 1;
  auto inL1 = [&] {
    return copiedBytesOfX(copies, loops, target) + copiedBytesOfDy(copies, loops, target) <=
           kCopiesInL1;
  };
  while (copies.pixelBlock > kLeastBlock && *loops.taps > 1 && !inL1())
    copies.pixelBlock /= 2;
  int64_t fit = kPackedBlock / std::max<int64_t>(copiedBytesOfX(copies, loops, target), 1);
  copies.rowTiles = std::min(fit, copiedRowTiles(copies, loops, target));
  if (copies.rowTiles > 0 && copiedBytesOfDy(copies, loops, target) <= kPackedBlock)
    schedule = copies;
}

// At most |most| row tiles for a piece of work, and fewer where that leaves some pieces. Of an odd
// number of few, as the nine taps of a window, one thread of two does one more than the other.
int64_t rowTilesFor(int64_t most, const ConvSchedule &schedule, const ConvLoops &loops,
                    const CpuTarget &target) {
  if (!loops.channels || !loops.filters || !loops.taps)
    return most;
  auto ceilDiv = [](int64_t x, int64_t y) { return (x + y - 1) / y; };
  int64_t columns = schedule.vectors * target.lanes(loops.accumulatorBits);
  int64_t filters = std::max<int64_t>(*loops.filters, 1);
  int64_t others = *loops.taps * loops.groups * ceilDiv(filters, columns);
  int64_t rowTiles = ceilDiv(*loops.channels, schedule.rows);
  bool uneven = others % 2 != 0 && others < kEvenPieces;
  int64_t pieces = std::max<int64_t>(ceilDiv(kCopiedPieces, others), uneven ? 2 : 1);
  return std::min(most, ceilDiv(rowTiles, pieces));
}

// Pairs of dy that a thread packs, for as many row tiles as leave some pieces of work.
void choosePairs(ConvSchedule &schedule, const ConvLoops &loops, const CpuTarget &target) {
  int64_t columns = schedule.vectors * target.lanes(loops.accumulatorBits);
  if (schedule.depth == 1 || schedule.rowsAcrossTaps || !canPackPairs(loops) ||
      packedPairBytes(*loops.filterRows, kPixelBlock, columns) > kPackedBlock)
    return;
  schedule.dy = OperandForm::Pack;
  schedule.pixelBlock = kPixelBlock;
  schedule.rowTiles = rowTilesFor(kPairTiles, schedule, loops, target);
}

} // namespace

int64_t dlc::codegen::cpu::copiedBytesOfX(const ConvSchedule &schedule, const ConvLoops &loops,
                                          const CpuTarget &target) {
  return schedule.rowTiles *
         copiedPanel(*loops.filterRows, schedule, target.lanes(loops.inputBits)) *
         (loops.inputBits / 8);
}

int64_t dlc::codegen::cpu::copiedBytesOfDy(const ConvSchedule &schedule, const ConvLoops &loops,
                                           const CpuTarget &target) {
  FilterBlock block = filterBlock(*loops.filterRows, schedule.pixelBlock);
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  return block.rows * loops.filterRows->outPixels * width * (loops.inputBits / 8);
}

int64_t dlc::codegen::cpu::packedPairBytes(const FilterRows &rows, int64_t pixelBlock,
                                           int64_t columns) {
  int64_t lines = std::max<int64_t>(pixelBlock / std::max<int64_t>(rows.outPixels, 1), 1);
  return lines * rows.outPixels * columns * 2;
}

bool dlc::codegen::cpu::canPackPairs(const ConvLoops &loops) {
  bool even = loops.linePixels && *loops.linePixels % 2 == 0;
  return loops.filterRows && (even || loops.filterRows->oneLine);
}

bool dlc::codegen::cpu::narrowsPanels(const ConvSchedule &schedule, const ConvLoops &loops,
                                      const CpuTarget &target) {
  return copiesPay(target) && loops.kind != ConvKind::FilterGrad && schedule.depth == 1 &&
         schedule.filter != OperandForm::Direct && schedule.lanes == TileLanes::Columns &&
         loops.panelWidth % (schedule.vectors * target.lanes(loops.accumulatorBits)) == 0 &&
         schedule.vectors * target.lanes(loops.accumulatorBits) < loops.panelWidth;
}

bool dlc::codegen::cpu::canReduceLanes(const ConvLoops &loops) {
  if (loops.depthwise || loops.filterPanels)
    return false;
  bool oneFilter = loops.groups == 1 && loops.filters && *loops.filters == 1;
  return loops.kind == ConvKind::InputGrad || (loops.kind == ConvKind::Forward && oneFilter);
}

ConvSchedule dlc::codegen::cpu::chooseConv(const ConvLoops &loops, const CpuTarget &target) {
  ContractionLoops matrix;
  matrix.n = columnsOf(loops);
  if (loops.depthwise)
    matrix.n = loops.depthwiseChannels;
  matrix.accumulatorBits = loops.accumulatorBits;
  matrix.bf16 = loops.bf16 && !loops.depthwise;
  ContractionSchedule tile = chooseContraction(matrix, target).back().schedule;

  ConvSchedule schedule;
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.depth = tile.depth;
  if (loops.kind == ConvKind::FilterGrad) {
    bool known = loops.channels && loops.innerWindow;
    schedule.rowsAcrossTaps =
        loops.depthwise || (known && *loops.channels < kFewChannels &&
                            *loops.channels * *loops.innerWindow <= kUnrolledRows);
    if (loops.partialAvailable)
      schedule.pixelBlock = schedule.rowsAcrossTaps ? kFewRowsBlock : kPixelBlock;
    bool few = loops.pixels && *loops.pixels < kPixelsForParts;
    if (schedule.rowsAcrossTaps && !loops.depthwise && schedule.pixelBlock && !few)
      schedule.parts = kPixelParts;
    if (loops.taps && *loops.taps == 1)
      schedule.rowTiles = rowTilesFor(kPointwiseTiles, schedule, loops, target);
    chooseCopies(schedule, loops, target);
    bool many = !loops.channels || !loops.taps ||
                *loops.channels * *loops.taps >= kPackingTiles * schedule.rows;
    if (many)
      choosePairs(schedule, loops, target);
    return schedule;
  }
  if (chooseLanes(schedule, loops, target))
    return schedule;
  bool wide =
      !matrix.n || *matrix.n > kPanelWidth || (loops.groups > 1 && *matrix.n >= kPanelWidth / 4);
  if (loops.depthwise)
    schedule.filter = OperandForm::Direct;
  else if (loops.filterPanels)
    schedule.filter = OperandForm::Panels;
  else if (loops.kind == ConvKind::InputGrad || wide ||
           (loops.bf16 && (schedule.depth > 1 || target.readsWords()))) // pairs: once, not in tiles
    schedule.filter = OperandForm::Pack;
  chooseLines(schedule, loops, target);
  if (target.hasNarrowTiles())
    schedule.rowTiles = std::max(schedule.rowTiles, kNarrowTiles);
  schedule.copiesColumns = narrowsPanels(schedule, loops, target);
  if (schedule.copiesColumns && !keepsColumns(schedule, loops))
    schedule.rowTiles = std::max(schedule.rowTiles, kColumnTiles);
  return schedule;
}
