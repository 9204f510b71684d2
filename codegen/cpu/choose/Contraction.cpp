// The choice, and what was measured for it (Zen 4, f32, share of the FMA peak):
//
//   register tile   6x64 97-100 %, 8x48 97-101 %, 8x32 90 %, 4x64 97 %, 1x64 49 %, 1x128 bandwidth
//   one row of 1024x4096: two panels at once 33 %, one 28 %; two rows: 61 and 65 %, so that no
//   second kernel pays for them; of 256x256, which lies in L2: 49 % either way
//   B read directly up to some 512 rows is as fast as panels; beyond, the rows' stride (a page and
//   more) costs TLB misses, so the reduction is cut into blocks or B is packed (1-3 % of the time)
//   a thread that packs the columns that it is about to read finds them in its L2, and touches no
//   other memory: transposed, of 128 rows, 95 % where a phase of its own left 91 %; pairs of bf16
//   that are interleaved once 1.9 times as fast as f32, in every register tile anew 1.6 times
//   an outer product is bound by storing it: rows one after the other 48 us for 1024x1024, down
//   columns of 64 116 us
//   32 steps, B's rows of 3072 columns 12 KB apart, which collide in L1: read in place 1.76 ms,
//   packed column by column 1.44
//   512 x 10 of a weight gradient: lanes along the columns 20.3 us, along the rows 11.8
//   128 x 10 of 512 steps: lanes along the columns 20.2 us, along the reduction 12.4
//   an outer product that no cache keeps, 1024x4096, read by an optimizer that reads three times as
//   much beside it: written past the caches the optimizer waits no longer for it than it would have
//   waited for writing back what was in its place, a training step takes 3.6 to 4.2 ms instead of
//   3.9 to 5.1; called again and again on its own it would find its last result in the cache and
//   take half as long, so what goes to the caller is written as anything else
//   4096 steps of a transposed A, of 768x768: all of B packed before, no unfinished sums 55 ms; in
//   blocks of 256 steps of which all columns of 384 rows of A follow each other 46; of 512 steps
//   and 768 rows 44, and of 512 to 2048 steps 3 to 5 % less time, too
//   1024 rows of as many as a batch has, B in place and packed: 768 steps for 3072 columns 81 and
//   97 %, 640 for 512, which fit as a whole, 95 and 99; in blocks, 1024 for 1024 columns 87 and 93,
//   1536 for 768 88 and 93, but 784 for 512 98 and 95, 1024 for 640 96 and 93
//   pairs of bf16 whose result is bf16, too, so that unfinished sums wait on the stack: 512 to 4096
//   steps of a transposed A, 768x768, all of B packed before 180 to 171 GFLOP/s, blocks of 1024
//   steps with 384 rows 222 to 203; 1024 x 3072 x 768, B transposed, 181 and 218
//   4096 rows of 768 steps for 768 columns with AVX2, whose tiles are of 16 columns, each of which
//   reads A again: columns one after the other 50 to 75 %, blocks of 384 steps and 384 rows 82 to
//   88, of 256 steps 1 to 3 less; pieces of 96 rows and all steps 80 to 84. 512 rows: 92 one after
//   the other, 88 in blocks; 2048 of 1024 x 1024: 65 and 69
//   copies of both operands with AVX2, 512 steps of 768x768: 86 % where 61, 128 of 784x512: 88, 77;
//   4096 steps with copies of 256 rows 4 % faster than of 154, since they come from beyond L2; but
//   of few steps that stay in L1 where they lie 100x100x100 83 %, where 92, 64x64x64 82 and 98,
//   32 of 300x300 89 and 93; pieces of 43, 43 and 42 row tiles 2 % faster than of 44, 44 and 40,
//   and of 32 steps those of 64 row tiles 2 % faster than of 44
//   short reductions, of 128 x 512: 6x64 10 steps 86 %, 16 91, 32 85; 4x64, which the processor has
//   room to overlap, 92 to 97, 99, 94; 32 steps of 768x3072 75 and 85; 48 steps 92 either way
//   panels of 64 columns with AVX2's tiles of 16, which read one line of four: 512x768x768 76 to 81
//   %, with the columns copied 88
//   16 registers (AVX2, SSE): 6 x 2 and 4 x 2 vectors; NEON's 32: 7 x 3
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/emit/ContractionBlocks.h"
#include <algorithm>
#include <numeric>

using namespace dlc::codegen::cpu;

static constexpr int64_t kDirectRows = 512; // rows of B that are read in place
static constexpr int64_t kRowTiles = 16;    // of a piece of work
static constexpr int64_t kShortSteps = 40;  // so few that the next tile begins before one is done
static constexpr int64_t kShortRows = 4;    // of a tile that leaves room for that
static constexpr int64_t kFlat = 1;         // rows of A that have a form of their own
static constexpr int64_t kPairedRows = 16;  // rows of A that pay for interleaving columns of B
static constexpr int64_t kPanelRows = 24; // rows of A that read panels in place if tiles are narrow
static constexpr int64_t kCrowdedRows = 64;  // rows of A that pay for copying rows of B, if so
static constexpr int64_t kCrowdedSteps = 128; // many push each other out of L1
static constexpr int64_t kCrowdedTiles = 4;   // and lie several tiles apart
static constexpr int64_t kCopiedRows = 256;       // rows of A that pay for copying columns of B
static constexpr int64_t kFarRowBytes = 3072;      // of B, of which blocks of columns are copied, too
static constexpr int64_t kOuterSteps = 4;         // steps of a reduction that is mostly storing
static constexpr int64_t kOuterSize = 128 * 1024; // elements of a result that leaves the L1
static constexpr int64_t kLongSteps = 2048;       // rows of B that a phase packs for many rows of A
static constexpr int64_t kLongTiles = 32;         // row tiles that then read a panel
static constexpr int64_t kRereadTiles = 4;        // of columns, which read lines of A again
static constexpr int64_t kLongBlock = 512;        // steps of which a piece's rows of A stay in L2
static constexpr int64_t kFarA = 4 * 1024 * 1024; // bytes of A that is fetched from beyond L2
static constexpr int64_t kNearRows = 384 * 1024;  // bytes of A that stay in L2 for all columns
static constexpr int64_t kLeastNearTiles = 4;     // row tiles that share a panel from beyond
static constexpr int64_t kFarSteps = 384;         // of which narrow columns of B stay in L1
static constexpr int64_t kWayBytes = 4096;        // of L1, in which lines so far apart meet
static constexpr int64_t kWays = 8;               // that they have there
static constexpr int64_t kBlockInL1 = 16 * 1024;  // beside rows of A and of the result
static constexpr int64_t kBlockedTiles = 64;      // row tiles that read a block of packed columns
static constexpr int64_t kTransposedTiles = 128;  // and of a transposed A
static constexpr double kFilledLanes = 0.8;       // of a row's vectors, with which all is well
static constexpr int64_t kTurnedSteps = 16;       // that pay for turning a tile of sums around
static constexpr int64_t kMostRowVectors = 6;     // of lanes along the rows
static constexpr double kNarrowStep = 1.15;  // of one vector of columns: as many loads as products
static constexpr double kWideStep = 1.03;    // of several
static constexpr double kSummingUp = 3;      // the lanes of a register
static constexpr double kTurningRow = 4;     // a row of B, whose columns are to lie side by side
static constexpr int64_t kMostParts = 4;     // of columns beside lanes along the reduction
static constexpr int64_t kMostLaneRows = 8;  // whose additions hide each other's latency
static constexpr int64_t kLaneRowBlock = 32; // rows of a piece of work with such lanes
static constexpr int64_t kCopiedSteps = 256; // of a reduction, of both operands
static constexpr int64_t kCopiedTiles = 64;  // row tiles that share a copy of columns
static constexpr int64_t kCopiedReads = 64;  // multiplications of an element that pay for its copy
static constexpr int64_t kFewTiles = 4;      // column tiles that feed no more than a few threads

namespace {

struct TileShape {
  int64_t rows, vectors;
};

// Accumulators, one vector of B per column and one broadcast must fit the registers.
TileShape tileFor(const ContractionLoops &loops, const CpuTarget &target) {
  int64_t lanes = target.vectorBits / loops.accumulatorBits;
  bool many = target.vectorRegisters >= 32;
  int64_t widest = many ? (target.vectorBits >= 512 ? 4 : 3) : 2;
  int64_t vectors =
      loops.n ? std::clamp<int64_t>((*loops.n + lanes - 1) / lanes, 1, widest) : widest;
  if (target.vectorRegisters < 16) // vectors that LLVM takes apart
    return {vectors == 1 ? 4 : 2, vectors};
  if (!many)
    return {vectors == 1 ? 8 : (target.fusedMultiplyAdd ? 6 : 4), vectors};
  if (vectors == 4 && target.vectorBits >= 512 && loops.k && *loops.k <= kShortSteps)
    return {kShortRows, vectors};
  return {std::min<int64_t>(vectors == 4 ? 6 : 8, target.mostRows(vectors)), vectors};
}

OperandForm formOfB(const ContractionLoops &loops) {
  if (loops.bPanels)
    return OperandForm::Panels;
  if (!loops.bRowMajor)
    return OperandForm::Pack;
  bool fewRows = loops.k && *loops.k <= kDirectRows;
  bool narrow = loops.n && *loops.n <= kPanelWidth;
  // Packing reads and writes B once; with few rows of A nothing would amortise that.
  bool littleReuse = loops.m && *loops.m <= 32;
  return fewRows || narrow || littleReuse || loops.partialAvailable ? OperandForm::Direct
                                                                    : OperandForm::Pack;
}

// A small A stays in the cache while each thread goes down its own columns of B; a large one is
// read once. Three blocks of columns and less have too little of either to tell.
GridOrder splitOf(const ContractionLoops &loops, int64_t width) {
  if (loops.n && *loops.n <= 3 * width)
    return GridOrder::Rows;
  if (!loops.m || !loops.k || !loops.n)
    return GridOrder::BySize;
  bool small = *loops.m * *loops.k * loops.inputBits / 8 <= kSmallA;
  return small ? GridOrder::Columns : GridOrder::Rows;
}

// Pairs wherever there are any: 1.6 times as fast as f32, with B in any form.
int64_t depthFor(const ContractionLoops &loops, const CpuTarget &target) {
  bool pairs = loops.bf16 && hasPairs(target) && loops.k.value_or(2) > 1;
  return pairs ? 2 : 1;
}

// Of packed columns whose whole reduction does not fit: equal parts, multiples of 16 rows. 0: it
// fits.
int64_t reduceBlockFor(const ContractionSchedule &schedule, const ContractionLoops &loops,
                       const CpuTarget &target) {
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  int64_t most = kPackedBlock / (width * loops.inputBits / 8);
  if (!loops.k)
    return std::min(most, 2 * kDirectRows) / 16 * 16;
  int64_t parts = (*loops.k + most - 1) / most;
  return parts <= 1 ? 0 : ((*loops.k + parts - 1) / parts + 15) / 16 * 16;
}

// Enough rows of A for copying all of B.
bool isTall(const ContractionLoops &loops) {
  return loops.m.value_or(loops.leastM) >= kCopiedRows;
}

int64_t blockedTiles(const ContractionSchedule &schedule, const ContractionLoops &loops) {
  return loops.aRowsInside && schedule.depth == 1 ? kTransposedTiles : kBlockedTiles;
}

// Whether so many lines, |bytes| apart, push each other out of L1.
bool collide(int64_t lines, int64_t bytes) {
  return lines > kWays * (kWayBytes / std::gcd(kWayBytes, bytes));
}

// Whether rows of B that a tile reads in place push each other out of L1, where a copy would stay.
bool collides(const ContractionLoops &loops, int64_t width) {
  if (!loops.k || !loops.n || *loops.n <= width || loops.inputBits != loops.accumulatorBits)
    return false;
  int64_t bytes = loops.inputBits / 8;
  return collide(*loops.k, *loops.n * bytes) && *loops.k * width * bytes <= kBlockInL1;
}

// Whether the lines of both operands that a tile reads in place, one of each in a step, stay in L1.
bool staysInPlace(const ContractionLoops &loops) {
  if (!loops.k || !loops.m || !loops.n || *loops.k > kCrowdedSteps)
    return false;
  int64_t bytes = loops.inputBits / 8;
  return !collide(*loops.k, *loops.m * bytes) && !collide(*loops.k, *loops.n * bytes);
}

// Whether a tile reads one line of several in the panels, and enough rows pay for copying those.
bool narrowsPanels(const ContractionSchedule &schedule, const ContractionLoops &loops,
                   const CpuTarget &target) {
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  bool whole = loops.k && *loops.k * width * loops.inputBits / 8 <= kPackedBlock;
  if (schedule.b != OperandForm::Panels || loops.bPairs || !copiesPay(target) || !whole)
    return false;
  bool manyRows = loops.m ? *loops.m > kPanelRows : loops.partialAvailable && loops.oneReduction;
  return width < loops.panelWidth && manyRows;
}

// Whether a tile reads one line of several in each row of B where that lies, and enough rows of A
// pay for copying those.
bool crowdsRows(const ContractionSchedule &schedule, const ContractionLoops &loops,
                const CpuTarget &target) {
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  bool direct = schedule.b == OperandForm::Direct && loops.bRowMajor && schedule.depth == 1;
  if (!direct || !copiesPay(target) || !loops.k || !loops.n || *loops.k < kCrowdedSteps ||
      *loops.n < kCrowdedTiles * width)
    return false;
  bool manyRows =
      loops.m ? *loops.m >= kCrowdedRows : loops.partialAvailable && loops.oneReduction;
  return manyRows && *loops.k * width * loops.inputBits / 8 <= kPackedBlock;
}

// Lets each thread pack the columns that it reads, where enough rows read them and enough columns
// feed the threads.
void packColumns(ContractionSchedule &schedule, const ContractionLoops &loops,
                 const CpuTarget &target) {
  bool pays = schedule.b == OperandForm::Pack;
  if (schedule.depth == 2)
    pays |= !loops.bPairs && (!loops.m || *loops.m >= kPairedRows);
  bool longReduction = !loops.k || *loops.k > kDirectRows;
  int64_t block = reduceBlockFor(schedule, loops, target);
  bool farRows = !loops.n || *loops.n * loops.inputBits / 8 >= kFarRowBytes;
  if (schedule.b == OperandForm::Direct && longReduction && loops.partialAvailable)
    pays |= isTall(loops) && (block == 0 || farRows);
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  if (schedule.b == OperandForm::Direct && loops.bRowMajor && collides(loops, width))
    pays |= isTall(loops);
  bool wide =
      !loops.n || !loops.batch || *loops.batch * ((*loops.n + width - 1) / width) >= kFewTiles;
  bool narrows = narrowsPanels(schedule, loops, target) || crowdsRows(schedule, loops, target);
  pays |= narrows;
  // All steps in one block leave the order of pieces of work to the number of rows.
  if (narrows && !loops.m)
    block = (*loops.k + 15) / 16 * 16;
  bool waits = loops.partialAvailable || schedule.depth == 2; // in the result, or on the stack
  bool cut = block != 0 && (!waits || !loops.oneReduction);
  if (!pays || !wide || cut)
    return;
  schedule.b = OperandForm::Pack;
  schedule.reduceBlock = block;
  if (block)
    schedule.rowTiles = blockedTiles(schedule, loops); // each packs the block anew
  if (block && schedule.split == GridOrder::Rows)
    schedule.split = GridOrder::BySize;
  if (!block)
    schedule.split = GridOrder::Columns;
}

// With few registers a tile has few columns, and a large A would be fetched for each of them.
bool rereadsFarA(const ContractionLoops &loops, int64_t width, const CpuTarget &target) {
  if (!copiesPay(target) || !loops.m || !loops.k || !loops.n || loops.batch != 1)
    return false;
  return *loops.m * *loops.k * loops.inputBits / 8 >= kFarA && *loops.n > kRereadTiles * width;
}

// Blocks of A's rows, in L2, meet all columns of a piece of work, block of steps after block where
// unfinished sums can wait in the result.
void keepRows(ContractionSchedule &schedule, const ContractionLoops &loops, int64_t width) {
  schedule.split = GridOrder::Rows;
  schedule.b = loops.bPanels ? OperandForm::Panels : OperandForm::Pack;
  schedule.rowTiles = kRowTiles;
  schedule.reduceBlock = 0;
  if (loops.bPanels && loops.panelWidth == width) { // panels come from beyond L2 as fast as needed
    int64_t bytes = *loops.k * loops.inputBits / 8 * schedule.rows;
    schedule.rowTiles = std::clamp<int64_t>(kNearRows / bytes, kLeastNearTiles, kRowTiles);
    return;
  }
  if (!loops.partialAvailable || !loops.oneReduction)
    return;
  int64_t parts = (*loops.k + kFarSteps - 1) / kFarSteps;
  schedule.b = OperandForm::Pack;
  schedule.rowTiles = kBlockedTiles;
  schedule.reduceBlock = ((*loops.k + parts - 1) / parts + 15) / 16 * 16;
}

ContractionSchedule tallSchedule(const ContractionLoops &loops, const CpuTarget &target) {
  ContractionSchedule schedule;
  TileShape tile = tileFor(loops, target);
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.depth = depthFor(loops, target);
  schedule.b = formOfB(loops);
  // With few columns the rows must feed the threads.
  int64_t width = tile.vectors * target.vectorBits / loops.accumulatorBits;
  schedule.rowTiles = loops.n && *loops.n <= 4 * width ? 4 : kRowTiles;
  schedule.split = splitOf(loops, width);
  if (schedule.depth == 1 && !loops.bPairs && rereadsFarA(loops, width, target)) {
    keepRows(schedule, loops, width);
    return schedule;
  }
  bool longReduction = !loops.k || *loops.k > kDirectRows;
  if (schedule.b == OperandForm::Direct && longReduction && loops.partialAvailable)
    schedule.reduceBlock = kDirectRows;
  bool manyTimes = loops.n && *loops.n > kPanelWidth && isTall(loops) && schedule.depth == 1;
  bool beyondL2 = !loops.k || *loops.k > kLongSteps;
  if (schedule.b == OperandForm::Direct && manyTimes && beyondL2) {
    bool again = loops.aRowsInside && loops.oneReduction && schedule.reduceBlock &&
                 *loops.n > kRereadTiles * width;
    if (again || (loops.k && loops.m)) { // a phase needs room for all of B
      schedule.b = OperandForm::Pack;
      schedule.split = GridOrder::Rows;
      schedule.rowTiles = again ? blockedTiles(schedule, loops) : kLongTiles;
      schedule.reduceBlock = again ? kLongBlock : 0;
      return schedule;
    }
  }
  // Along rows a piece of work would have several tiles of columns.
  if (schedule.reduceBlock && schedule.split == GridOrder::Rows)
    schedule.split = GridOrder::BySize;
  // In any other order a phase packs all of B before.
  if (schedule.b == OperandForm::Pack && schedule.split == GridOrder::Columns)
    schedule.split = GridOrder::BySize;
  packColumns(schedule, loops, target);
  return schedule;
}

// Lanes along the rows, where columns would leave many empty: all columns, beside as many vectors
// of rows as fit.
std::optional<ContractionSchedule> rowLanesSchedule(const ContractionLoops &loops,
                                                    const CpuTarget &target) {
  int64_t lanes = target.lanes(loops.accumulatorBits), registers = target.vectorRegisters;
  if (!canLaneRows(loops) || depthFor(loops, target) > 1 || !loops.m)
    return std::nullopt;
  int64_t n = *loops.n, filled = (n + lanes - 1) / lanes * lanes;
  bool few = loops.k && *loops.k < kTurnedSteps;
  if (few || n % lanes == 0 || n > registers - 2 || n > kFilledLanes * filled)
    return std::nullopt;
  // NEON's multiply takes elements of B out of registers, which LLVM loads ahead.
  int64_t held = target.isa & kIsaNeon ? n : 1;
  int64_t vectors = std::min<int64_t>((registers - held) / (n + 1), kMostRowVectors);
  vectors = std::min(vectors, *loops.m / lanes);
  if (vectors < 1)
    return std::nullopt;
  ContractionSchedule schedule;
  schedule.rows = vectors * lanes;
  schedule.columns = n;
  schedule.vectors = filled / lanes;
  schedule.rowTiles = 4;
  schedule.split = GridOrder::Rows;
  schedule.b = OperandForm::Direct;
  return schedule;
}

// With few registers a step of a tile is few multiplications for the lines that it reads, as long
// as those come from beyond L1: blocks of both operands are copied then.
std::optional<ContractionSchedule> copiedSchedule(const ContractionLoops &loops,
                                                  const CpuTarget &target) {
  bool few = copiesPay(target);
  auto pays = [](std::optional<int64_t> others) { return !others || *others >= kCopiedReads; };
  if (!few || !canCopyBlocks(loops) || loops.inputBits != loops.accumulatorBits || !pays(loops.m) ||
      !pays(loops.n) || staysInPlace(loops))
    return std::nullopt;
  TileShape tile = tileFor(loops, target);
  ContractionSchedule schedule;
  schedule.rows = tile.rows;
  schedule.vectors = tile.vectors;
  schedule.split = GridOrder::Rows;
  schedule.a = schedule.b = OperandForm::Pack;
  schedule.reduceBlock = std::min(kCopiedSteps, loops.k.value_or(kCopiedSteps));
  schedule.rowTiles = kCopiedTiles;
  while (schedule.rowTiles > 1 && copiedBlockBytes(schedule, loops, target) > kCopiedRowBytes)
    --schedule.rowTiles;
  if (!loops.m)
    return schedule;
  // Pieces of equal height: a low one copies columns for few rows.
  auto ceilDiv = [](int64_t x, int64_t y) { return (x + y - 1) / y; };
  int64_t tiles = ceilDiv(*loops.m, schedule.rows);
  schedule.rowTiles = ceilDiv(tiles, ceilDiv(tiles, schedule.rowTiles));
  return schedule;
}

// Lanes along the reduction, and the rows of a result from which on that pays.
struct ReductionLanes {
  ContractionSchedule schedule;
  int64_t leastM;
};

// Columns of the result in as few parts as leave room for two rows.
void cutColumns(ContractionSchedule &schedule, const ContractionLoops &loops,
                const CpuTarget &target) {
  int64_t lanes = target.lanes(loops.accumulatorBits);
  for (int64_t parts = (*loops.n + lanes - 1) / lanes; parts <= kMostParts; ++parts) {
    schedule.columns = (*loops.n + parts - 1) / parts;
    schedule.rows = 1;
    while (schedule.rows < kMostLaneRows &&
           holdsReductionLanes(schedule.rows + 1, schedule.columns, target))
      ++schedule.rows;
    if (schedule.rows > 1)
      return;
  }
}

// What a row of the result costs either way, in multiplications of a register, decides.
std::optional<ReductionLanes> reductionLanesSchedule(const ContractionLoops &loops,
                                                     const CpuTarget &target) {
  if (!canLaneReduction(loops) || (!loops.k && !loops.bReduceInside))
    return std::nullopt;
  ContractionSchedule schedule;
  int64_t lanes = target.lanes(loops.accumulatorBits), n = *loops.n, rest = n % lanes;
  schedule.depth = depthFor(loops, target);
  int64_t steps = loops.k.value_or(kLongSteps) / schedule.depth;
  bool half = target.vectorBits == 512 && schedule.depth == 1 && rest && rest <= lanes / 2;
  double vectors = double(n / lanes) + (rest == 0 ? 0 : half ? 0.5 : 1);
  double across = (n <= lanes ? kNarrowStep : kWideStep) * vectors * steps;
  double along = n * (double((steps + lanes - 1) / lanes) + kSummingUp);
  double turning = loops.bReduceInside ? 0 : kTurningRow * ((n + lanes - 1) / lanes) * steps;
  if (along > kFilledLanes * across)
    return std::nullopt;
  schedule.vectors = (n + lanes - 1) / lanes;
  schedule.lanes = TileLanes::Reduction;
  schedule.b = loops.bReduceInside ? OperandForm::Direct : OperandForm::Pack;
  schedule.split = GridOrder::Rows;
  cutColumns(schedule, loops, target);
  schedule.rowTiles = std::max<int64_t>(kLaneRowBlock / schedule.rows, 1);
  auto bytes = packedBlockBytes(schedule, loops, target);
  if (!holdsReductionLanes(schedule.rows, schedule.columns, target) ||
      (schedule.packsBlocks() && (!bytes || *bytes > kPackedBlock)))
    return std::nullopt;
  return ReductionLanes{schedule, int64_t(2 * turning / (across - along)) + 1};
}

// One row: several panels at once, so that enough loads and additions are in flight.
ContractionSchedule flatSchedule(const ContractionLoops &loops, const CpuTarget &target) {
  ContractionSchedule schedule;
  int64_t lanes = target.vectorBits / loops.accumulatorBits;
  int64_t registers = target.vectorRegisters, most = registers >= 32 ? 8 : registers >= 16 ? 4 : 2;
  schedule.rows = kFlat;
  schedule.depth = depthFor(loops, target);
  schedule.vectors = loops.n ? std::clamp<int64_t>((*loops.n + lanes - 1) / lanes, 1, most) : most;
  schedule.rowTiles = 1;
  schedule.b = loops.bPanels     ? OperandForm::Panels
               : loops.bRowMajor ? OperandForm::Direct
                                 : OperandForm::Pack;
  schedule.split = flatOrder(schedule.b);
  return schedule;
}

// Few steps: rows of the result are written one after the other.
ContractionSchedule outerSchedule(const ContractionLoops &loops, const CpuTarget &target) {
  ContractionSchedule schedule = tallSchedule(loops, target);
  schedule.rows = schedule.rowTiles = 1;
  schedule.depth = 1;
  schedule.split = GridOrder::Rows;
  schedule.b = loops.bPanels ? OperandForm::Panels : OperandForm::Direct;
  schedule.reduceBlock = 0;
  if (loops.readOn && resultBytes(loops) >= kOutgrown)
    schedule.storeAround = kOutgrown;
  return schedule;
}

// A large result of so few steps that it is bound by being written.
bool isOuter(const ContractionLoops &loops, int64_t steps) {
  bool large = loops.m && loops.n && *loops.m * *loops.n >= kOuterSize;
  return large && loops.bRowMajor && steps <= kOuterSteps;
}

} // namespace

int64_t dlc::codegen::cpu::resultBytes(const ContractionLoops &loops) {
  return loops.m && loops.n ? *loops.m * *loops.n * loops.accumulatorBits / 8 : 0;
}

bool dlc::codegen::cpu::canLaneReduction(const ContractionLoops &loops) {
  bool inside = loops.aReduceInside && loops.oneReduction && loops.batch == 1;
  return inside && loops.n && *loops.n >= 1 && *loops.n <= kPanelWidth &&
         loops.accumulatorBits >= 32;
}

// Columns stay in registers while more than one row meets them, else the row does.
bool dlc::codegen::cpu::holdsReductionLanes(int64_t rows, int64_t columns,
                                            const CpuTarget &target) {
  int64_t room = target.vectorRegisters - 1 - (rows == 1 ? 1 : columns);
  return columns <= room && rows <= room / columns;
}

bool dlc::codegen::cpu::canLaneRows(const ContractionLoops &loops) {
  return loops.aRowsInside && !loops.bPanels && loops.batch == 1 && loops.n && *loops.n >= 1;
}

bool dlc::codegen::cpu::canCopyBlocks(const ContractionLoops &loops) {
  return loops.aRowsInside && loops.bRowMajor && !loops.bPanels && loops.batch == 1 &&
         loops.oneReduction && loops.partialAvailable;
}

int64_t dlc::codegen::cpu::copiedBlockBytes(const ContractionSchedule &schedule,
                                            const ContractionLoops &loops,
                                            const CpuTarget &target) {
  int64_t bytes = loops.inputBits / 8, lanes = target.lanes(loops.inputBits);
  int64_t panel = copiedPanel({loops.k, loops.k}, blocksSchedule(schedule), lanes);
  return std::max(schedule.rowTiles * panel,
                  schedule.reduceBlock * schedule.vectors * target.lanes(loops.accumulatorBits)) *
         bytes;
}

GridOrder dlc::codegen::cpu::flatOrder(OperandForm b) {
  return b == OperandForm::Pack ? GridOrder::Rows : GridOrder::Columns;
}

std::optional<int64_t> dlc::codegen::cpu::packedBlockBytes(const ContractionSchedule &schedule,
                                                           const ContractionLoops &loops,
                                                           const CpuTarget &target) {
  std::optional<int64_t> rows = schedule.reduceBlock ? schedule.reduceBlock : loops.k;
  if (!rows)
    return std::nullopt;
  if (schedule.lanes == TileLanes::Reduction)
    return *loops.n * packedColumn(*rows, loops.inputBits / 8) * loops.inputBits / 8;
  int64_t width = schedule.vectors * target.lanes(loops.accumulatorBits);
  int64_t whole = (*rows + schedule.depth - 1) / schedule.depth * schedule.depth;
  return whole * width * loops.inputBits / 8;
}

llvm::SmallVector<GuardedContraction>
dlc::codegen::cpu::chooseContraction(const ContractionLoops &loops, const CpuTarget &target) {
  auto along = reductionLanesSchedule(loops, target);
  if (along && loops.m.value_or(std::max<int64_t>(loops.leastM, 1)) >= along->leastM)
    return {{std::nullopt, along->schedule}};
  ContractionSchedule flat = flatSchedule(loops, target);
  if (loops.m && *loops.m <= kFlat)
    return {{std::nullopt, flat, true}};
  if (loops.k && isOuter(loops, *loops.k))
    return {{std::nullopt, outerSchedule(loops, target)}};
  if (auto turned = rowLanesSchedule(loops, target))
    return {{std::nullopt, *turned}};
  auto copied = copiedSchedule(loops, target);
  ContractionSchedule tall = copied ? *copied : tallSchedule(loops, target);
  if (along && !loops.m)
    return {{along->leastM - 1, tall}, {std::nullopt, along->schedule}};
  if (!loops.k && loops.leastK <= 1 && isOuter(loops, loops.leastK))
    return {{std::nullopt, outerSchedule(loops, target), false, kOuterSteps}, {std::nullopt, tall}};
  // Where B must be packed first, that is most of the time: 3.4 % of the peak with either tile.
  if (loops.m || flat.b == OperandForm::Pack)
    return {{std::nullopt, tall}};
  llvm::SmallVector<GuardedContraction> choices;
  bool same = flat.vectors <= tall.vectors && flat.b == tall.b; // a row of the tall tile
  if (loops.leastM <= kFlat && !same)
    choices.push_back({kFlat, flat, true});
  // Few rows read the columns where they lie, where many read copies.
  int64_t least = loops.bPanels ? kPanelRows : kCrowdedRows - 1;
  if (tall.b == OperandForm::Pack && copiesPay(target) && loops.leastM <= least) {
    ContractionLoops few = loops;
    few.m = least;
    ContractionSchedule low = tallSchedule(few, target);
    if (low.b != OperandForm::Pack)
      choices.push_back({least, low});
  }
  // Few rows read rows of B where they lie, where many pay for packing columns.
  ContractionLoops many = loops;
  many.leastM = std::max(loops.leastM, kCopiedRows);
  ContractionSchedule high = copied ? tall : tallSchedule(many, target);
  bool packs = high.b == OperandForm::Pack && tall.b != OperandForm::Pack;
  if (packs && loops.leastM < kCopiedRows)
    choices.push_back({kCopiedRows - 1, tall});
  choices.push_back({std::nullopt, packs ? high : tall});
  return choices;
}
