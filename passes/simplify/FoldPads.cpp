// Lets a window leave out what a pad puts around an image, instead of writing a larger image.
//
//   %p = dlc.pad %x, %zero low [0, 3, 3, 0] high [0, 3, 3, 0] interior [0, 0, 0, 0]
//   %y = dlc.conv %p, %w low [0, 0] high [0, 0]
//     ==>
//   %y = dlc.conv %x, %w low [3, 3] high [3, 3]
//
//   %r = dlc.relu %x
//   %p = dlc.pad %r, %zero                            ==>   %r = dlc.relu %x
//   %y = dlc.max_pool %p                                    %y = dlc.max_pool %r
//
// Networks state such pads as layers of their own. Padding takes no part in a convolution: the sum
// is the same for every finite filter, and a NaN or an infinity of the filter that met zeros alone
// reaches nothing any more. The largest of a window is no smaller than the zeros beside it where
// nothing is negative, as behind a relu, as long as each window holds some of the image.
//
// A pad that others read, too, is written anyhow: in training a gradient reads it.
//
// Tested by test/passes/simplify/fold_pads.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/Splat.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// The pad of zeros around the positions of an image that `image` is and nobody else reads; of
/// known sizes, so that the result's sizes stay as they are stated.
PadOp padAround(Value image) {
  auto pad = image.getDefiningOp<PadOp>();
  if (!pad || !pad->hasOneUse())
    return {};
  auto value = pad.getValue().getDefiningOp<ConstantOp>();
  bool dense = llvm::all_of(pad.getInterior(), [](int64_t gap) { return gap == 0; });
  if (!value || !isSplatOf(value.getValue(), 0) || !dense)
    return {};
  Shape shape = shapeOf(pad.getX());
  for (auto [i, sizes] :
       llvm::enumerate(llvm::zip_equal(shape, pad.getLow().getSizes(), pad.getHigh().getSizes()))) {
    auto [size, low, high] = sizes;
    bool spatial = i > 0 && i + 1 < shape.size();
    if (spatial ? !size.isConstant() || !low.isConstant() || !high.isConstant()
                : !low.isConstant(0) || !high.isConstant(0))
      return {};
  }
  return pad;
}

/// Padding of a window plus what a pad of the whole image adds on that side.
DimsAttr together(DimsAttr padding, DimsAttr pad) {
  SmallVector<SizeAttr> sums;
  for (auto [own, more] :
       llvm::zip_equal(padding.getSizes(), pad.getSizes().drop_front().drop_back()))
    sums.push_back(sizeAdd(own, more));
  return DimsAttr::get(padding.getContext(), sums);
}

struct PadOfConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp conv, PatternRewriter &rewriter) const override {
    PadOp pad = padAround(conv.getX());
    if (!pad)
      return rewriter.notifyMatchFailure(conv, "convolves no image that is padded for it alone");
    rewriter.modifyOpInPlace(conv, [&] {
      conv.getXMutable().set(pad.getX());
      conv.setPadLowAttr(together(conv.getPadLow(), pad.getLow()));
      conv.setPadHighAttr(together(conv.getPadHigh(), pad.getHigh()));
    });
    return success();
  }
};

/// Whether padding leaves some of an image of `sizes` to every window.
bool fits(DimsAttr padding, ArrayRef<int64_t> window, ArrayRef<SizeAttr> sizes) {
  return llvm::all_of(llvm::zip_equal(padding.getSizes(), window, sizes), [](auto each) {
    auto [pad, length, size] = each;
    return pad.isConstant() && pad.getValue() < length && size.getValue() > 0;
  });
}

struct PadOfMaxPool : OpRewritePattern<MaxPoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MaxPoolOp pool, PatternRewriter &rewriter) const override {
    PadOp pad = padAround(pool.getX());
    if (!pad || !pad.getX().getDefiningOp<ReluOp>())
      return rewriter.notifyMatchFailure(pool, "no image without negative elements is padded");
    DimsAttr low = together(pool.getPadLow(), pad.getLow());
    DimsAttr high = together(pool.getPadHigh(), pad.getHigh());
    Shape shape = shapeOf(pad.getX());
    ArrayRef<SizeAttr> sizes = ArrayRef(shape).drop_front().drop_back();
    if (!fits(low, pool.getWindow(), sizes) || !fits(high, pool.getWindow(), sizes))
      return rewriter.notifyMatchFailure(pool, "a window may hold padding alone");
    rewriter.modifyOpInPlace(pool, [&] {
      pool.getXMutable().set(pad.getX());
      pool.setPadLowAttr(low);
      pool.setPadHighAttr(high);
    });
    return success();
  }
};

} // namespace

void addFoldPads(RewritePatternSet &patterns) {
  patterns.add<PadOfConv, PadOfMaxPool>(patterns.getContext());
}

} // namespace dlc::passes
