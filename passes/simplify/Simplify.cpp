// Runs folds, dead code removal, common subexpressions and all groups of rewrites until nothing
// changes any more.
//
// What gradients leave behind is regular: a factor of one at the start, a negation per subtraction,
// a broadcast per reduction, a transpose per contraction, results that one branch of the program
// asked for and the other did not. Each group takes care of one such trace; none of them changes
// what an entry computes by more than the rounding of a reassociated factor.
//
// Runs after dlc-differentiate (before it, merging could unite two targets of a gradient) and
// before dlc-form-kernels. Tested by test/passes/simplify/.
#include "passes/simplify/Patterns.h"
#include "ir/Ops.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"

using namespace mlir;

namespace dlc::passes {

#define GEN_PASS_DEF_SIMPLIFY
#include "passes/Passes.h.inc"

bool isRandom(Value value) {
  return isa_and_nonnull<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(
      value.getDefiningOp());
}

namespace {

struct Group {
  StringRef name;
  void (*add)(RewritePatternSet &);
};

constexpr Group groups[] = {
    {"fold-pads", addFoldPads},
    {"fold-splats", addFoldSplats},
    {"fold-transposes", addFoldTransposes},
    {"hoist-invariants", addHoistInvariants},
    {"mask-pooled", addMaskPooled},
    {"pair-reshape", addPairReshape},
    {"prune-control", addPruneControl},
    {"reduce-broadcast", addReduceBroadcast},
    {"sink-broadcast", addSinkBroadcast},
    {"sink-negate", addSinkNegate},
    {"sink-reshape", addSinkReshape},
    {"skip-unread", addSkipUnread},
    {"undo-views", addUndoViews},
};

struct Simplify : impl::SimplifyBase<Simplify> {
  using SimplifyBase::SimplifyBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    if (failed(addGroups(patterns)))
      return signalPassFailure();
    FrozenRewritePatternSet frozen(std::move(patterns));
    // Merging equal values gives rewrites new chances and the other way round; two rounds catch
    // what a longer loop was seen to catch.
    for (int round = 0; round < 2; ++round) {
      if (failed(applyPatternsGreedily(getOperation(), frozen)))
        return signalPassFailure();
      IRRewriter rewriter(&getContext());
      DominanceInfo dominance(getOperation());
      eliminateCommonSubExpressions(rewriter, dominance, getOperation());
    }
  }

  LogicalResult addGroups(RewritePatternSet &patterns) {
    for (const std::string &name : only)
      if (llvm::none_of(groups, [&](const Group &group) { return group.name == name; }))
        return getOperation()->emitError("dlc-simplify has no group of rewrites named '")
               << name << "'";
    for (const Group &group : groups)
      if (only.empty() || llvm::is_contained(only, group.name))
        group.add(patterns);
    return success();
  }
};

} // namespace

} // namespace dlc::passes
