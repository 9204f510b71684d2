// 3x3 convolutions without strides by minimal filtering, F(2x2, 3x3): see ir/ops/Winograd.td.
//
//   x [batch, inRows, inColumns, channels]  panels [16, P, channels, width]
//   y [batch, outRows, outColumns, filters]
//
// A tile is 2x2 pixels of y and the 4x4 pixels of x that they read. Of these come sixteen numbers
// per channel, B^T d B, which meet the sixteen matrices of the transformed filter; the sixteen
// products M give the tile as A^T M A. Each of the sixteen is a matrix multiplication whose rows
// are tiles, so the register tile of contractions serves it.
#pragma once
#include "codegen/cpu/emit/RegisterTile.h"

namespace dlc::codegen::cpu {

struct WinogradShape {
  Size batch;
  Size inRows, inColumns;   // of x
  Size outRows, outColumns; // of y
  Size padTop, padLeft;
  Size channels, filters;
  int64_t panelWidth = 0;
  mlir::Type element;
};

struct WinogradSchedule {
  int64_t rows = 6;         // of a register tile: tiles of pixels
  int64_t vectors = 4;      // of a register tile: filters
  int64_t pixelTiles = 48;  // of a piece of work, at most
  int64_t channelBlock = 64; // channels that are transformed at a time
  int64_t columnTiles = 1;  // register tiles of columns of a piece of work
};

// What a piece of work keeps on the stack: transformed pixels of a block of channels, and the
// products. Elements of each.
int64_t winogradPixels(const WinogradSchedule &schedule, int64_t lanes);
int64_t winogradSums(const WinogradSchedule &schedule, int64_t lanes);

// Work is pieces(pixels) * pieces(columns):
//   ceilDiv(batch * ceilDiv(outRows, 2) * ceilDiv(outColumns, 2), pixelTiles)
//   ceilDiv(filters, columnTiles * vectors * lanes)
// The fragment's rows are (batch, out..), its columns filters.
void emitWinogradConv(KernelBuilder &k, const PhaseArguments &phase, const WinogradShape &shape,
                      mlir::Value x, mlir::Value panels, const WinogradSchedule &schedule,
                      Epilogue epilogue, EpilogueMode mode);

// Transforms a filter [3, 3, channels, filters]. Work is kFilterRows channels of one panel:
//   P * ceilDiv(channels, kFilterRows)
constexpr int64_t kFilterRows = 16;
// The fragment's rows are (plane, panel, channel), its columns those of a panel.
void emitWinogradFilter(KernelBuilder &k, const PhaseArguments &phase, Size channels, Size filters,
                        int64_t panelWidth, mlir::Type element, mlir::Value filter,
                        Epilogue epilogue, EpilogueMode mode);

} // namespace dlc::codegen::cpu
