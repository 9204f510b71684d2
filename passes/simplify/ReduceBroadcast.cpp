// Sums what was repeated by counting.
//
//   %b = dlc.broadcast %a to [1]              %n = dlc.size [B]
//   %s = dlc.sum %b over [0]           ==>    %s = dlc.mul %a, broadcast(%n)
//
// The gradient of a mean or of a bias often sums a cotangent that is the same in every row. The
// product is nearer to the true sum than any order of additions. Only for f32, f64, i32 and i64:
// a count may not be representable in narrower types; and only for counts that are never 0, where
// an infinite %a would become NaN (the mean's gradient over an empty batch). Dimensions that are
// summed but were not repeated are summed before; repeated ones that are kept are repeated after.
//
// Tested by test/passes/simplify/reduce_broadcast.mlir.
#include "ir/Ops.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"
#include "ir/support/SymbolBounds.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool canCount(Type element) {
  return element.isF32() || element.isF64() || element.isSignlessInteger(32) ||
         element.isSignlessInteger(64);
}

/// Whether the size is at least 1 for all values that the module allows its symbols.
bool isNeverZero(SizeAttr size, Operation *user) {
  std::optional<int64_t> low = leastValue(size, user);
  return low && *low >= 1;
}

struct SumOfBroadcast : OpRewritePattern<SumOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SumOp sum, PatternRewriter &rewriter) const override {
    auto broadcast = sum.getX().getDefiningOp<BroadcastOp>();
    if (!broadcast || !canCount(sum.getType().getElementType()))
      return rewriter.notifyMatchFailure(sum, "not the sum of a broadcast that can be counted");
    Shape wide = shapeOf(sum.getX());
    SmallVector<SizeAttr> counted;
    SmallVector<int64_t> summed, kept;
    for (int64_t axis : sum.getAxes())
      if (!llvm::is_contained(broadcast.getDims(), axis))
        counted.push_back(wide[axis]);
    if (counted.empty())
      return rewriter.notifyMatchFailure(sum, "no repeated dimension is summed");
    if (!llvm::all_of(counted, [&](SizeAttr size) { return isNeverZero(size, sum); }))
      return rewriter.notifyMatchFailure(sum, "a repeated dimension may be empty");
    // Where each kept dimension of the broadcast's operand stands in the sum's result.
    SmallVector<int64_t> left = otherAxes(wide.size(), sum.getAxes());
    for (auto [i, dim] : llvm::enumerate(broadcast.getDims())) {
      if (llvm::is_contained(sum.getAxes(), dim))
        summed.push_back(i);
      else
        kept.push_back(llvm::find(left, dim) - left.begin());
    }
    Formula f(rewriter, sum.getLoc());
    Value once = summed.empty() ? Value(broadcast.getX()) : f.sum(broadcast.getX(), summed);
    Value count = f.size(counted, sum.getType().getElementType());
    Value total = f.mul(once, f.broadcast(count, once.getType(), {}));
    rewriter.replaceOp(sum, f.broadcast(total, sum.getType(), kept));
    return success();
  }
};

} // namespace

void addReduceBroadcast(RewritePatternSet &patterns) {
  patterns.add<SumOfBroadcast>(patterns.getContext());
}

} // namespace dlc::passes
