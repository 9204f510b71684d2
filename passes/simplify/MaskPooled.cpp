// Asks about the few elements that a pool took rather than about all that it took them from.
//
//   %p = dlc.max_pool %x                          %p = dlc.max_pool %x
//   %w = dlc.max_pool_winners %x                  %w = dlc.max_pool_winners %x
//   %d = dlc.max_pool_scatter %w, %dp             %n = dlc.compare gt %p, %zero
//   %m = dlc.compare gt %x, %zero           ==>   %f = dlc.select %n, %dp, %zero
//   %e = dlc.select %m, %d, %zero                 %e = dlc.max_pool_scatter %w, %f
//   %s = dlc.sum %e over [0, 1, 2]                %s = dlc.sum %f over [0, 1, 2]
//
// So end a convolution with a bias, relu and max pooling, the other way round. Exact: what a window
// hands back goes to one position, whose %x is the window's %p, and elsewhere %d is zero. The mask
// costs a quarter or less, no pass over the large tensor is left behind that of the scatter, and
// %x need not be kept from the forward pass. A sum over positions is one over windows: each gives
// to one position, unless there is none because the image is empty, so sizes must be known.
//
// Tested by test/passes/simplify/mask_pooled.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/Splat.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// The scalar that `value` repeats; null if it repeats none.
Value splatOf(Value value) {
  auto broadcast = value.getDefiningOp<BroadcastOp>();
  return broadcast && shapeOf(broadcast.getX()).empty() ? broadcast.getX() : Value();
}

bool isZero(Value value) {
  Value scalar = splatOf(value);
  auto constant = scalar ? scalar.getDefiningOp<ConstantOp>() : value.getDefiningOp<ConstantOp>();
  return constant && isSplatOf(constant.getValue(), 0);
}

/// What the windows hold whose winners are `winners`, if that is computed before `user`.
MaxPoolOp pooledBefore(MaxPoolWinnersOp winners, Operation *user) {
  for (Operation *reader : winners.getX().getUsers())
    if (auto pool = dyn_cast<MaxPoolOp>(reader))
      if (pool->getPropertiesAsAttribute() == winners->getPropertiesAsAttribute() &&
          pool->getBlock() == user->getBlock() && pool->isBeforeInBlock(user))
        return pool;
  return {};
}

struct MaskBeforeScatter : OpRewritePattern<SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SelectOp select, PatternRewriter &rewriter) const override {
    auto scatter = select.getOnTrue().getDefiningOp<MaxPoolScatterOp>();
    auto compare = select.getPredicate().getDefiningOp<CompareOp>();
    if (!scatter || !compare || !isZero(select.getOnFalse()))
      return rewriter.notifyMatchFailure(select, "does not mask what was scattered");
    if (!scatter->hasOneUse())
      return rewriter.notifyMatchFailure(select, "others read what was scattered");
    auto winners = scatter.getWinners().getDefiningOp<MaxPoolWinnersOp>();
    Value bound = splatOf(compare.getB());
    if (!winners || winners.getX() != compare.getA() || !bound ||
        winners->getPropertiesAsAttribute() != scatter->getPropertiesAsAttribute())
      return rewriter.notifyMatchFailure(select, "the mask is not of what was pooled");
    MaxPoolOp pool = pooledBefore(winners, select);
    if (!pool)
      return rewriter.notifyMatchFailure(select, "what the windows hold is not known here");
    Location loc = select.getLoc();
    auto repeat = [&](Value scalar, Value like) -> Value {
      return BroadcastOp::create(rewriter, loc, like.getType(), scalar, ArrayRef<int64_t>{});
    };
    Value dy = scatter.getDy();
    Value mask = CompareOp::create(rewriter, loc, compare.getPredicate(), pool.getY(),
                                   repeat(bound, pool.getY()));
    Value zero = buildSplat(rewriter, loc, cast<RankedTensorType>(dy.getType()), 0);
    Value masked = SelectOp::create(rewriter, loc, mask, dy, zero);
    rewriter.replaceOpWithNewOp<MaxPoolScatterOp>(select, select.getType(), winners, masked,
                                                  scatter.getGeometry());
    return success();
  }
};

struct SumOfScatter : OpRewritePattern<SumOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SumOp sum, PatternRewriter &rewriter) const override {
    auto scatter = sum.getX().getDefiningOp<MaxPoolScatterOp>();
    auto winners =
        scatter ? scatter.getWinners().getDefiningOp<MaxPoolWinnersOp>() : MaxPoolWinnersOp();
    if (!winners || winners->getPropertiesAsAttribute() != scatter->getPropertiesAsAttribute() ||
        winners.getX().getType() != scatter.getType())
      return rewriter.notifyMatchFailure(sum, "not of what a pool's winners were given");
    PoolGeometry geometry = scatter.getGeometry();
    Shape image = shapeOf(scatter.getType());
    for (int64_t d = 0, rank = geometry.window.size(); d < rank; ++d)
      if (!llvm::is_contained(sum.getAxes(), d + 1) || !image[d + 1].isConstant() ||
          image[d + 1].isConstant(0) || !geometry.padLow[d].isConstant() ||
          !geometry.padHigh[d].isConstant())
        return rewriter.notifyMatchFailure(sum, "keeps a position, or a window may be empty");
    rewriter.replaceOpWithNewOp<SumOp>(sum, sum.getType(), scatter.getDy(), sum.getAxes());
    return success();
  }
};

} // namespace

void addMaskPooled(RewritePatternSet &patterns) {
  patterns.add<MaskBeforeScatter, SumOfScatter>(patterns.getContext());
}

} // namespace dlc::passes
