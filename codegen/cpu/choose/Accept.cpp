#include "codegen/cpu/choose/Accept.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

constexpr int64_t kMostParts = 4; // of columns, beside lanes along the reduction: each is code
constexpr int64_t kMostUnrolledRows = 256; // of a filter gradient across taps: each one is code
constexpr int64_t kMostPixelParts = 64; // of a filter gradient: adding each is code

int64_t depthOf(DenseI64ArrayAttr tile) { return tile.size() > 2 ? tile[2] : 1; }

/// Pairs of bf16, where the machine multiplies them.
LogicalResult acceptDepth(int64_t depth, bool bf16, const CpuTarget &target, EmitError error) {
  if (depth == 1)
    return success();
  if (depth != 2)
    return error() << "a tile is " << depth << " deep; 1 and 2 are known";
  if (!bf16)
    return error() << "a tile that is 2 deep multiplies pairs of bf16, which the operands are not";
  if (!hasPairs(target))
    return error() << target.name
                   << " does not multiply bf16 in pairs, as a tile that is 2 deep does";
  return success();
}

/// Whole vectors, and registers for the accumulators, a vector of B per column and a broadcast; for
/// pairs also for a second row of B and the permutation that interleaves the two.
LogicalResult acceptTile(DenseI64ArrayAttr tile, int64_t accumulatorBits, bool bf16,
                         const CpuTarget &target, EmitError error) {
  int64_t rows = tile[0], columns = tile[1], lanes = target.lanes(accumulatorBits);
  if (failed(acceptDepth(depthOf(tile), bf16, target, error)))
    return failure();
  if (columns % lanes)
    return error() << "a tile of " << columns << " columns is not made of whole vectors of "
                   << lanes << " on " << target.name;
  // Divided rather than multiplied: the numbers may be anything.
  int64_t vectors = columns / lanes, pairing = depthOf(tile) > 1 ? 2 : 0;
  int64_t room = target.vectorRegisters - vectors - 1 - pairing;
  if (room >= vectors && rows <= room / vectors)
    return success();
  InFlightDiagnostic diagnostic = error();
  diagnostic << "a tile of " << rows << " x " << columns << " needs more than the "
             << target.vectorRegisters << " vector registers of " << target.name << ": " << rows
             << " x " << vectors << " for sums, " << vectors
             << " for columns of B, 1 for an element of A";
  if (pairing)
    diagnostic << ", " << pairing << " to interleave rows of B";
  return diagnostic;
}

/// Whole columns of B, or blocks of them, must fit the place that a thread has for them.
LogicalResult acceptBlocks(const ContractionSchedule &schedule, const ContractionLoops &loops,
                           const CpuTarget &target, EmitError error) {
  if (!schedule.packsBlocks())
    return success();
  if (schedule.reduceBlock && !loops.oneReduction)
    return error() << "B cannot be packed in blocks of a reduction that goes over several strides";
  if (schedule.reduceBlock % schedule.depth)
    return error() << "a reduce_block of " << schedule.reduceBlock << " cuts a pair of bf16 in two";
  std::optional<int64_t> bytes = packedBlockBytes(schedule, loops, target);
  if (!bytes)
    return error() << "B, whose rows are not known, is packed column by column only in blocks "
                      "(reduce_block) or in a phase of its own (split = m)";
  if (*bytes > kPackedBlock)
    return error() << "packed columns of " << *bytes << " bytes are more than the " << kPackedBlock
                   << " that a thread has for them";
  return success();
}

LogicalResult acceptForm(OperandForm form, bool panels, StringRef what, EmitError error) {
  if (panels && form != OperandForm::Panels)
    return error() << what << " is stored in panels and cannot be read as "
                   << stringifyOperandForm(form);
  if (!panels && form == OperandForm::Panels)
    return error() << what << " is not stored in panels";
  return success();
}

int64_t columnsOf(const ContractionSchedule &chosen, int64_t lanes) {
  return chosen.columns ? chosen.columns : chosen.vectors * lanes;
}
int64_t columnsOf(const ConvSchedule &chosen, int64_t lanes) { return chosen.vectors * lanes; }

/// Of a schedule of a contraction or convolution.
template <typename Schedule>
DenseI64ArrayAttr tileAttr(MLIRContext *context, const Schedule &chosen, int64_t bits,
                           const CpuTarget &target) {
  SmallVector<int64_t> tile{chosen.rows, columnsOf(chosen, target.lanes(bits))};
  if (chosen.depth > 1)
    tile.push_back(chosen.depth);
  return DenseI64ArrayAttr::get(context, tile);
}

/// A tile of whole vectors of rows and of all columns.
FailureOr<ContractionSchedule> acceptRowLanes(GemmScheduleAttr given, const ContractionLoops &loops,
                                              const CpuTarget &target, EmitError error) {
  int64_t rows = given.getRows(), columns = given.getColumns();
  int64_t lanes = target.lanes(loops.accumulatorBits), vectors = rows / lanes;
  if (!canLaneRows(loops) || given.getB() != OperandForm::Direct || given.getReduceBlock())
    return error() << "lanes along the rows need rows of A that lie side by side, no batch, and a "
                      "B that is read as it lies";
  if (columns != *loops.n)
    return error() << "a tile of " << columns << " columns with lanes along the rows has not the "
                   << *loops.n << " that there are";
  if (depthOf(given.getTile()) > 1)
    return error() << "lanes along the rows take a depth of 1";
  if (vectors + 1 >= target.vectorRegisters ||
      columns > (target.vectorRegisters - vectors - 1) / vectors)
    return error() << "a tile of " << rows << " x " << columns << " with lanes along the rows "
                   << "needs more than the " << target.vectorRegisters << " vector registers of "
                   << target.name;
  ContractionSchedule schedule;
  schedule.rows = rows;
  schedule.columns = columns;
  schedule.vectors = (columns + lanes - 1) / lanes;
  schedule.rowTiles = given.getRowTiles();
  schedule.split = given.getSplit();
  return schedule;
}

/// A tile of any number of columns, a register for each sum, and all columns in few parts.
FailureOr<ContractionSchedule> acceptReductionLanes(GemmScheduleAttr given,
                                                    const ContractionLoops &loops,
                                                    const CpuTarget &target, EmitError error) {
  int64_t rows = given.getRows(), columns = given.getColumns(), depth = depthOf(given.getTile());
  int64_t lanes = target.lanes(loops.accumulatorBits);
  if (!canLaneReduction(loops) || given.getReduceBlock())
    return error() << "lanes along the reduction need one that lies side by side in A, no batch, "
                   << "at most " << kPanelWidth << " columns and no reduce_block";
  bool direct = given.getB() == OperandForm::Direct && loops.bReduceInside && !loops.bPanels;
  bool packed = given.getB() == OperandForm::Pack && loops.k && !loops.bReduceInside;
  if (!direct && !packed)
    return error() << "lanes along the reduction read B direct where that lies side by side there, "
                      "else they pack it, and then its rows must be known";
  if (columns > *loops.n || columns > lanes || (*loops.n + columns - 1) / columns > kMostParts)
    return error() << "a tile of " << columns << " columns with lanes along the reduction, of "
                   << *loops.n << " that there are, is not one of at most " << kMostParts
                   << " parts of up to " << lanes << " columns";
  if (failed(acceptDepth(depth, loops.bf16, target, error)))
    return failure();
  if (!holdsReductionLanes(rows, columns, target))
    return error() << "a tile of " << rows << " x " << columns << " registers along the reduction "
                   << "needs more than the " << target.vectorRegisters << " of " << target.name;
  ContractionSchedule schedule;
  schedule.rows = rows;
  schedule.columns = columns;
  schedule.vectors = (*loops.n + lanes - 1) / lanes;
  schedule.depth = depth;
  schedule.rowTiles = given.getRowTiles();
  schedule.split = given.getSplit();
  schedule.b = given.getB();
  schedule.lanes = TileLanes::Reduction;
  if (failed(acceptBlocks(schedule, loops, target, error)))
    return failure();
  return schedule;
}

/// Copies of A's rows, which come with copies of B's columns.
LogicalResult acceptCopiedRows(const ContractionSchedule &schedule, const ContractionLoops &loops,
                               const CpuTarget &target, EmitError error) {
  if (schedule.a == OperandForm::Direct)
    return success();
  if (schedule.a != OperandForm::Pack || schedule.b != OperandForm::Pack || !schedule.reduceBlock ||
      schedule.depth > 1)
    return error()
           << "A is read as it lies, or copied in blocks: with b = pack, a reduce_block and a "
              "depth of 1";
  if (!canCopyBlocks(loops))
    return error() << "A is copied where its rows lie side by side, as columns of B do, with no "
                      "batch and a reduction of one run";
  int64_t bytes = copiedBlockBytes(schedule, loops, target);
  if (bytes > kCopiedRowBytes)
    return error() << "a copied block of " << bytes << " bytes is more than the " << kCopiedRowBytes
                   << " that a thread has for it";
  return success();
}

FailureOr<ContractionSchedule> acceptGemm(GemmScheduleAttr given, const ContractionLoops &loops,
                                          const CpuTarget &target, EmitError error) {
  int64_t lanes = target.lanes(loops.accumulatorBits);
  if (given.getLanes() == TileLanes::Reduction)
    return acceptReductionLanes(given, loops, target, error);
  if (given.getColumns() % lanes && given.getRows() % lanes == 0)
    return acceptRowLanes(given, loops, target, error);
  // Panels may be copied as anything else may; pairs are what a copy would be made for.
  bool copies = given.getB() == OperandForm::Pack && !loops.bPairs &&
                (given.getSplit() == GridOrder::Columns || given.getReduceBlock());
  if (failed(acceptTile(given.getTile(), loops.accumulatorBits, loops.bf16, target, error)) ||
      failed(acceptForm(given.getB(), loops.bPanels && !copies, "B", error)))
    return failure();
  if (loops.bPairs && given.getReduceBlock() % 2)
    return error() << "a reduce_block of " << given.getReduceBlock()
                   << " cuts a pair of bf16 in two";
  ContractionSchedule schedule;
  schedule.rows = given.getRows();
  schedule.depth = depthOf(given.getTile());
  schedule.vectors = given.getColumns() / target.lanes(loops.accumulatorBits);
  schedule.rowTiles = given.getRowTiles();
  schedule.split = given.getSplit();
  schedule.b = given.getB();
  schedule.reduceBlock = given.getReduceBlock();
  schedule.a = given.getA();
  schedule.storeAround = given.getStoreAround();
  bool waits = holdsWaiting(schedule, target.lanes(loops.accumulatorBits), loops.accumulatorBits);
  if (schedule.reduceBlock && !loops.partialAvailable && !waits)
    return error() << "reduce_block needs a result of the accumulator's type, where unfinished "
                      "sums can wait, or b = pack and few row_tiles along one tile of columns";
  if (failed(acceptBlocks(schedule, loops, target, error)) ||
      failed(acceptCopiedRows(schedule, loops, target, error)))
    return failure();
  return schedule;
}

/// Tiles of lines: their ends must be known, and each kind of tile is code.
LogicalResult acceptLines(int64_t rows, const ConvLoops &loops, EmitError error) {
  if (loops.depthwise)
    return error() << "pixels of a depthwise convolution are read as flat, not by lines";
  if (!loops.line)
    return error() << "tiles by lines need lines, windows and padding of known size, and of an "
                      "input gradient an innermost stride of 1";
  int64_t runs = numberOfRuns(lineStretches(*loops.line, rows));
  if (runs > kMostLineRuns)
    return error() << "tiles of " << rows << " pixels see a line of " << loops.line->pixels
                   << " in " << runs << " ways, more than " << kMostLineRuns;
  return success();
}

/// Lanes along the reduction: a register for each element of the tile.
LogicalResult acceptReduction(ConvScheduleAttr given, const ConvLoops &loops,
                              const CpuTarget &target, EmitError error) {
  if (!canReduceLanes(loops) || given.getFilter() != OperandForm::Direct)
    return error() << "lanes along the reduction need a filter that is contiguous there: direct, "
                      "of an input gradient or with one output channel";
  if (!columnsOf(loops) || depthOf(given.getTile()) > 1)
    return error() << "lanes along the reduction take a known number of columns and a depth of 1";
  int64_t rows = given.getRows(), columns = given.getColumns();
  if (columns > target.lanes(loops.accumulatorBits))
    return error() << "a tile of " << columns << " columns has more than the "
                   << target.lanes(loops.accumulatorBits) << " lanes of its result";
  if (rows <= (target.vectorRegisters - columns - 1) / columns)
    return success();
  return error() << "a tile of " << rows << " x " << columns << " registers along the reduction "
                 << "needs more than the " << target.vectorRegisters << " of " << target.name;
}

FailureOr<ConvSchedule> acceptPixels(ConvScheduleAttr given, const ConvLoops &loops,
                                     const CpuTarget &target, EmitError error) {
  bool along = given.getLanes() == TileLanes::Reduction;
  if (failed(along
                 ? acceptReduction(given, loops, target, error)
                 : acceptTile(given.getTile(), loops.accumulatorBits, loops.bf16, target, error)) ||
      failed(acceptForm(given.getFilter(), loops.filterPanels, "the filter", error)))
    return failure();
  if (given.getPixels() == TilePixels::Lines && failed(acceptLines(given.getRows(), loops, error)))
    return failure();
  if (loops.depthwise && given.getFilter() != OperandForm::Direct)
    return error() << "the filter of a depthwise convolution is read as direct, not "
                   << stringifyOperandForm(given.getFilter());
  ConvSchedule schedule;
  schedule.rows = given.getRows();
  schedule.depth = depthOf(given.getTile());
  schedule.vectors = given.getColumns() / (along ? 1 : target.lanes(loops.accumulatorBits));
  schedule.rowTiles = given.getRowTiles();
  schedule.filter = given.getFilter();
  schedule.pixels = given.getPixels();
  schedule.lanes = given.getLanes();
  schedule.copiesColumns = narrowsPanels(schedule, loops, target);
  return schedule;
}

/// Blocks of both operands of a filter gradient must fit the place that a thread has for each.
LogicalResult acceptCopies(ConvFilterGradScheduleAttr given, const ConvLoops &loops,
                           const CpuTarget &target, EmitError error) {
  if (!loops.filterRows || !loops.taps || !given.getPixelBlock())
    return error() << "blocks of x and dy are copied where windows and the sizes of their rows are "
                      "known, and with a pixel_block";
  ConvSchedule schedule;
  schedule.rows = given.getRows();
  schedule.vectors = given.getColumns() / target.lanes(loops.accumulatorBits);
  schedule.rowTiles = given.getRowTiles();
  schedule.pixelBlock = given.getPixelBlock();
  int64_t most =
      std::max(copiedBytesOfX(schedule, loops, target), copiedBytesOfDy(schedule, loops, target));
  if (most > kPackedBlock)
    return error() << "a copied block of " << most << " bytes is more than the " << kPackedBlock
                   << " that a thread has for it";
  return success();
}

/// The same for blocks of dy that are packed in pairs.
LogicalResult acceptPairs(ConvFilterGradScheduleAttr given, const ConvLoops &loops,
                          const CpuTarget &target, EmitError error) {
  if (!canPackPairs(loops) || !given.getPixelBlock())
    return error() << "the gradient of the result is packed in pairs of its lines' pixels, whose "
                      "number must be known and even, and with a pixel_block";
  if (given.getPixelBlock() % 2)
    return error() << "a pixel_block of " << given.getPixelBlock()
                   << " cuts a pair of bf16 in two";
  int64_t bytes = packedPairBytes(*loops.filterRows, given.getPixelBlock(), given.getColumns());
  if (bytes > kPackedBlock)
    return error() << "a packed block of " << bytes << " bytes is more than the " << kPackedBlock
                   << " that a thread has for it";
  return success();
}

/// How a filter gradient reads the gradient of the result.
LogicalResult acceptGradient(ConvFilterGradScheduleAttr given, const ConvLoops &loops,
                             const CpuTarget &target, EmitError error) {
  if (given.getDy() == OperandForm::Direct)
    return success();
  if (given.getDy() == OperandForm::Panels)
    return error() << "the gradient of the result is not stored in panels";
  if (loops.depthwise || given.getTaps() == TileTaps::Several)
    return error() << "the gradient of the result is packed for tiles of one tap";
  if (depthOf(given.getTile()) == 1)
    return acceptCopies(given, loops, target, error);
  return acceptPairs(given, loops, target, error);
}

FailureOr<ConvSchedule> acceptFilterGrad(ConvFilterGradScheduleAttr given, const ConvLoops &loops,
                                         const CpuTarget &target, EmitError error) {
  if (failed(acceptTile(given.getTile(), loops.accumulatorBits, loops.bf16, target, error)))
    return failure();
  if (given.getPixelBlock() && !loops.partialAvailable)
    return error() << "pixel_block needs a result of the accumulator's type, where unfinished "
                      "sums can wait";
  if (failed(acceptGradient(given, loops, target, error)))
    return failure();
  bool several = given.getTaps() == TileTaps::Several;
  if (loops.depthwise && !several)
    return error() << "tiles of a depthwise filter gradient lie in several taps";
  if (several) {
    std::optional<int64_t> channels = loops.depthwise ? 1 : loops.channels;
    if (!channels || !loops.innerWindow)
      return error() << "tiles in several taps need channels and a window of known size";
    if (*channels > kMostUnrolledRows / std::max<int64_t>(*loops.innerWindow, 1))
      return error() << "tiles in several taps are unrolled over " << *channels << " x "
                     << *loops.innerWindow << " rows, more than " << kMostUnrolledRows;
  }
  if (given.getParts() > 1 && (loops.depthwise || !several))
    return error() << "pixels are cut into parts for tiles in several taps of a filter that is not "
                      "depthwise";
  if (given.getParts() > kMostPixelParts)
    return error() << "the sums of " << given.getParts() << " parts are added in unrolled code, of "
                   << kMostPixelParts << " at most";
  ConvSchedule schedule;
  schedule.parts = given.getParts();
  schedule.rows = given.getRows();
  schedule.depth = depthOf(given.getTile());
  schedule.vectors = given.getColumns() / target.lanes(loops.accumulatorBits);
  schedule.rowTiles = given.getRowTiles();
  schedule.pixelBlock = given.getPixelBlock();
  schedule.rowsAcrossTaps = several;
  schedule.dy = given.getDy();
  return schedule;
}

FailureOr<ConvSchedule> acceptLoops(Attribute given, const ConvLoops &loops,
                                    const CpuTarget &target, EmitError error) {
  if (loops.kind == ConvKind::FilterGrad) {
    if (auto schedule = dyn_cast<ConvFilterGradScheduleAttr>(given))
      return acceptFilterGrad(schedule, loops, target, error);
    return error() << "a filter gradient takes #dlc.conv_filter_grad, not " << given;
  }
  if (auto schedule = dyn_cast<ConvScheduleAttr>(given))
    return acceptPixels(schedule, loops, target, error);
  return error() << "a convolution takes #dlc.conv, not " << given;
}

} // namespace

FailureOr<ContractionSchedule> acceptContraction(Attribute given, const ContractionLoops &loops,
                                                 const CpuTarget &target, EmitError error) {
  if (auto gemm = dyn_cast<GemmScheduleAttr>(given))
    return acceptGemm(gemm, loops, target, error);
  auto gemv = dyn_cast<GemvScheduleAttr>(given);
  if (!gemv)
    return error() << "a contraction takes #dlc.gemm or #dlc.gemv, not " << given;
  if (failed(acceptTile(gemv.getTile(), loops.accumulatorBits, loops.bf16, target, error)) ||
      failed(acceptForm(gemv.getB(), loops.bPanels, "B", error)))
    return failure();
  ContractionSchedule schedule;
  schedule.rows = gemv.getRows();
  schedule.depth = depthOf(gemv.getTile());
  schedule.vectors = gemv.getColumns() / target.lanes(loops.accumulatorBits);
  schedule.rowTiles = 1;
  schedule.b = gemv.getB();
  schedule.split = flatOrder(schedule.b);
  return schedule;
}

FailureOr<ConvSchedule> acceptConv(Attribute given, const ConvLoops &loops, const CpuTarget &target,
                                   EmitError error) {
  auto accepted = acceptLoops(given, loops, target, error);
  if (succeeded(accepted) && accepted->depth > 1 && loops.depthwise)
    return error() << "a depthwise convolution has no pairs to multiply";
  return accepted;
}

FailureOr<DepthwiseSchedule> acceptDepthwise(Attribute given, const DepthwiseLoops &loops,
                                             const CpuTarget &target, EmitError error) {
  auto attr = dyn_cast<DepthwiseScheduleAttr>(given);
  if (!attr)
    return error() << "a stencil takes #dlc.depthwise, not " << given;
  if (!chooseDepthwise(loops, target))
    return error() << "this depthwise convolution is no stencil of one or two known dimensions; it "
                      "takes #dlc.conv or #dlc.conv_filter_grad";
  int64_t rows = attr.getRows(), columns = attr.getColumns();
  if (columns > target.vectorRegisters || heldRows(loops, rows) > target.vectorRegisters / columns)
    return error() << "a tile of " << rows << " x " << columns << " pixels needs more than the "
                   << target.vectorRegisters << " vector registers of " << target.name;
  if (rows > kMostUnrolledTaps / (columns * tapsOf(loops)))
    return error() << "a tile of " << rows << " x " << columns << " pixels, each of "
                   << tapsOf(loops) << " taps, is more than " << kMostUnrolledTaps
                   << " multiplications of code";
  int64_t rowStride = loops.dims.size() == 2 ? loops.dims.front().stride : 1;
  bool whole = columns % loops.dims.back().stride == 0 && rows % rowStride == 0;
  if (loops.kind == ConvKind::InputGrad && !whole)
    return error() << "a tile of " << rows << " x " << columns
                   << " pixels of an input gradient is not made of whole strides";
  if (attr.getRowTurn() && !loops.partialAvailable)
    return error() << "row_turn needs a result of the accumulator's type, where unfinished sums "
                      "can wait";
  DepthwiseSchedule schedule;
  schedule.rows = rows;
  schedule.columns = columns;
  schedule.rowBlock = attr.getRowBlock();
  schedule.vectors = attr.getVectors();
  schedule.channelsInside = attr.getChannels() == ChannelOrder::Inside;
  schedule.tapRows = attr.getTapRows();
  schedule.rowTurn = attr.getRowTurn();
  return schedule;
}

FailureOr<StreamSchedule> acceptStream(Attribute given, const CpuTarget &target, EmitError error) {
  auto stream = dyn_cast<StreamScheduleAttr>(given);
  if (!stream)
    return error() << "a kernel without contraction or convolution takes #dlc.stream, not "
                   << given;
  const std::pair<StringRef, int64_t> unrolled[] = {{"map_unroll", stream.getMapUnroll()},
                                                    {"reduce_unroll", stream.getReduceUnroll()},
                                                    {"column_vectors", stream.getColumnVectors()}};
  for (auto [what, vectors] : unrolled)
    if (vectors > target.vectorRegisters)
      return error() << what << " is " << vectors << ", more than the " << target.vectorRegisters
                     << " vector registers of " << target.name;
  StreamSchedule schedule;
  schedule.tileBytes = stream.getTileBytes();
  schedule.mapUnroll = stream.getMapUnroll();
  schedule.reduceUnroll = stream.getReduceUnroll();
  schedule.chunkRows = stream.getChunkRows();
  schedule.chunkElements = stream.getChunkElements();
  schedule.columnVectors = stream.getColumnVectors();
  schedule.storeAround = stream.getStoreAround();
  return schedule;
}

LogicalResult acceptPacking(Attribute given, EmitError error) {
  if (isa<PackScheduleAttr>(given))
    return success();
  return error() << "a kernel that writes panels takes #dlc.pack, not " << given;
}

Attribute scheduleAttr(MLIRContext *context, const GuardedContraction &choice,
                       const ContractionLoops &loops, const CpuTarget &target) {
  const ContractionSchedule &chosen = choice.schedule;
  DenseI64ArrayAttr tile = tileAttr(context, chosen, loops.accumulatorBits, target);
  if (choice.flat)
    return GemvScheduleAttr::get(context, tile, chosen.b);
  return GemmScheduleAttr::get(context, tile, chosen.rowTiles, chosen.split, chosen.b,
                               chosen.reduceBlock, chosen.lanes, chosen.a, chosen.storeAround);
}

Attribute scheduleAttr(MLIRContext *context, const ConvSchedule &chosen, const ConvLoops &loops,
                       const CpuTarget &target) {
  DenseI64ArrayAttr tile = tileAttr(context, chosen, loops.accumulatorBits, target);
  if (chosen.lanes == TileLanes::Reduction)
    tile = DenseI64ArrayAttr::get(context, {chosen.rows, chosen.vectors});
  if (loops.kind == ConvKind::FilterGrad)
    return ConvFilterGradScheduleAttr::get(
        context, tile, chosen.rowTiles, chosen.pixelBlock,
        chosen.rowsAcrossTaps ? TileTaps::Several : TileTaps::One, chosen.dy, chosen.parts);
  return ConvScheduleAttr::get(context, tile, chosen.rowTiles, chosen.filter, chosen.pixels,
                               chosen.lanes);
}

Attribute scheduleAttr(MLIRContext *context, const DepthwiseSchedule &chosen) {
  return DepthwiseScheduleAttr::get(
      context, DenseI64ArrayAttr::get(context, {chosen.rows, chosen.columns}), chosen.rowBlock,
      chosen.vectors, chosen.channelsInside ? ChannelOrder::Inside : ChannelOrder::Outside,
      chosen.tapRows, chosen.rowTurn);
}

Attribute scheduleAttr(MLIRContext *context, const StreamSchedule &chosen) {
  return StreamScheduleAttr::get(context, chosen.tileBytes, chosen.mapUnroll, chosen.reduceUnroll,
                                 chosen.chunkRows, chosen.chunkElements, chosen.columnVectors,
                                 chosen.storeAround);
}

} // namespace dlc::codegen::cpu
