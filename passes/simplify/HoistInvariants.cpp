// Moves out of loops what every iteration computes alike.
//
//   scan invariants(%w) {                        %t = dlc.tanh %w
//   ^bb0(%i, %h, %u):                    ==>     scan invariants(%w, %t) {
//     %t = dlc.tanh %u                           ^bb0(%i, %h, %u, %t):
//     %n = dlc.mul %h, %t                          %n = dlc.mul %h, %t
//
// Of what depends on invariants and constants alone, an op goes if its value is worth a buffer:
//   - it has loops of its own (contractions, reductions, inner loops..), or
//   - it is elementwise and one operand is in memory, seen through views that repeat nothing:
//     then the iterations read as many bytes as before.
// Views, constants, random numbers and sums of two broadcasts stay: kernels compute them while
// they read. An op that goes takes along the views that it reads.
//
// Always legal and exact: regions are pure, and what a loop of no iterations would not have
// computed has no effect.
//
// Tested by test/passes/simplify/hoist_invariants.mlir.
#include "ir/Ops.h"
#include "mlir/IR/IRMapping.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// What of one loop body depends on its invariants alone, and which of it is worth moving.
class InvariantOps {
public:
  InvariantOps(Block &body, Block::BlockArgListType invariants) {
    known.insert_range(invariants);
    for (Operation &op : body.without_terminator()) {
      if (!llvm::all_of(op.getOperands(), [&](Value operand) { return known.contains(operand); }))
        continue;
      known.insert_range(op.getResults());
      if (isWorthABuffer(op))
        moved.insert(&op);
    }
  }

  /// Values of moved ops that an op which stays in the body reads.
  SmallVector<Value> results() {
    SmallVector<Value> read;
    for (Operation *op : moved)
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) { return staysNeeded(user); }))
          read.push_back(result);
    return read;
  }

private:
  bool isWorthABuffer(Operation &op) {
    auto fusible = dyn_cast<Fusible>(op);
    if (!fusible || op.hasTrait<OpTrait::ConstantLike>())
      return false;
    switch (fusible.getFusionKind()) {
    case FusionKind::View:
    case FusionKind::Source:
      return false;
    case FusionKind::Pointwise:
      return llvm::any_of(op.getOperands(), [&](Value operand) { return isInMemory(operand); });
    default:
      return true;
    }
  }

  bool isInMemory(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return true;
    auto fusible = cast<Fusible>(op);
    if (fusible.getFusionKind() == FusionKind::View && !isa<BroadcastOp>(op))
      return isInMemory(op->getOperand(0));
    return moved.contains(op);
  }

  /// Whether the op remains in the body for something other than moved ops.
  bool staysNeeded(Operation *user) {
    if (moved.contains(user))
      return false;
    bool isInvariant = user->getNumResults() > 0 && known.contains(user->getResult(0));
    return !isInvariant ||
           llvm::any_of(user->getUsers(), [&](Operation *next) { return staysNeeded(next); });
  }

  llvm::SmallDenseSet<Value> known;
  llvm::SetVector<Operation *> moved;
};

/// Copies what defines `value` in a body to the insertion point.
Value copyOut(OpBuilder &builder, IRMapping &mapping, Value value) {
  if (Value done = mapping.lookupOrNull(value))
    return done;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    copyOut(builder, mapping, operand);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

/// Copies before the loop what is worth it of one of its bodies; every body takes the values as
/// further invariants, which are the last arguments.
template <typename Loop>
LogicalResult hoist(Loop loop, Region &body, unsigned firstInvariant, PatternRewriter &rewriter) {
  auto arguments = body.getArguments().drop_front(firstInvariant);
  SmallVector<Value> values = InvariantOps(body.front(), arguments).results();
  if (values.empty())
    return rewriter.notifyMatchFailure(loop, "every op depends on the iteration or is free");
  rewriter.setInsertionPoint(loop);
  IRMapping mapping;
  mapping.map(arguments, loop.getInvariants());
  SmallVector<Value> outside;
  for (Value value : values)
    outside.push_back(copyOut(rewriter, mapping, value));
  rewriter.modifyOpInPlace(loop, [&] {
    loop.getInvariantsMutable().append(outside);
    for (Region &region : loop->getRegions())
      for (Value value : outside)
        region.addArgument(value.getType(), value.getLoc());
    auto added = body.getArguments().take_back(values.size());
    for (auto [value, argument] : llvm::zip(values, added))
      rewriter.replaceAllUsesWith(value, argument);
  });
  return success();
}

struct HoistFromScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    unsigned first = 1 + scan.getInits().size() + scan.getXs().size();
    return hoist(scan, scan.getBody(), first, rewriter);
  }
};

struct HoistFromWhile : OpRewritePattern<WhileOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(WhileOp loop, PatternRewriter &rewriter) const override {
    unsigned first = loop.getInits().size();
    bool changed = false;
    for (Region *region : {&loop.getCondition(), &loop.getBody()})
      changed |= succeeded(hoist(loop, *region, first, rewriter));
    return success(changed);
  }
};

} // namespace

void addHoistInvariants(RewritePatternSet &patterns) {
  patterns.add<HoistFromScan, HoistFromWhile>(patterns.getContext());
}

} // namespace dlc::passes
