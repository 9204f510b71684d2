// Moves negations down through products, so that pairs of them meet and fold.
//
//   %n = dlc.neg %a                    %m = dlc.mul %a, %b
//   %r = dlc.mul %n, %b        ==>     %r = dlc.neg %m
//
// Reverse-mode rules emit a negation per subtraction; each one left above a product or a sum costs
// a full pass over memory. Below, it meets an addition and turns it into a subtraction, or the
// update of a variable. Sinking is always legal: negation is exact and rounding is symmetric (a
// sum that cancels to zero may get the other zero). It does not pay when %n has other users,
// which would still need it, so those are left alone.
//
// Runs after dlc-differentiate and before dlc-form-kernels.
// Tested by test/passes/simplify/sink_negate.mlir.
#include "ir/Ops.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// Replaces operand `index` of an op that is linear in it by what it negates.
LogicalResult sinkFrom(Operation *op, unsigned index, PatternRewriter &rewriter) {
  auto neg = op->getOperand(index).getDefiningOp<NegOp>();
  if (!neg)
    return rewriter.notifyMatchFailure(op, "operand is not a negation");
  if (!neg->hasOneUse())
    return rewriter.notifyMatchFailure(op, "negation has other users");
  Operation *positive = rewriter.clone(*op);
  positive->setOperand(index, neg.getX());
  rewriter.replaceOpWithNewOp<NegOp>(op, positive->getResult(0));
  return success();
}

/// Ops that are linear in each of their first `count` operands.
template <typename Op, unsigned count> struct SinkThrough : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    for (unsigned index = 0; index < count; ++index)
      if (succeeded(sinkFrom(op, index, rewriter)))
        return success();
    return failure();
  }
};

/// a + (-b) is a - b by definition, and so is -b + a.
struct NegateInSum : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AddOp add, PatternRewriter &rewriter) const override {
    if (auto neg = add.getB().getDefiningOp<NegOp>()) {
      rewriter.replaceOpWithNewOp<SubOp>(add, add.getA(), neg.getX());
      return success();
    }
    if (auto neg = add.getA().getDefiningOp<NegOp>()) {
      rewriter.replaceOpWithNewOp<SubOp>(add, add.getB(), neg.getX());
      return success();
    }
    return rewriter.notifyMatchFailure(add, "no term is a negation");
  }
};

struct NegateInDifference : OpRewritePattern<SubOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SubOp sub, PatternRewriter &rewriter) const override {
    auto neg = sub.getB().getDefiningOp<NegOp>();
    if (!neg)
      return rewriter.notifyMatchFailure(sub, "what is taken away is not a negation");
    rewriter.replaceOpWithNewOp<AddOp>(sub, sub.getA(), neg.getX());
    return success();
  }
};

} // namespace

void addSinkNegate(RewritePatternSet &patterns) {
  // Not through broadcasts and reshapes: these sink below negations, and would undo it forever.
  patterns.add<SinkThrough<MulOp, 2>, SinkThrough<ContractOp, 2>, SinkThrough<SumOp, 1>,
               SinkThrough<TransposeOp, 1>, NegateInSum, NegateInDifference>(
      patterns.getContext());
}

} // namespace dlc::passes
