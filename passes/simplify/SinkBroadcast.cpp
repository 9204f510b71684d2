// Computes before repeating: elementwise ops of broadcasts become broadcasts of elementwise ops.
//
//   %p = dlc.broadcast %a to [1]              %c = dlc.mul %a, %b
//   %q = dlc.broadcast %b to [1]       ==>    %r = dlc.broadcast %c to [1]
//   %r = dlc.mul %p, %q
//
// The work shrinks by the repetition, and what is repeated last is free: kernels index it. Always
// legal and exact, since every element is computed from the same numbers. All operands must repeat
// the same dimensions; a repeated scalar fits anything.
//
// Tested by test/passes/simplify/sink_broadcast.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

struct SinkBroadcast : OpInterfaceRewritePattern<Fusible> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(Fusible fusible, PatternRewriter &rewriter) const override {
    Operation *op = fusible;
    if (fusible.getFusionKind() != FusionKind::Pointwise || op->getNumResults() != 1 ||
        op->getNumOperands() == 0)
      return rewriter.notifyMatchFailure(op, "not an elementwise op of tensors");
    BroadcastOp wide = findWidest(op);
    if (!wide)
      return rewriter.notifyMatchFailure(op, "an operand is not repeated, or not in the same way");
    rewriter.replaceOp(op, repeatResult(op, wide, rewriter));
    return success();
  }

  /// The broadcast of most dimensions, if all operands are broadcasts that agree with it.
  static BroadcastOp findWidest(Operation *op) {
    BroadcastOp wide;
    for (Value operand : op->getOperands()) {
      auto broadcast = operand.getDefiningOp<BroadcastOp>();
      if (!broadcast)
        return {};
      if (!wide || broadcast.getDims().size() > wide.getDims().size())
        wide = broadcast;
    }
    for (Value operand : op->getOperands()) {
      auto broadcast = operand.getDefiningOp<BroadcastOp>();
      bool scalar = broadcast.getDims().empty();
      if (!scalar && broadcast.getDims() != wide.getDims())
        return {};
    }
    return wide;
  }

  static Value repeatResult(Operation *op, BroadcastOp wide, PatternRewriter &rewriter) {
    RankedTensorType narrow = wide.getX().getType();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      Value source = operand.getDefiningOp<BroadcastOp>().getX();
      auto type = withElementType(narrow, getElementTypeOrSelf(source.getType()));
      if (source.getType() != type)
        source = BroadcastOp::create(rewriter, op->getLoc(), type, source, ArrayRef<int64_t>{});
      operands.push_back(source);
    }
    Type result = op->getResultTypes().front();
    OperationState state(op->getLoc(), op->getName(), operands,
                         {withElementType(narrow, getElementTypeOrSelf(result))}, op->getAttrs());
    Operation *small = rewriter.create(state);
    return BroadcastOp::create(rewriter, op->getLoc(), result, small->getResult(0),
                               wide.getDims());
  }
};

} // namespace

void addSinkBroadcast(RewritePatternSet &patterns) {
  patterns.add<SinkBroadcast>(patterns.getContext());
}

} // namespace dlc::passes
