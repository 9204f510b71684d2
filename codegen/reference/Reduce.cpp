// Reductions: elements are visited in row-major order of the operand, so each result accumulates
// in index order. Sums and products of floats are held in double until the end.
#include "codegen/reference/Call.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace dlc::reference {

/// For each dimension of the operand, its distance in the result; 0 for folded axes.
static Dims resultStrides(const Dims &dims, ArrayRef<int64_t> axes, const Tensor &result) {
  Dims strides(dims.size(), 0), kept = stridesOf(result.dims());
  size_t next = 0;
  for (size_t d = 0; d < dims.size(); ++d)
    if (!llvm::is_contained(axes, int64_t(d)))
      strides[d] = kept[next++];
  return strides;
}

template <typename T, typename Get, typename Combine>
static std::vector<T> fold(Call &call, ArrayRef<int64_t> axes, T initial, Get get,
                           Combine combine) {
  std::vector<T> accumulators(size_t(call.out().count()), initial);
  Dims strides = resultStrides(call.in(0).dims(), axes, call.out());
  forEachIndex(call.in(0).dims(), [&](const Dims &index, int64_t linear) {
    T &accumulator = accumulators[size_t(offsetOf(index, strides))];
    accumulator = combine(accumulator, get(linear));
  });
  return accumulators;
}

template <typename Real, typename Integer>
static llvm::Error reduce(Call &call, ArrayRef<int64_t> axes, double realInitial, Real real,
                          int64_t integerInitial, Integer integer) {
  const Tensor &x = call.in(0);
  if (x.isFloat()) {
    auto values = fold(call, axes, realInitial, [&](int64_t i) { return x.real(i); }, real);
    for (size_t i = 0; i < values.size(); ++i)
      call.out().setReal(int64_t(i), values[i]);
    return llvm::Error::success();
  }
  auto values = fold(call, axes, integerInitial, [&](int64_t i) { return x.integer(i); }, integer);
  for (size_t i = 0; i < values.size(); ++i)
    call.out().setInteger(int64_t(i), values[i]);
  return llvm::Error::success();
}

static int64_t wrapAdd(int64_t a, int64_t b) { return int64_t(uint64_t(a) + uint64_t(b)); }
static int64_t wrapMul(int64_t a, int64_t b) { return int64_t(uint64_t(a) * uint64_t(b)); }

llvm::Error evaluate(ir::SumOp op, Call &call) {
  return reduce(call, op.getAxes(), 0.0, std::plus<double>(), 0, wrapAdd);
}

llvm::Error evaluate(ir::MeanOp op, Call &call) {
  const Tensor &x = call.in(0);
  auto sums =
      fold(call, op.getAxes(), 0.0, [&](int64_t i) { return x.real(i); }, std::plus<double>());
  double count = 1;
  for (int64_t axis : op.getAxes())
    count *= double(x.dim(size_t(axis)));
  for (size_t i = 0; i < sums.size(); ++i)
    call.out().setReal(int64_t(i), sums[i] / count);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ProdOp op, Call &call) {
  return reduce(call, op.getAxes(), 1.0, std::multiplies<double>(), 1, wrapMul);
}

llvm::Error evaluate(ir::ReduceMaxOp op, Call &call) {
  return reduce(
      call, op.getAxes(), -std::numeric_limits<double>::infinity(),
      [](double a, double b) {
        return std::isnan(a) || std::isnan(b) ? std::nan("")
               : a == b                       ? (std::signbit(a) ? b : a)
                                              : std::max(a, b);
      },
      minimumOf(call.out().type()), [](int64_t a, int64_t b) { return std::max(a, b); });
}

llvm::Error evaluate(ir::ReduceMinOp op, Call &call) {
  return reduce(
      call, op.getAxes(), std::numeric_limits<double>::infinity(),
      [](double a, double b) {
        return std::isnan(a) || std::isnan(b) ? std::nan("")
               : a == b                       ? (std::signbit(a) ? a : b)
                                              : std::min(a, b);
      },
      maximumOf(call.out().type()), [](int64_t a, int64_t b) { return std::min(a, b); });
}

// The first element that no earlier one equals or beats; a NaN beats everything but a NaN.
static llvm::Error argReduce(Call &call, int64_t axis, bool largest) {
  const Tensor &x = call.in(0);
  Dims strides = resultStrides(x.dims(), {axis}, call.out());
  std::vector<int64_t> best(size_t(call.out().count()), -1);
  auto beats = [&](int64_t i, int64_t j) {
    if (!x.isFloat())
      return largest ? x.integer(i) > x.integer(j) : x.integer(i) < x.integer(j);
    double a = x.real(i), b = x.real(j);
    if (std::isnan(a) || std::isnan(b))
      return std::isnan(a) && !std::isnan(b);
    return largest ? a > b : a < b;
  };
  forEachIndex(x.dims(), [&](const Dims &index, int64_t linear) {
    int64_t at = offsetOf(index, strides);
    if (best[size_t(at)] < 0 || beats(linear, best[size_t(at)])) {
      best[size_t(at)] = linear;
      call.out().setInteger(at, index[size_t(axis)]);
    }
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ArgmaxOp op, Call &call) { return argReduce(call, op.getAxis(), true); }
llvm::Error evaluate(ir::ArgminOp op, Call &call) { return argReduce(call, op.getAxis(), false); }

} // namespace dlc::reference
