// Gradients of batch and layer normalisation.
//
// With r = 1 / sqrt(variance + epsilon) and n elements per statistic, the gradient by x of
// y = (x - mean) * r * scale + offset is, with both statistics functions of x,
//
//   dx = r*scale*dy - r*scale * mean(dy) - (x - mean) * r^3 * mean(scale*dy * (x - mean))
//
// so all sums run over products that a kernel makes on the fly.
#include "ir/ops/Normalize.h"
#include "ir/support/Statistics.h"

using namespace mlir;

namespace dlc::ir {
namespace {

/// Every dimension but the last.
SmallVector<int64_t> allButChannels(RankedTensorType type) {
  return llvm::to_vector(llvm::seq<int64_t>(0, type.getRank() - 1));
}

/// Operands and cotangents in the type to compute in, and gradients back in their own.
struct Widener {
  Formula &f;
  Type narrow, wide;

  Value in(Value x) { return x ? f.cast(x, wide) : Value(); }
  Value out(Value x) { return x ? f.cast(x, narrow) : Value(); }
};

Value addIfBoth(Formula &f, Value a, Value b) { return !a ? b : !b ? a : f.add(a, b); }

} // namespace

// Every sum over the batch becomes one value per channel, so that dx is one pass over x and dy:
// dx = g*dy + a + (x - mean)*b with g = scale*r,
// a = (dmean - g*sum(dy)) / n,  b = (2*dvariance - g*r^2*sum(dy*(x - mean))) / n.
SmallVector<Value> BatchNormTrainingOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Type element = getX().getType().getElementType();
  Widener w{f, element, computeType(element)};
  RankedTensorType type = withElementType(getX().getType(), w.wide);
  Statistics s(builder, getLoc(), type, allButChannels(type));
  Value dy = w.in(cotangents[0]), dmean = w.in(cotangents[1]), dvariance = w.in(cotangents[2]);
  Value centered = f.sub(w.in(getX()), s.repeat(w.in(getMean())));
  Value a = dmean, b = dvariance ? f.add(dvariance, dvariance) : Value();
  Value dx, dscale, doffset;
  if (dy) {
    Value r = s.inverseDeviation(w.in(getVariance()), getEpsilon().convertToDouble());
    Value g = f.mul(w.in(getScale()), r);
    doffset = s.sum(dy);
    dscale = f.mul(s.sum(f.mul(dy, centered)), r);
    a = addIfBoth(f, a, f.neg(f.mul(g, doffset)));
    b = addIfBoth(f, b, f.neg(f.mul(f.mul(g, r), dscale)));
    dx = f.mul(dy, s.repeat(g));
  }
  if (a)
    dx = addIfBoth(f, dx, s.repeat(s.overCount(a)));
  if (b)
    dx = addIfBoth(f, dx, f.mul(centered, s.repeat(s.overCount(b))));
  return {w.out(dx), w.out(dscale), w.out(doffset)};
}

SmallVector<Value> BatchNormInferenceOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Type element = getX().getType().getElementType();
  Widener w{f, element, computeType(element)};
  RankedTensorType type = withElementType(getX().getType(), w.wide);
  Statistics s(builder, getLoc(), type, allButChannels(type));
  Value dy = w.in(cotangents[0]);
  Value centered = f.sub(w.in(getX()), s.repeat(w.in(getMean())));
  Value r = s.inverseDeviation(w.in(getVariance()), getEpsilon().convertToDouble());
  Value g = f.mul(w.in(getScale()), r);
  Value doffset = s.sum(dy);
  Value dscale = f.mul(s.sum(f.mul(dy, centered)), r);
  // d r / d variance = -r^3 / 2, and dscale holds one r already.
  Value half = f.mul(f.mul(g, r), f.splat(r, -0.5));
  return {w.out(f.mul(dy, s.repeat(g))), w.out(dscale), w.out(doffset),
          w.out(f.neg(f.mul(g, doffset))), w.out(f.mul(half, dscale))};
}

SmallVector<Value> LayerNormOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Type element = getX().getType().getElementType();
  Widener w{f, element, computeType(element)};
  RankedTensorType type = withElementType(getX().getType(), w.wide);
  int64_t last = type.getRank() - 1;
  Statistics s(builder, getLoc(), type, last);
  Value dy = w.in(cotangents[0]), x = w.in(getX());
  Value centered = f.sub(x, s.repeat(s.mean(x)));
  Value r = s.inverseDeviation(s.mean(f.mul(centered, centered)), getEpsilon().convertToDouble());
  Value normalized = f.mul(centered, s.repeat(r));
  Value g = f.mul(dy, f.broadcast(w.in(getScale()), type, last));
  Value meanG = s.repeat(s.mean(g)), meanGx = s.repeat(s.mean(f.mul(g, normalized)));
  Value dx = f.mul(f.sub(f.sub(g, meanG), f.mul(normalized, meanGx)), s.repeat(r));
  SmallVector<int64_t> rows = allButChannels(type);
  return {w.out(dx), w.out(f.sum(f.mul(dy, normalized), rows)), w.out(f.sum(dy, rows))};
}

} // namespace dlc::ir
