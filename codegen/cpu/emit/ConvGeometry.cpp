// Coordinates of pixels and taps.
#include "codegen/cpu/emit/ConvGeometry.h"
#include <numeric>

using namespace mlir;
using namespace dlc::codegen::cpu;

// With coordinates origin + u * step: the smallest u >= 0 whose coordinate is inside.
Size TapRange::firstInside(KernelBuilder &k, Size o) const {
  Size at = origin(k, o);
  Size first = step > 0 ? k.floorDiv(k.sub(step - 1, at), step)
                        : k.floorDiv(k.sub(k.sub(at, source), step), -step);
  return k.max(first, 0);
}

Size TapRange::lastInside(KernelBuilder &k, Size o) const {
  Size at = origin(k, o);
  Size last = step > 0 ? k.floorDiv(k.sub(k.sub(source, 1), at), step) : k.floorDiv(at, -step);
  return k.min(k.add(last, 1), count);
}

TapRange dlc::codegen::cpu::forwardTaps(KernelBuilder &k, const ConvDim &dim) {
  TapRange range;
  range.count = dim.window;
  range.scale = dim.stride;
  range.start = k.sub(0, dim.padLow);
  range.step = dim.dilation;
  range.source = dim.in;
  return range;
}

// x with (a * x) % m == 1 % m; a and m have no common factor.
static int64_t inverseModulo(int64_t a, int64_t m) {
  for (int64_t x = 1; x < m; ++x)
    if (a * x % m == 1)
      return x;
  return m == 1 ? 0 : 1;
}

// Input pixel i = phase + stride * j gets dy[o] * w[t] where o * stride - pad + t * dilation = i:
// the taps with t * dilation = phase + pad (mod stride), an arithmetic progression, and
// o = j + (phase + pad - t * dilation) / stride.
TapRange dlc::codegen::cpu::inputGradTaps(KernelBuilder &k, const ConvDim &dim, Size phase) {
  int64_t common = std::gcd(dim.stride, dim.dilation), modulus = dim.stride / common;
  Size shifted = k.add(phase, dim.padLow);
  TapRange range;
  range.tapStep = modulus;
  if (modulus > 1)
    range.firstTap = k.rem(
        k.mul(k.div(shifted, common), inverseModulo(dim.dilation / common % modulus, modulus)),
        modulus);
  range.count = k.div(k.max(k.add(k.sub(dim.window, range.firstTap), modulus - 1), 0), modulus);
  if (common > 1)
    range.count = k.select(k.equal(k.rem(shifted, common), 0), range.count, 0);
  range.start = k.floorDiv(k.sub(shifted, k.mul(range.firstTap, dim.dilation)), dim.stride);
  range.step = -(dim.dilation / common);
  range.source = dim.out;
  return range;
}

ConvShape dlc::codegen::cpu::simplified(KernelBuilder &k, const ConvShape &shape) {
  for (const ConvDim &dim : shape.dims)
    if (!dim.window.is(1) || dim.stride != 1 || !dim.padLow.is(0) || !sameSize(dim.in, dim.out))
      return shape;
  ConvShape flat = shape;
  Size pixels = shape.batch;
  for (const ConvDim &dim : shape.dims)
    pixels = k.mul(pixels, dim.out);
  flat.batch = 1;
  flat.dims = {ConvDim{pixels, pixels, 1, 1, 1, 0}};
  return flat;
}

SmallVector<Size> dlc::codegen::cpu::pixelStrides(KernelBuilder &k, ArrayRef<Size> extents,
                                                  Size channels) {
  SmallVector<Size> strides(extents.size());
  Size stride = channels;
  for (size_t d = extents.size(); d-- > 0;) {
    strides[d] = stride;
    stride = k.mul(stride, extents[d]);
  }
  return strides;
}

Size dlc::codegen::cpu::product(KernelBuilder &k, ArrayRef<Size> sizes) {
  Size all = 1;
  for (const Size &size : sizes)
    all = k.mul(all, size);
  return all;
}

SmallVector<Size> dlc::codegen::cpu::inputExtents(const ConvShape &shape) {
  return llvm::map_to_vector(shape.dims, [](const ConvDim &dim) { return dim.in; });
}

SmallVector<Size> dlc::codegen::cpu::outputExtents(const ConvShape &shape) {
  return llvm::map_to_vector(shape.dims, [](const ConvDim &dim) { return dim.out; });
}

SmallVector<Size> dlc::codegen::cpu::windowExtents(const ConvShape &shape) {
  return llvm::map_to_vector(shape.dims, [](const ConvDim &dim) { return dim.window; });
}

SmallVector<SmallVector<Size>> dlc::codegen::cpu::countUp(KernelBuilder &k, ArrayRef<Size> first,
                                                          ArrayRef<Size> extents, int64_t count) {
  SmallVector<SmallVector<Size>> rows;
  rows.push_back(SmallVector<Size>(first));
  while (int64_t(rows.size()) < count) {
    SmallVector<Size> next(rows.back());
    Size carry = 1;
    for (size_t d = next.size(); d-- > 0;) {
      next[d] = k.add(next[d], carry);
      if (d == 0)
        break;
      Value wraps = k.equal(next[d], extents[d]);
      next[d] = k.select(wraps, 0, next[d]);
      carry = k.select(wraps, 1, 0);
    }
    rows.push_back(next);
  }
  return rows;
}

ContractionGrid dlc::codegen::cpu::convGrid(const ConvSchedule &schedule, Type accumulator,
                                            const CpuTarget &target) {
  int64_t lanes = target.lanes(8 * KernelBuilder::storedBytes(accumulator));
  bool along = schedule.lanes == TileLanes::Reduction;
  return {schedule.rows * schedule.rowTiles, schedule.vectors * (along ? 1 : lanes)};
}

ContractionShape dlc::codegen::cpu::convFilterMatrix(KernelBuilder &k, const ConvShape &shape,
                                                     bool transposed) {
  Size channels = k.div(shape.channels, shape.groups), filters = k.div(shape.filters, shape.groups);
  Size taps = product(k, windowExtents(shape));
  ContractionShape matrix;
  matrix.panelWidth = shape.panelWidth;
  matrix.input = shape.input;
  matrix.accumulator = shape.accumulator;
  matrix.batch = {{shape.groups, 0, filters}};
  if (transposed) {
    matrix.n = {{channels, 0, shape.filters}};
    matrix.k = {{taps, 0, k.mul(channels, shape.filters)}, {filters, 0, 1}};
  } else {
    matrix.n = {{filters, 0, 1}};
    matrix.k = {{k.mul(taps, channels), 0, shape.filters}};
  }
  return matrix;
}
