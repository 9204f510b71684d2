// Removes moves of elements that another move undoes.
//
//   %p = dlc.pad %x, %v low [1] high [2] interior [0]
//   %y = dlc.slice %p from [1] to [5] by [1]             ==>    %x
//
//   %c = dlc.concat %a, %b axis 0
//   %y = dlc.slice %c from [0] to [size of %a] by [1]    ==>    %a
//
// A gradient of a gradient meets the move back of its own move; importers write such pairs too.
// Exact and always legal; the first move goes when nobody else uses it.
//
// Tested by test/passes/simplify/undo_views.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool isZero(SizeAttr size) { return size.isConstant(0); }

struct SliceOfPad : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp slice, PatternRewriter &rewriter) const override {
    auto pad = slice.getX().getDefiningOp<PadOp>();
    if (!pad || pad.getX().getType() != slice.getType() || pad.getLow() != slice.getStarts())
      return rewriter.notifyMatchFailure(slice, "does not take what was padded");
    for (auto [stride, gap] : llvm::zip_equal(slice.getStrides(), pad.getInterior()))
      if (stride != gap + 1)
        return rewriter.notifyMatchFailure(slice, "strides do not step over the gaps");
    rewriter.replaceOp(slice, pad.getX());
    return success();
  }
};

struct SliceOfConcat : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SliceOp slice, PatternRewriter &rewriter) const override {
    auto concat = slice.getX().getDefiningOp<ConcatOp>();
    if (!concat || !llvm::all_of(slice.getStrides(), [](int64_t stride) { return stride == 1; }))
      return rewriter.notifyMatchFailure(slice, "not a dense slice of a concatenation");
    int64_t axis = concat.getAxis();
    for (auto [i, start] : llvm::enumerate(slice.getStarts().getSizes()))
      if (int64_t(i) != axis && !isZero(start))
        return rewriter.notifyMatchFailure(slice, "cuts across another axis");
    SizeAttr offset = sizeConstant(slice.getContext(), 0);
    for (Value input : concat.getInputs()) {
      if (slice.getStarts().getSizes()[axis] == offset && input.getType() == slice.getType()) {
        rewriter.replaceOp(slice, input);
        return success();
      }
      offset = sizeAdd(offset, shapeOf(input)[axis]);
    }
    return rewriter.notifyMatchFailure(slice, "takes no input as a whole");
  }
};

struct PadByNothing : OpRewritePattern<PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PadOp pad, PatternRewriter &rewriter) const override {
    bool nothing = llvm::all_of(pad.getLow().getSizes(), isZero) &&
                   llvm::all_of(pad.getHigh().getSizes(), isZero) &&
                   llvm::all_of(pad.getInterior(), [](int64_t gap) { return gap == 0; });
    if (!nothing)
      return rewriter.notifyMatchFailure(pad, "adds elements");
    rewriter.replaceOp(pad, pad.getX());
    return success();
  }
};

struct ReverseTwice : OpRewritePattern<ReverseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ReverseOp reverse, PatternRewriter &rewriter) const override {
    auto inner = reverse.getX().getDefiningOp<ReverseOp>();
    if (!inner || inner.getAxes() != reverse.getAxes())
      return rewriter.notifyMatchFailure(reverse, "not reversed along the same axes before");
    rewriter.replaceOp(reverse, inner.getX());
    return success();
  }
};

} // namespace

void addUndoViews(RewritePatternSet &patterns) {
  patterns.add<SliceOfPad, SliceOfConcat, PadByNothing, ReverseTwice>(patterns.getContext());
}

} // namespace dlc::passes
