// Convolutions and their two gradients, from one walk over the products that make them up:
//   y[n, o, g*Og + c] += x[n, o * stride + k * dilation - low, g*Cg + i] * f[k, i, g*Og + c]
// over the positions of x that exist: padding is no part of any of the three sums. All sums are
// held in double.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

namespace {
/// The window parameters with their sizes evaluated, and the three tensors' dims.
struct Convolution {
  Dims x, filter, y, strides, dilations, low;
  int64_t groups;

  size_t spatial() const { return strides.size(); }
  int64_t groupInputs() const { return filter[filter.size() - 2]; }
  int64_t groupOutputs() const { return filter.back() / groups; }
};
} // namespace

template <typename Op>
static llvm::Expected<Convolution> describe(Op op, Call &call, const Dims &x, const Dims &filter,
                                            const Dims &y) {
  llvm::Expected<Dims> low = sizesOf(call, op.getPadLow());
  if (!low)
    return low.takeError();
  return Convolution{x,
                     filter,
                     y,
                     toDims(op.getStrides()),
                     toDims(op.getDilations()),
                     *low,
                     int64_t(op.getGroups())};
}

/// Calls `visit(x, filter, y)` with the linear indices of every product.
template <typename Visit> static void forEachProduct(const Convolution &conv, Visit visit) {
  size_t n = conv.spatial();
  Dims xStrides = stridesOf(conv.x), fStrides = stridesOf(conv.filter),
       yStrides = stridesOf(conv.y);
  Dims outer(conv.y.begin(), conv.y.end() - 1);
  Dims window(conv.filter.begin(), conv.filter.end() - 2);
  forEachIndex(outer, [&](const Dims &out, int64_t) {
    forEachIndex(window, [&](const Dims &k, int64_t) {
      int64_t xBase = out[0] * xStrides[0], fBase = offsetOf(k, fStrides);
      bool inside = true;
      for (size_t d = 0; d < n; ++d) {
        int64_t position = out[d + 1] * conv.strides[d] + k[d] * conv.dilations[d] - conv.low[d];
        inside &= position >= 0 && position < conv.x[d + 1];
        xBase += position * xStrides[d + 1];
      }
      if (!inside)
        return;
      int64_t yBase = offsetOf(out, yStrides);
      for (int64_t o = 0; o < conv.filter.back(); ++o)
        for (int64_t i = 0; i < conv.groupInputs(); ++i)
          visit(xBase + o / conv.groupOutputs() * conv.groupInputs() + i,
                fBase + i * fStrides[n] + o, yBase + o);
    });
  });
}

static llvm::Error store(Call &call, const std::vector<double> &sums) {
  for (size_t i = 0; i < sums.size(); ++i)
    call.out().setReal(int64_t(i), sums[i]);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ConvOp op, Call &call) {
  auto conv = describe(op, call, call.in(0).dims(), call.in(1).dims(), call.out().dims());
  if (!conv)
    return conv.takeError();
  std::vector<double> sums(size_t(call.out().count()));
  forEachProduct(*conv, [&](int64_t x, int64_t f, int64_t y) {
    sums[size_t(y)] += call.in(0).real(x) * call.in(1).real(f);
  });
  return store(call, sums);
}

llvm::Error evaluate(ir::ConvInputGradOp op, Call &call) {
  auto conv = describe(op, call, call.out().dims(), call.in(1).dims(), call.in(0).dims());
  if (!conv)
    return conv.takeError();
  std::vector<double> sums(size_t(call.out().count()));
  forEachProduct(*conv, [&](int64_t x, int64_t f, int64_t y) {
    sums[size_t(x)] += call.in(0).real(y) * call.in(1).real(f);
  });
  return store(call, sums);
}

llvm::Error evaluate(ir::ConvFilterGradOp op, Call &call) {
  auto conv = describe(op, call, call.in(0).dims(), call.out().dims(), call.in(1).dims());
  if (!conv)
    return conv.takeError();
  std::vector<double> sums(size_t(call.out().count()));
  forEachProduct(*conv, [&](int64_t x, int64_t f, int64_t y) {
    sums[size_t(f)] += call.in(0).real(x) * call.in(1).real(y);
  });
  return store(call, sums);
}

} // namespace dlc::reference
