// Depthwise convolution: one filter per channel, channels last, one or two spatial dimensions.
//
//   x [batch, in.., channels]  filter [window.., 1, channels]  y [batch, out.., channels]
//
// A stencil, not a matrix multiplication: lanes are channels, and a register tile is a few rows and
// columns of pixels of one vector of channels. What such a tile reads overlaps, so every source
// vector is loaded once and meets all the results that see it (3x3 on 2 x 7 pixels: 36 loads for
// 126 multiply-adds), which also spares the caches: with a pixel stride of 2 KiB the rows of an
// image fall on each other in L1, and all reuse is in registers. Borders are left out while
// emitting, see Stencil.h.
//
// Convolutions that chooseDepthwise declines go through Conv.h.
#pragma once
#include "codegen/cpu/emit/Conv.h"

namespace dlc::codegen::cpu {

struct DepthwiseSchedule {
  int64_t rows = 1, columns = 4; // result pixels of a register tile (filter gradient: of y)
  int64_t rowBlock = 8;          // rows of results in one grid tile, a multiple of |rows|
  int64_t vectors = 1;           // of channels in one grid tile
  // Forward and input gradient: all channels of one tile of pixels before the next. Otherwise one
  // vector of channels stays, its weights in registers, for a row of tiles.
  bool channelsInside = true;
  // Filter gradient: window rows whose sums are in registers at once, and image rows after which
  // the sums go to memory for the next channels' turn; 0: channels outside, never.
  int64_t tapRows = 1, rowTurn = 0;
};

//   forward        tiles = batch * ceilDiv(out rows, rowBlock) * ceilDiv(channels, channelBlock)
//   input gradient tiles = batch * ceilDiv(in rows, rowBlock) * ceilDiv(channels, channelBlock)
// with channelBlock = vectors * lanes; an image with one spatial dimension is one row.
void emitDepthwiseForward(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                          mlir::Value x, mlir::Value filter, const DepthwiseSchedule &schedule,
                          Epilogue epilogue, EpilogueMode mode = EpilogueMode::Inline);
void emitDepthwiseInputGrad(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                            mlir::Value dy, mlir::Value filter, const DepthwiseSchedule &schedule,
                            Epilogue epilogue, EpilogueMode mode = EpilogueMode::Inline);

//   tiles = ceilDiv(channels, channelBlock)
// |partial|: dense like the result, of the accumulator type; needed if rowTurn != 0.
void emitDepthwiseFilterGrad(KernelBuilder &k, const PhaseArguments &phase, const ConvShape &shape,
                             mlir::Value x, mlir::Value dy, mlir::Value partial,
                             const DepthwiseSchedule &schedule, Epilogue epilogue,
                             EpilogueMode mode = EpilogueMode::Inline);

} // namespace dlc::codegen::cpu
