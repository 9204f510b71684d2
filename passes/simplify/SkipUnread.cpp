// Computes of an image only the positions that are read.
//
//   %c = dlc.conv %x, %w strides [1, 1]               %c = dlc.conv %x, %w strides [2, 2]
//   %s = dlc.add %c, %r                               %t = dlc.slice %r by [1, 2, 2, 1]
//   %y = dlc.conv %s, %v strides [2, 2]       ==>     %s = dlc.add %c, %t
//                                                     %y = dlc.conv %s, %v strides [1, 1]
//
// with a filter %v of one tap: residual networks halve their images so, and all that reads the
// last sum of a stage reads every other position of it. Steps that all readers have in common move
// up through elementwise ops into the strides of convolutions and pools, and become slices of
// whatever others read, too. Of ResNet-50 that leaves a tenth of a prediction out.
//
// Exact: positions that are left are computed as before. Sizes along which a reader takes steps
// must be known, since what is left of others cannot always be told.
//
// Tested by test/passes/simplify/skip_unread.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/simplify/Patterns.h"
#include <numeric>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// Distances between positions along the dimensions of an image, [N, spatial..., C].
using Steps = SmallVector<int64_t>;

Steps everyPosition(Value image) {
  return Steps(cast<RankedTensorType>(image.getType()).getRank(), 1);
}

/// Of a convolution, or its filter's gradient, the steps between positions that it reads.
template <typename Conv> Steps stepsOf(Conv conv, Value x, ArrayRef<SizeAttr> filter) {
  Steps steps = everyPosition(x);
  for (auto [d, stride] : llvm::enumerate(conv.getStrides()))
    if (filter[d].isConstant(1) && conv.getPadLow().getSizes()[d].isConstant(0) &&
        conv.getPadHigh().getSizes()[d].isConstant(0))
      steps[d + 1] = stride;
  return steps;
}

Steps stepsOf(SliceOp slice) {
  Steps steps(slice.getStrides());
  Shape shape = shapeOf(slice.getX());
  for (auto [d, size] : llvm::enumerate(shape))
    if (!slice.getStarts().getSizes()[d].isConstant(0) || slice.getLimits().getSizes()[d] != size)
      return everyPosition(slice.getX());
  return steps;
}

/// The steps between positions that a reader takes; 1 along dimensions that it may read all of.
Steps stepsOf(OpOperand &use) {
  Operation *reader = use.getOwner();
  bool first = use.getOperandNumber() == 0;
  if (auto conv = dyn_cast<ConvOp>(reader); conv && first)
    return stepsOf(conv, conv.getX(), shapeOf(conv.getFilter()));
  if (auto grad = dyn_cast<ConvFilterGradOp>(reader); grad && first)
    return stepsOf(grad, grad.getX(), shapeOf(grad.getType()));
  if (auto slice = dyn_cast<SliceOp>(reader))
    return stepsOf(slice);
  return everyPosition(use.get());
}

/// The steps that all readers of `image` have in common along its spatial dimensions; none without
/// such steps.
std::optional<Steps> commonSteps(Value image) {
  Shape shape = shapeOf(image);
  if (shape.size() < 3 || image.use_empty())
    return std::nullopt;
  Steps common(shape.size(), 0);
  for (OpOperand &use : image.getUses())
    for (auto [mine, steps] : llvm::zip_equal(common, stepsOf(use)))
      mine = std::gcd(mine, steps);
  common.front() = common.back() = 1;
  for (auto [steps, size] : llvm::zip_equal(common, shape))
    if (steps > 1 && (!size.isConstant() || size.isConstant(0)))
      steps = 1;
  if (llvm::all_of(common, [](int64_t steps) { return steps == 1; }))
    return std::nullopt;
  return common;
}

/// The type of every so many positions of `type`.
RankedTensorType everyStep(Type type, ArrayRef<int64_t> steps) {
  Shape shape = shapeOf(type);
  for (auto [size, step] : llvm::zip_equal(shape, steps))
    if (step > 1)
      size = sizeConstant(type.getContext(), (size.getValue() + step - 1) / step);
  return tensorType(type.getContext(), shape, getElementTypeOrSelf(type));
}

Value sliced(PatternRewriter &rewriter, Location loc, Value image, ArrayRef<int64_t> steps) {
  if (llvm::all_of(steps, [](int64_t step) { return step == 1; }))
    return image;
  Shape starts(steps.size(), sizeConstant(image.getContext(), 0));
  return SliceOp::create(rewriter, loc, image, starts, shapeOf(image), steps);
}

/// Lets all readers of `whole` read `part`, every so many positions of it.
void readPart(PatternRewriter &rewriter, Value whole, Value part, ArrayRef<int64_t> steps) {
  auto remaining = [&](ArrayRef<int64_t> strides, size_t firstDim) {
    Steps rest(strides);
    for (auto [d, stride] : llvm::enumerate(rest))
      stride /= steps[d + firstDim];
    return rest;
  };
  for (OpOperand &use : llvm::make_early_inc_range(whole.getUses())) {
    Operation *reader = use.getOwner();
    if (auto slice = dyn_cast<SliceOp>(reader)) {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(slice);
      rewriter.replaceOp(
          slice, sliced(rewriter, slice.getLoc(), part, remaining(slice.getStrides(), 0)));
      continue;
    }
    rewriter.modifyOpInPlace(reader, [&] {
      use.set(part);
      if (auto conv = dyn_cast<ConvOp>(reader))
        conv.setStrides(remaining(conv.getStrides(), 1));
      else
        cast<ConvFilterGradOp>(reader).setStrides(
            remaining(cast<ConvFilterGradOp>(reader).getStrides(), 1));
    });
  }
}

/// A window slides by longer strides.
template <typename Window> struct SkipWindows : OpRewritePattern<Window> {
  using OpRewritePattern<Window>::OpRewritePattern;

  LogicalResult matchAndRewrite(Window window, PatternRewriter &rewriter) const override {
    std::optional<Steps> steps = commonSteps(window.getY());
    if (!steps)
      return rewriter.notifyMatchFailure(window, "all positions may be read");
    Steps strides(window.getStrides());
    for (auto [d, stride] : llvm::enumerate(strides))
      stride *= (*steps)[d + 1];
    auto part = cast<Window>(rewriter.clone(*window));
    part.setStrides(strides);
    part.getY().setType(everyStep(window.getType(), *steps));
    readPart(rewriter, window.getY(), part.getY(), *steps);
    rewriter.eraseOp(window);
    return success();
  }
};

/// An elementwise op takes every so many positions of its operands.
struct SkipElements : OpInterfaceRewritePattern<Fusible> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(Fusible fusible, PatternRewriter &rewriter) const override {
    Operation *op = fusible;
    if (fusible.getFusionKind() != FusionKind::Pointwise || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not an elementwise op");
    std::optional<Steps> steps = commonSteps(op->getResult(0));
    if (!steps)
      return rewriter.notifyMatchFailure(op, "all positions may be read");
    // A random number depends on the number of its element: all of them would be written.
    if (llvm::any_of(op->getOperands(), isRandom))
      return rewriter.notifyMatchFailure(op, "random numbers are not sliced");
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(partOf(operand, *steps, rewriter));
    OperationState state(op->getLoc(), op->getName(), operands,
                         {everyStep(op->getResult(0).getType(), *steps)}, op->getAttrs());
    readPart(rewriter, op->getResult(0), rewriter.create(state)->getResult(0), *steps);
    rewriter.eraseOp(op);
    return success();
  }

  /// What is repeated along the steps is repeated less often, and anything else sliced.
  static Value partOf(Value operand, ArrayRef<int64_t> steps, PatternRewriter &rewriter) {
    auto broadcast = operand.getDefiningOp<BroadcastOp>();
    if (!broadcast || llvm::any_of(broadcast.getDims(), [&](int64_t d) { return steps[d] > 1; }))
      return sliced(rewriter, operand.getLoc(), operand, steps);
    return BroadcastOp::create(rewriter, broadcast.getLoc(), everyStep(broadcast.getType(), steps),
                               broadcast.getX(), broadcast.getDims());
  }
};

} // namespace

void addSkipUnread(RewritePatternSet &patterns) {
  patterns.add<SkipWindows<ConvOp>, SkipWindows<MaxPoolOp>, SkipWindows<AvgPoolOp>, SkipElements>(
      patterns.getContext());
}

} // namespace dlc::passes
