// What is wrong with a schedule whatever the machine, and the text form of guards.
#include "ir/Dlc.h"
#include "ir/symbols/SizeExpr.h"

using namespace mlir;
using namespace dlc::ir;

using EmitError = function_ref<InFlightDiagnostic()>;

static LogicalResult verifyTile(EmitError emitError, DenseI64ArrayAttr tile) {
  if (tile.size() != 2 || tile[0] < 1 || tile[1] < 1)
    return emitError() << "tile must be [rows, columns], both positive";
  return success();
}

// Of a matrix multiplication; depth 1 is not written.
static LogicalResult verifyMatrixTile(EmitError emitError, DenseI64ArrayAttr tile) {
  if (tile.size() == 3 && tile[0] >= 1 && tile[1] >= 1 && tile[2] > 1)
    return success();
  if (tile.size() == 3)
    return emitError() << "tile must be [rows, columns, depth], all positive, and depth more than 1";
  return verifyTile(emitError, tile);
}

static LogicalResult verifyAtLeast(EmitError emitError, StringRef what, int64_t value,
                                   int64_t least) {
  if (value < least)
    return emitError() << what << " is " << value << ", expected at least " << least;
  return success();
}

LogicalResult GemmScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                       int64_t rowTiles, GridOrder split, OperandForm,
                                       int64_t reduceBlock, TileLanes, OperandForm,
                                       int64_t storeAround) {
  if (failed(verifyMatrixTile(emitError, tile)) || // gemm_c1
      failed(verifyAtLeast(emitError, "row_tiles", rowTiles, 1)) || // gemm_c2
      failed(verifyAtLeast(emitError, "reduce_block", reduceBlock, 0)) || // gemm_c2
      failed(verifyAtLeast(emitError, "store_around", storeAround, 0))) // gemm_c3
    return failure();
  if (storeAround && (tile[0] != 1 || rowTiles != 1 || split != GridOrder::Rows)) // gemm_c3
    return emitError() << "store_around is for single rows, expected a tile of 1 row, row_tiles = 1 "
                          "and split = m";
  return success();
}

LogicalResult GemvScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile, OperandForm) {
  return verifyMatrixTile(emitError, tile); // gemv_c1
}

LogicalResult ConvScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                       int64_t rowTiles, OperandForm, TilePixels, TileLanes) {
  if (failed(verifyMatrixTile(emitError, tile))) // conv_schedule_c1
    return failure();
  return verifyAtLeast(emitError, "row_tiles", rowTiles, 1); // conv_schedule_c2
}

LogicalResult WinogradScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                           int64_t pixelTiles, int64_t channelBlock,
                                           int64_t columnTiles) {
  if (failed(verifyTile(emitError, tile)) || // winograd_c1
      failed(verifyAtLeast(emitError, "pixel_tiles", pixelTiles, 1)) || // winograd_c2
      failed(verifyAtLeast(emitError, "channel_block", channelBlock, 1))) // winograd_c2
    return failure();
  return verifyAtLeast(emitError, "column_tiles", columnTiles, 1); // winograd_c2
}

LogicalResult ConvFilterGradScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                                 int64_t rowTiles, int64_t pixelBlock, TileTaps,
                                                 OperandForm, int64_t parts) {
  if (failed(verifyMatrixTile(emitError, tile)) || // conv_filter_grad_schedule_c1
      failed(verifyAtLeast(emitError, "row_tiles", rowTiles, 1)) || // conv_filter_grad_schedule_c2
      failed(verifyAtLeast(emitError, "pixel_block", pixelBlock, 0))) // conv_filter_grad_schedule_c2
    return failure();
  return verifyAtLeast(emitError, "parts", parts, 1); // conv_filter_grad_schedule_c3
}

LogicalResult DepthwiseScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                            int64_t rowBlock, int64_t vectors, ChannelOrder,
                                            int64_t tapRows, int64_t rowTurn) {
  if (failed(verifyTile(emitError, tile)) || // depthwise_c1
      failed(verifyAtLeast(emitError, "row_block", rowBlock, 1)) ||
      failed(verifyAtLeast(emitError, "vectors", vectors, 1)) ||
      failed(verifyAtLeast(emitError, "tap_rows", tapRows, 1)) ||
      failed(verifyAtLeast(emitError, "row_turn", rowTurn, 0)))
    return failure(); // depthwise_c2
  if (rowBlock % tile[0])
    return emitError() << "row_block is " << rowBlock << ", expected a multiple of the tile's "
                       << tile[0] << " rows"; // depthwise_c2
  return success();
}

LogicalResult AttentionScheduleAttr::verify(EmitError emitError, DenseI64ArrayAttr tile,
                                            int64_t queries, int64_t keys) {
  if (failed(verifyTile(emitError, tile)) || // attention_schedule_c1
      failed(verifyAtLeast(emitError, "queries", queries, 1))) // attention_schedule_c2
    return failure();
  return verifyAtLeast(emitError, "keys", keys, 1); // attention_schedule_c2
}

LogicalResult StreamScheduleAttr::verify(EmitError emitError, int64_t tileBytes, int64_t mapUnroll,
                                         int64_t reduceUnroll, int64_t chunkRows,
                                         int64_t chunkElements, int64_t columnVectors,
                                         int64_t storeAround) {
  const std::pair<StringRef, int64_t> numbers[] = {
      {"tile_bytes", tileBytes},         {"map_unroll", mapUnroll},
      {"reduce_unroll", reduceUnroll},   {"chunk_rows", chunkRows},
      {"chunk_elements", chunkElements}, {"column_vectors", columnVectors}};
  for (auto [what, value] : numbers)
    if (failed(verifyAtLeast(emitError, what, value, 1))) // stream_c1
      return failure();
  return verifyAtLeast(emitError, "store_around", storeAround, 0); // stream_c1
}

LogicalResult WhenAttr::verify(EmitError emitError, SizeAttr size, int64_t low, int64_t high,
                               Attribute schedule) {
  if (low < 0 || high < low) // when_c1
    return emitError() << "the range [" << low << ", " << high << "] of " << sizeToString(size)
                       << " is empty or begins below 0";
  if (!schedule || !schedule.hasTrait<IsSchedule>()) // when_c2
    return emitError() << "a guard holds a schedule such as #dlc.gemm<...>, got " << schedule;
  return success();
}

Attribute WhenAttr::parse(AsmParser &parser, Type) {
  int64_t low = 0, high = 0;
  Attribute schedule;
  if (parser.parseLess())
    return {};
  FailureOr<SizeAttr> size = sizeParse(parser);
  if (failed(size) || parser.parseKeyword("in") || parser.parseLSquare() ||
      parser.parseInteger(low) || parser.parseComma() || parser.parseInteger(high) ||
      parser.parseRSquare() || parser.parseComma() || parser.parseAttribute(schedule) ||
      parser.parseGreater())
    return {};
  return WhenAttr::getChecked([&] { return parser.emitError(parser.getNameLoc()); },
                              parser.getContext(), *size, low, high, schedule);
}

void WhenAttr::print(AsmPrinter &printer) const {
  printer << '<';
  sizePrint(getSize(), printer.getStream());
  printer << " in [" << getLow() << ", " << getHigh() << "], " << getSchedule() << '>';
}
