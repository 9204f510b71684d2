// Where the pixels are: what forward, input gradient and filter gradient share.
#pragma once
#include "codegen/cpu/emit/Conv.h"
#include "codegen/cpu/emit/RegisterTile.h"

namespace dlc::codegen::cpu {

// The taps of one dimension as a row of pixels sees them. A row at coordinate o reads, for
// u = 0 .. count-1, the source coordinate  o * scale + start + u * step  through filter element
// firstTap + u * tapStep. The forward pass and each phase of the input gradient are of this form.
struct TapRange {
  Size count;
  Size firstTap = 0;
  int64_t tapStep = 1;
  int64_t scale = 1;
  Size start;
  int64_t step = 1;
  Size source; // extent of the source: valid coordinates are [0, source)

  // The source coordinate of tap 0 seen from row coordinate |o|.
  Size origin(KernelBuilder &k, Size o) const { return k.add(k.mul(o, scale), start); }
  // The taps [first, last) that are inside the source, seen from row coordinate |o|.
  Size firstInside(KernelBuilder &k, Size o) const;
  Size lastInside(KernelBuilder &k, Size o) const;
};

// Taps of the forward pass, and of phase |phase| (in [0, stride)) of the input gradient, whose
// rows are the input pixels phase, phase + stride, ...
TapRange forwardTaps(KernelBuilder &k, const ConvDim &dim);
TapRange inputGradTaps(KernelBuilder &k, const ConvDim &dim, Size phase);

// Whether two sizes are known to be equal.
inline bool sameSize(Size a, Size b) {
  return a.isConstant() ? b.isConstant() && a.constant() == b.constant()
                        : !b.isConstant() && a.value() == b.value();
}

// Shape without dimensions that are only carried along: a pointwise convolution (window, stride
// and dilation 1, no padding) becomes one with a single long row of pixels.
ConvShape simplified(KernelBuilder &k, const ConvShape &shape);

// Row-major strides of pixels in elements, innermost |channels|.
llvm::SmallVector<Size> pixelStrides(KernelBuilder &k, llvm::ArrayRef<Size> extents, Size channels);

Size product(KernelBuilder &k, llvm::ArrayRef<Size> sizes);

llvm::SmallVector<Size> inputExtents(const ConvShape &shape);
llvm::SmallVector<Size> outputExtents(const ConvShape &shape);
llvm::SmallVector<Size> windowExtents(const ConvShape &shape);

// Neighbouring pixels in row-major order: coordinates of |count| rows from the first one on,
// found by counting up instead of by dividing.
llvm::SmallVector<llvm::SmallVector<Size>> countUp(KernelBuilder &k, llvm::ArrayRef<Size> first,
                                                   llvm::ArrayRef<Size> extents, int64_t count);

} // namespace dlc::codegen::cpu
