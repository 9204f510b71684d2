// Spells composite ops out in elementwise, broadcast and reduction ops.
//
//   %y = dlc.softmax %x axis 1          %m = dlc.reduce_max %x over [1]
//                                       %d = dlc.sub %x, broadcast(%m)
//                              ==>      %e = dlc.exp %d
//                                       %s = dlc.sum %e over [1]
//                                       %r = dlc.reciprocal %s
//                                       %y = dlc.mul %e, broadcast(%r)
//
// Composites exist so that gradients, importers and the evaluator see what a model means; kernels
// want the parts, because a reduction fuses with whatever stands before and after it. The
// formulas are the ones the ops promise: the row's maximum is taken away before exponentials,
// variance is a second pass over centred values, logits of -infinity and labels of 0 give no
// NaN, f16 and bf16 are computed in f32. Sparse labels become a comparison with the class index
// instead of a gather, so that a cross entropy stays one pass over rows.
//
// Always legal. `dlc.mean` is spelled out too: a mean in f16 must not overflow in its sum. So is
// `dlc.max_pool_grad`, wherever bytes number the positions of a window: the pool's kernel finds the
// winners on the side, and the gradient's reads no more than those.
//
// Runs after dlc-differentiate (composites have better gradients than their parts) and before
// dlc-form-kernels. Tested by test/passes/simplify/decompose.mlir.
#include "ir/Ops.h"
#include "ir/support/Statistics.h"
#include "passes/Passes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
#define GEN_PASS_DEF_DECOMPOSE
#include "passes/Passes.h.inc"

namespace {

using Values = SmallVector<Value>;

/// The formulas of one op, at its place, in the type that it computes in.
class Expansion {
public:
  Expansion(OpBuilder &builder, Operation *op)
      : builder(builder), loc(op->getLoc()), f(builder, loc), narrow(op->getOperand(0).getType()),
        wide(withElementType(narrow, computeType(cast<RankedTensorType>(narrow).getElementType()))),
        last(wide.getRank() - 1) {}

  Values expand(MeanOp op);
  Values expand(SoftmaxOp op);
  Values expand(LogSoftmaxOp op);
  Values expand(SparseSoftmaxCrossEntropyOp op);
  Values expand(SoftmaxCrossEntropyOp op);
  Values expand(SigmoidCrossEntropyOp op);
  Values expand(BatchNormTrainingOp op);
  Values expand(BatchNormInferenceOp op);
  Values expand(LayerNormOp op);

private:
  Value in(Value x) { return f.cast(x, wide.getElementType()); }
  Value out(Value x) { return f.cast(x, cast<RankedTensorType>(narrow).getElementType()); }
  Value zeros(Value like) { return f.splat(like, 0); }
  Statistics over(ArrayRef<int64_t> axes) { return Statistics(builder, loc, wide, axes); }
  /// Values per channel (the last dimension), repeated over all other dimensions.
  Value channels(Value x) { return f.broadcast(x, wide, last); }

  OpBuilder &builder;
  Location loc;
  Formula f;
  Type narrow;
  RankedTensorType wide;
  int64_t last;
};

/// A row's logits, shifted so that the largest is 0, and the logarithm of their exponentials' sum.
struct LogSum {
  Value max, shifted, exponentials, sum;

  LogSum(Formula &f, Statistics s, Value x) : max(s.max(x)) {
    shifted = f.sub(x, s.repeat(max));
    exponentials = f.exp(shifted);
    sum = s.sum(exponentials);
  }
};

Values Expansion::expand(MeanOp op) { return {out(over(op.getAxes()).mean(in(op.getX())))}; }

Values Expansion::expand(SoftmaxOp op) {
  Statistics s = over(int64_t(op.getAxis()));
  LogSum row(f, s, in(op.getX()));
  // One division a row: a vector of them takes as long as the exponentials.
  Value inverse = ReciprocalOp::create(builder, loc, row.sum);
  return {out(f.mul(row.exponentials, s.repeat(inverse)))};
}

Values Expansion::expand(LogSoftmaxOp op) {
  Statistics s = over(int64_t(op.getAxis()));
  LogSum row(f, s, in(op.getX()));
  return {out(f.sub(row.shifted, s.repeat(f.log(row.sum))))};
}

Values Expansion::expand(SparseSoftmaxCrossEntropyOp op) {
  Statistics s = over(last);
  Value logits = in(op.getLogits());
  LogSum row(f, s, logits);
  auto labelType = withElementType(wide, op.getLabels().getType().getElementType());
  Value index = IotaOp::create(builder, loc, labelType, last);
  Value label = f.restoreAxes(op.getLabels(), labelType, last);
  Value isTrue = f.compare(ComparePredicate::eq, index, label);
  // A choice, not a product: other classes' logits may be -infinity.
  Value picked = s.sum(f.select(isTrue, logits, zeros(logits)));
  return {out(f.add(f.log(row.sum), f.sub(row.max, picked)))};
}

Values Expansion::expand(SoftmaxCrossEntropyOp op) {
  Statistics s = over(last);
  Value labels = in(op.getLabels()), zero = zeros(labels);
  LogSum row(f, s, in(op.getLogits()));
  Value surprise = f.sub(s.repeat(f.log(row.sum)), row.shifted);
  Value absent = f.compare(ComparePredicate::eq, labels, zero);
  return {out(s.sum(f.select(absent, zero, f.mul(labels, surprise))))};
}

Values Expansion::expand(SigmoidCrossEntropyOp op) {
  Value logits = in(op.getLogits()), labels = in(op.getLabels()), zero = zeros(logits);
  Value distance = AbsOp::create(builder, loc, logits);
  Value positive = f.compare(ComparePredicate::gt, logits, zero);
  Value weight = f.select(positive, f.sub(f.splat(labels, 1), labels), labels);
  Value absent = f.compare(ComparePredicate::eq, weight, zero);
  Value wrong = f.select(absent, zero, f.mul(distance, weight));
  Value tail = Log1pOp::create(builder, loc, f.exp(f.neg(distance)));
  return {out(f.add(wrong, tail))};
}

Values Expansion::expand(BatchNormTrainingOp op) {
  Statistics s = over(llvm::to_vector(llvm::seq(last)));
  Value x = in(op.getX()), mean = s.mean(x);
  Value centered = f.sub(x, s.repeat(mean));
  Value variance = s.mean(f.mul(centered, centered));
  Value r = s.inverseDeviation(variance, op.getEpsilon().convertToDouble());
  Value scaled = f.mul(centered, channels(f.mul(in(op.getScale()), r)));
  return {out(f.add(scaled, channels(in(op.getOffset())))), out(mean), out(variance)};
}

Values Expansion::expand(BatchNormInferenceOp op) {
  Statistics s = over(llvm::to_vector(llvm::seq(last)));
  Value r = s.inverseDeviation(in(op.getVariance()), op.getEpsilon().convertToDouble());
  Value centered = f.sub(in(op.getX()), channels(in(op.getMean())));
  Value scaled = f.mul(centered, channels(f.mul(in(op.getScale()), r)));
  return {out(f.add(scaled, channels(in(op.getOffset()))))};
}

Values Expansion::expand(LayerNormOp op) {
  Statistics s = over(last);
  Value x = in(op.getX());
  Value centered = f.sub(x, s.repeat(s.mean(x)));
  Value variance = s.mean(f.mul(centered, centered));
  Value r = s.inverseDeviation(variance, op.getEpsilon().convertToDouble());
  Value scaled = f.mul(f.mul(centered, s.repeat(r)), channels(in(op.getScale())));
  return {out(f.add(scaled, channels(in(op.getOffset()))))};
}

/// Each element asks whether its position in the row is the row's index.
Values spellOneHot(OpBuilder &builder, OneHotOp op) {
  Formula f(builder, op.getLoc());
  RankedTensorType type = op.getType();
  auto indexType = withElementType(type, op.getIndices().getType().getElementType());
  int64_t last = type.getRank() - 1;
  Value position = IotaOp::create(builder, op.getLoc(), indexType, last);
  Value index = f.restoreAxes(op.getIndices(), indexType, last);
  return {f.cast(f.compare(ComparePredicate::eq, position, index), type.getElementType())};
}

/// The gradient of taking every so-many-th element: they go back to where they were.
Value spellStrided(OpBuilder &builder, MaxPoolGradOp op) {
  Shape x = shapeOf(op.getType()), y = shapeOf(op.getDy());
  SizeAttr none = sizeConstant(builder.getContext(), 0);
  SmallVector<SizeAttr> low(x.size(), none), high(x.size(), none);
  SmallVector<int64_t> interior(x.size(), 0);
  for (auto [i, stride] : llvm::enumerate(op.getStrides())) {
    interior[i + 1] = stride - 1;
    int64_t last = (y[i + 1].getValue() - 1) * stride;
    high[i + 1] = sizeConstant(builder.getContext(), x[i + 1].getValue() - last - 1);
  }
  Value zero = buildScalar(builder, op.getLoc(), op.getType().getElementType(), 0);
  return PadOp::create(builder, op.getLoc(), op.getDy(), zero, low, high, interior);
}

Values spellPoolGrad(OpBuilder &builder, MaxPoolGradOp op) {
  Shape x = shapeOf(op.getType());
  PoolGeometry geometry = op.getGeometry();
  auto isKnown = [](SizeAttr size) { return size.isConstant() && size.getValue() > 0; };
  auto isNone = [](SizeAttr size) { return size.isConstant(0); };
  if (positionCount(op.getWindow()) == 1 &&
      llvm::all_of(ArrayRef(x).drop_front().drop_back(), isKnown) &&
      llvm::all_of(geometry.padLow, isNone) && llvm::all_of(geometry.padHigh, isNone))
    return {spellStrided(builder, op)};
  Value winners = MaxPoolWinnersOp::create(builder, op.getLoc(), op.getX(), geometry);
  return {
      MaxPoolScatterOp::create(builder, op.getLoc(), op.getType(), winners, op.getDy(), geometry)};
}

bool hasNumberedPositions(Operation *op) {
  auto grad = dyn_cast<MaxPoolGradOp>(op);
  return grad && positionCount(grad.getWindow()) <= kMostPositions;
}

/// The values that replace the op's results; none for an op that is not composite.
Values expandComposite(OpBuilder &builder, Operation *op) {
  auto spell = [&](auto composite) { return Expansion(builder, op).expand(composite); };
  return llvm::TypeSwitch<Operation *, Values>(op)
      .Case<MeanOp, SoftmaxOp, LogSoftmaxOp, SparseSoftmaxCrossEntropyOp, SoftmaxCrossEntropyOp,
            SigmoidCrossEntropyOp, BatchNormTrainingOp, BatchNormInferenceOp, LayerNormOp>(spell)
      .Case([&](OneHotOp op) { return spellOneHot(builder, op); })
      .Case([&](MaxPoolGradOp op) { return spellPoolGrad(builder, op); })
      .Default(Values());
}

bool isComposite(Operation *op) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible && fusible.getFusionKind() == FusionKind::Composite;
}

struct Decompose : impl::DecomposeBase<Decompose> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isComposite(op) || isa<MeanOp>(op) || hasNumberedPositions(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      OpBuilder builder(op);
      Values results = expandComposite(builder, op);
      if (results.empty()) {
        op->emitOpError("is composite but dlc-decompose does not know how to spell it out");
        return signalPassFailure();
      }
      op->replaceAllUsesWith(results);
      op->erase();
    }
  }
};

} // namespace
} // namespace dlc::passes
