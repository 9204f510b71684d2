// Batch and layer normalisation; variances are biased and computed from the centred values.
#include "codegen/reference/Call.h"
#include <cmath>

using namespace mlir;

namespace dlc::reference {

namespace {
struct Moments {
  double mean, variance;
};
} // namespace

/// Mean and biased variance of `count` values; NaN for none.
template <typename Get> static Moments momentsOf(int64_t count, Get get) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += get(i);
  double mean = sum / double(count);
  for (int64_t i = 0; i < count; ++i)
    squares += (get(i) - mean) * (get(i) - mean);
  return {mean, squares / double(count)};
}

static double normalize(double x, double scale, double offset, Moments moments, double epsilon) {
  return (x - moments.mean) / std::sqrt(moments.variance + epsilon) * scale + offset;
}

llvm::Error evaluate(ir::BatchNormTrainingOp op, Call &call) {
  const Tensor &x = call.in(0);
  int64_t channels = x.dims().back(), rows = channels ? x.count() / channels : 0;
  double epsilon = op.getEpsilon().convertToDouble();
  for (int64_t c = 0; c < channels; ++c) {
    Moments moments = momentsOf(rows, [&](int64_t r) { return x.real(r * channels + c); });
    call.out(1).setReal(c, moments.mean);
    call.out(2).setReal(c, moments.variance);
    for (int64_t r = 0; r < rows; ++r)
      call.out(0).setReal(r * channels + c, normalize(x.real(r * channels + c), call.in(1).real(c),
                                                      call.in(2).real(c), moments, epsilon));
  }
  return llvm::Error::success();
}

llvm::Error evaluate(ir::BatchNormInferenceOp op, Call &call) {
  const Tensor &x = call.in(0);
  int64_t channels = x.dims().back();
  double epsilon = op.getEpsilon().convertToDouble();
  for (int64_t i = 0; i < x.count(); ++i) {
    int64_t c = i % channels;
    call.out().setReal(i, normalize(x.real(i), call.in(1).real(c), call.in(2).real(c),
                                    {call.in(3).real(c), call.in(4).real(c)}, epsilon));
  }
  return llvm::Error::success();
}

llvm::Error evaluate(ir::LayerNormOp op, Call &call) {
  const Tensor &x = call.in(0);
  int64_t length = x.dims().back(), rows = length ? x.count() / length : 0;
  double epsilon = op.getEpsilon().convertToDouble();
  for (int64_t r = 0; r < rows; ++r) {
    Moments moments = momentsOf(length, [&](int64_t i) { return x.real(r * length + i); });
    for (int64_t i = 0; i < length; ++i)
      call.out().setReal(r * length + i, normalize(x.real(r * length + i), call.in(1).real(i),
                                                   call.in(2).real(i), moments, epsilon));
  }
  return llvm::Error::success();
}

} // namespace dlc::reference
