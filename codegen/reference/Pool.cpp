// Pooling over windows, channels last. Padding is not data: it is never the maximum and does not
// count in the average.
#include "codegen/reference/Call.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace dlc::reference {

namespace {
struct Pooling {
  Dims x, y, window, strides, low;
};
} // namespace

template <typename Op>
static llvm::Expected<Pooling> describe(Op op, Call &call, const Dims &x, const Dims &y) {
  llvm::Expected<Dims> low = sizesOf(call, op.getPadLow());
  if (!low)
    return low.takeError();
  return Pooling{x, y, toDims(op.getWindow()), toDims(op.getStrides()), *low};
}

/// Visits the real elements of `x` under the window of y's element `out`, in row-major order of the
/// window: `visit` gets the position's number in the window and the element's linear index.
template <typename Visit>
static void forEachUnder(const Pooling &pool, const Dims &out, Visit visit) {
  Dims strides = stridesOf(pool.x);
  size_t channel = pool.x.size() - 1;
  forEachIndex(pool.window, [&](const Dims &k, int64_t number) {
    int64_t offset = out[0] * strides[0] + out[channel];
    for (size_t d = 0; d < k.size(); ++d) {
      int64_t position = out[d + 1] * pool.strides[d] + k[d] - pool.low[d];
      if (position < 0 || position >= pool.x[d + 1])
        return;
      offset += position * strides[d + 1];
    }
    visit(number, offset);
  });
}

static std::vector<int64_t> elementsUnder(const Pooling &pool, const Dims &out) {
  std::vector<int64_t> elements;
  forEachUnder(pool, out, [&](int64_t, int64_t element) { elements.push_back(element); });
  return elements;
}

/// The first of the largest elements; a NaN counts as the largest. -1 for none.
static int64_t firstLargest(const Tensor &x, const std::vector<int64_t> &elements) {
  int64_t best = -1;
  for (int64_t element : elements) {
    bool isNan = std::isnan(x.real(element));
    if (best < 0 || (isNan && !std::isnan(x.real(best))) || x.real(element) > x.real(best))
      best = element;
  }
  return best;
}

llvm::Error evaluate(ir::MaxPoolOp op, Call &call) {
  const Tensor &x = call.in(0);
  auto pool = describe(op, call, x.dims(), call.out().dims());
  if (!pool)
    return pool.takeError();
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    int64_t best = firstLargest(x, elementsUnder(*pool, out));
    if (best >= 0)
      call.out().copy(linear, x, best);
    else
      call.out().setReal(linear, -std::numeric_limits<double>::infinity());
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::MaxPoolGradOp op, Call &call) {
  const Tensor &x = call.in(0), &dy = call.in(1);
  auto pool = describe(op, call, x.dims(), dy.dims());
  if (!pool)
    return pool.takeError();
  std::vector<double> sums(size_t(x.count()));
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    int64_t best = firstLargest(x, elementsUnder(*pool, out));
    if (best >= 0)
      sums[size_t(best)] += dy.real(linear);
  });
  for (size_t i = 0; i < sums.size(); ++i)
    call.out().setReal(int64_t(i), sums[i]);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::MaxPoolWinnersOp op, Call &call) {
  const Tensor &x = call.in(0);
  auto pool = describe(op, call, x.dims(), call.out().dims());
  if (!pool)
    return pool.takeError();
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    int64_t best = firstLargest(x, elementsUnder(*pool, out)), winner = -1;
    forEachUnder(*pool, out, [&](int64_t number, int64_t element) {
      if (element == best)
        winner = number;
    });
    call.out().setInteger(linear, winner);
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::MaxPoolScatterOp op, Call &call) {
  const Tensor &winners = call.in(0), &dy = call.in(1);
  auto pool = describe(op, call, call.out().dims(), dy.dims());
  if (!pool)
    return pool.takeError();
  std::vector<double> sums(size_t(call.out().count()));
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    forEachUnder(*pool, out, [&](int64_t number, int64_t element) {
      if (number == winners.integer(linear))
        sums[size_t(element)] += dy.real(linear);
    });
  });
  for (size_t i = 0; i < sums.size(); ++i)
    call.out().setReal(int64_t(i), sums[i]);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::AvgPoolOp op, Call &call) {
  const Tensor &x = call.in(0);
  auto pool = describe(op, call, x.dims(), call.out().dims());
  if (!pool)
    return pool.takeError();
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    std::vector<int64_t> elements = elementsUnder(*pool, out);
    double sum = 0;
    for (int64_t element : elements)
      sum += x.real(element);
    call.out().setReal(linear, sum / double(elements.size()));
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::AvgPoolGradOp op, Call &call) {
  const Tensor &dy = call.in(0);
  auto pool = describe(op, call, call.out().dims(), dy.dims());
  if (!pool)
    return pool.takeError();
  std::vector<double> sums(size_t(call.out().count()));
  forEachIndex(pool->y, [&](const Dims &out, int64_t linear) {
    std::vector<int64_t> elements = elementsUnder(*pool, out);
    for (int64_t element : elements)
      sums[size_t(element)] += dy.real(linear) / double(elements.size());
  });
  for (size_t i = 0; i < sums.size(); ++i)
    call.out().setReal(int64_t(i), sums[i]);
  return llvm::Error::success();
}

} // namespace dlc::reference
