// Moves reshapes down through elementwise ops, so that these fuse with what made their operand.
//
//   %r = dlc.reshape %x : (B, 4, 4, 64) -> (B, 1024)        %y = dlc.mul %x, broadcast(%s)
//   %y = dlc.mul %r, broadcast(%s)                    ==>   %r = dlc.reshape %y
//
// A reshape is another name for the same bytes and ends a kernel: below a convolution, bias, relu
// and then Flatten and dropout become one epilogue instead of two passes over memory. Moved only
// if every other operand costs nothing in the other sizes: a reshape from the same sizes, a
// repeated scalar, random numbers (they depend on an element's row-major number alone). Exact.
//
// Tested by test/passes/simplify/sink_reshape.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool isScalarBroadcast(Value value) {
  auto broadcast = value.getDefiningOp<BroadcastOp>();
  return broadcast && broadcast.getX().getType().getRank() == 0;
}

struct SinkReshape : OpInterfaceRewritePattern<Fusible> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(Fusible fusible, PatternRewriter &rewriter) const override {
    Operation *op = fusible;
    if (fusible.getFusionKind() != FusionKind::Pointwise || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not an elementwise op");
    RankedTensorType from = findSourceType(op);
    if (!from)
      return rewriter.notifyMatchFailure(op, "no operand is reshaped, or another one is at hand "
                                             "in the result's sizes only");
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(inSizesOf(from, operand, rewriter));
    Type result = op->getResultTypes().front();
    OperationState state(op->getLoc(), op->getName(), operands,
                         {withElementType(from, getElementTypeOrSelf(result))}, op->getAttrs());
    Value moved = rewriter.create(state)->getResult(0);
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, result, moved);
    return success();
  }

  /// The type that some operand is reshaped from, if all operands are to be had in its sizes.
  static RankedTensorType findSourceType(Operation *op) {
    RankedTensorType from;
    for (Value operand : op->getOperands()) {
      if (auto reshape = operand.getDefiningOp<ReshapeOp>()) {
        if (from && shapeOf(from) != shapeOf(reshape.getX()))
          return {};
        from = reshape.getX().getType();
      } else if (!isScalarBroadcast(operand) && !isRandom(operand)) {
        return {};
      }
    }
    return from;
  }

  static Value inSizesOf(RankedTensorType from, Value operand, PatternRewriter &rewriter) {
    if (auto reshape = operand.getDefiningOp<ReshapeOp>())
      return reshape.getX();
    Operation *source = operand.getDefiningOp();
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(source);
    Operation *other = rewriter.clone(*source);
    other->getResult(0).setType(withElementType(from, getElementTypeOrSelf(operand.getType())));
    if (auto broadcast = dyn_cast<BroadcastOp>(other))
      broadcast.setDims({});
    return other->getResult(0);
  }
};

} // namespace

void addSinkReshape(RewritePatternSet &patterns) {
  patterns.add<SinkReshape>(patterns.getContext());
}

} // namespace dlc::passes
