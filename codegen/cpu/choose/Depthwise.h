// Which tiles a depthwise convolution gets. A pure function, tested as a table.
#pragma once
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/emit/Depthwise.h"
#include "llvm/ADT/SmallVector.h"

namespace dlc::codegen::cpu {

// The facts that a choice may rest on; sizes that are symbolic are empty.
struct DepthwiseLoops {
  struct Dim {
    std::optional<int64_t> in, out, window, padLow;
    int64_t stride = 1, dilation = 1;
  };
  ConvKind kind = ConvKind::Forward;
  llvm::SmallVector<Dim> dims; // outermost first
  int64_t channels = 0;
  bool partialAvailable = false; // filter gradient: see emitDepthwiseFilterGrad
  int64_t accumulatorBits = 32;
};

// Rows of a tile of |rows| that are in registers at once: each is stored as soon as it has met all
// that it sees, and a filter gradient's are loaded when first met.
int64_t heldRows(const DepthwiseLoops &loops, int64_t rows);

// Multiply-adds that are unrolled for a tile.
constexpr int64_t kMostUnrolledTaps = 2048;
int64_t tapsOf(const DepthwiseLoops &loops);

// Nothing for what is left to the general convolution: three spatial dimensions, windows of unknown
// size or more than 49 taps, and strided input gradients of unknown size.
std::optional<DepthwiseSchedule> chooseDepthwise(const DepthwiseLoops &loops,
                                                 const CpuTarget &target);

} // namespace dlc::codegen::cpu
