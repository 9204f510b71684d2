// Convolutions by minimal filtering, by what they mean: the filter is taken out of its panels again
// and meets the elements of x one by one, as in Conv.cpp.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

namespace {

// Rows of the filter's transform, G, and of what undoes it.
constexpr double kTransform[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
constexpr double kInverse[3][4] = {{1, 0, 0, 0}, {0, 1, -1, 0}, {0, 0, 0, 1}};

/// The sum of `value(s, t)` times rows of such a matrix; what is multiplied by 0 has no part in it.
template <size_t N, typename Value>
double apply(const double (&first)[N], const double (&second)[N], Value value) {
  double sum = 0;
  for (size_t s = 0; s < N; ++s)
    for (size_t t = 0; t < N; ++t)
      if (first[s] * second[t] != 0)
        sum += first[s] * second[t] * value(s, t);
  return sum;
}

/// Element [s, t, c, o] of the filter that panels hold.
double filterAt(const Tensor &panels, int64_t s, int64_t t, int64_t c, int64_t o) {
  Dims strides = stridesOf(panels.dims());
  int64_t width = panels.dims().back();
  return apply(kInverse[s], kInverse[t], [&](size_t i, size_t j) {
    return panels.real(int64_t(4 * i + j) * strides[0] + o / width * strides[1] + c * strides[2] +
                       o % width);
  });
}

} // namespace

llvm::Error evaluate(ir::WinogradFilterOp, Call &call) {
  const Tensor &filter = call.in(0);
  Dims strides = stridesOf(filter.dims());
  int64_t filters = filter.dims().back(), width = call.out().dims().back();
  forEachIndex(call.out().dims(), [&](const Dims &at, int64_t index) {
    int64_t o = at[1] * width + at[3];
    auto element = [&](size_t s, size_t t) {
      return filter.real(int64_t(s) * strides[0] + int64_t(t) * strides[1] + at[2] * strides[2] +
                         o);
    };
    call.out().setReal(index, o < filters ? apply(kTransform[at[0] / 4], kTransform[at[0] % 4],
                                                  element)
                                          : 0);
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::WinogradConvOp op, Call &call) {
  const Tensor &x = call.in(0), &panels = call.in(1);
  llvm::Expected<Dims> low = sizesOf(call, op.getPadLow());
  if (!low)
    return low.takeError();
  Dims in = x.dims(), out = call.out().dims();
  int64_t channels = in[3], filters = out[3];
  std::vector<double> filter(size_t(9 * channels * filters));
  forEachIndex({3, 3, channels, filters}, [&](const Dims &at, int64_t index) {
    filter[size_t(index)] = filterAt(panels, at[0], at[1], at[2], at[3]);
  });
  forEachIndex(out, [&](const Dims &at, int64_t index) {
    double sum = 0;
    for (int64_t tap = 0; tap < 9; ++tap) {
      int64_t row = at[1] + tap / 3 - (*low)[0], column = at[2] + tap % 3 - (*low)[1];
      if (row < 0 || row >= in[1] || column < 0 || column >= in[2])
        continue;
      int64_t pixel = ((at[0] * in[1] + row) * in[2] + column) * channels;
      for (int64_t c = 0; c < channels; ++c)
        sum += x.real(pixel + c) * filter[size_t((tap * channels + c) * filters + at[3])];
    }
    call.out().setReal(index, sum);
  });
  return llvm::Error::success();
}

} // namespace dlc::reference
