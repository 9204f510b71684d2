// Removes arithmetic with a neutral constant that fills a tensor.
//
//   %one = dlc.constant dense<1.0> : tensor<f32>
//   %ones = dlc.broadcast %one to []              ==>    %x
//   %y = dlc.mul %x, %ones
//
// A gradient begins with a one and carries it through every sum, so such products stand at the
// root of every backward pass. A tensor of one value is a broadcast scalar constant (its sizes may
// be symbolic), which the ops' own folds do not see. Small powers become products: x^2 and x^3
// cost one and two multiplications, pow a logarithm and an exponential.
//
// Exact for every x, NaN and signed zeros included, but for powers: their products round at most
// once more. x + 0.0 is no identity (-0 becomes 0) and stays.
//
// Tested by test/passes/simplify/fold_splats.mlir.
#include "ir/Ops.h"
#include "ir/support/Formula.h"
#include "mlir/IR/Matchers.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// The number that fills `value`, if a constant does.
std::optional<double> splatValue(Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getX();
  DenseElementsAttr attribute;
  if (!matchPattern(value, m_Constant(&attribute)) || !attribute.isSplat())
    return std::nullopt;
  Type element = attribute.getElementType();
  if (isa<FloatType>(element)) {
    APFloat number = attribute.getSplatValue<APFloat>();
    bool losesInfo;
    number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    return number.convertToDouble();
  }
  if (element.isSignlessInteger() && !element.isInteger(1))
    return double(attribute.getSplatValue<APInt>().getSExtValue());
  return std::nullopt;
}

struct FoldSplatFactor : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MulOp mul, PatternRewriter &rewriter) const override {
    for (auto [factor, other] : {std::pair(mul.getA(), mul.getB()),
                                 std::pair(mul.getB(), mul.getA())}) {
      std::optional<double> value = splatValue(factor);
      if (value == 1.0) {
        rewriter.replaceOp(mul, other);
        return success();
      }
      if (value == -1.0) {
        rewriter.replaceOpWithNewOp<NegOp>(mul, other);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(mul, "no factor is filled with 1 or -1");
  }
};

struct FoldSplatDivisor : OpRewritePattern<DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(DivOp div, PatternRewriter &rewriter) const override {
    if (splatValue(div.getB()) != 1.0)
      return rewriter.notifyMatchFailure(div, "the divisor is not filled with 1");
    rewriter.replaceOp(div, div.getA());
    return success();
  }
};

struct FoldSplatTerm : OpRewritePattern<SubOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SubOp sub, PatternRewriter &rewriter) const override {
    std::optional<double> value = splatValue(sub.getB());
    // x - (-0.0) turns -0 into 0.
    if (value != 0.0 || std::signbit(*value))
      return rewriter.notifyMatchFailure(sub, "what is taken away is not filled with 0");
    rewriter.replaceOp(sub, sub.getA());
    return success();
  }
};

struct ExpandSmallPower : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PowOp pow, PatternRewriter &rewriter) const override {
    std::optional<double> exponent = splatValue(pow.getB());
    Value x = pow.getA();
    if (exponent == 1.0) {
      rewriter.replaceOp(pow, x);
      return success();
    }
    if (exponent != 2.0 && exponent != 3.0)
      return rewriter.notifyMatchFailure(pow, "the exponent is not filled with 1, 2 or 3");
    Formula f(rewriter, pow.getLoc());
    Value square = f.mul(x, x);
    rewriter.replaceOp(pow, exponent == 2.0 ? square : f.mul(square, x));
    return success();
  }
};

/// Sizes do not matter to a tensor of one value: views of it are broadcasts of its scalar.
template <typename View> struct FoldViewOfScalar : OpRewritePattern<View> {
  using OpRewritePattern<View>::OpRewritePattern;

  LogicalResult matchAndRewrite(View view, PatternRewriter &rewriter) const override {
    auto broadcast = view.getX().template getDefiningOp<BroadcastOp>();
    if (!broadcast || broadcast.getX().getType().getRank() != 0)
      return rewriter.notifyMatchFailure(view, "the operand is not one repeated scalar");
    rewriter.replaceOpWithNewOp<BroadcastOp>(view, view.getType(), broadcast.getX(),
                                             ArrayRef<int64_t>{});
    return success();
  }
};

} // namespace

void addFoldSplats(RewritePatternSet &patterns) {
  patterns.add<FoldSplatFactor, FoldSplatDivisor, FoldSplatTerm, ExpandSmallPower,
               FoldViewOfScalar<ReshapeOp>, FoldViewOfScalar<TransposeOp>,
               FoldViewOfScalar<SliceOp>, FoldViewOfScalar<ReverseOp>>(patterns.getContext());
}

} // namespace dlc::passes
