// Computes cheap values again where they are used late, so that they need not be kept until then.
//
//   %m = dlc.random_bernoulli %key, %p           %m = dlc.random_bernoulli %key, %p
//   %y = dlc.select %m, %x, %zero                %y = dlc.select %m, %x, %zero
//   .. contractions, the loss ..          ==>    .. contractions, the loss ..
//   %dx = dlc.select %m, %dy, %zero              %m2 = dlc.random_bernoulli %key, %p
//                                                %dx = dlc.select %m2, %dy, %zero
//
// A value is used late where an op with loops of its own (a contraction, convolution, pool..)
// stands between it and the user: no fusion can hand it over then, so it would be written, kept
// alive over everything in between and read. Computed again it fuses into its late user, for a few
// operations on registers. The typical cases are dropout masks, comparisons of a relu, the inner
// values of gelu, scaled inputs, and what a scan would stack.
//
// The rule, for each value in the order of the program and each group of late users without such
// an op between them:
//   - its op is elementwise, a view or a source (random numbers, positions), and has one result;
//   - all late users are of these kinds or reductions, so that the copy fuses into them: a value
//     that a contraction or convolution reads late is in memory anyway;
//   - every operand is at hand there at no cost: an argument of the block, a small tensor of
//     constant size, a value that some later op reads anyway, or one that can itself be computed
//     again by this rule. At most kMaxChain ops are copied for one use.
//   - one operand may be kept in exchange for the value if it has the same type and is in memory
//     anyway, because its op has loops of its own and a reduction or another such op reads it: the
//     result of a convolution in the place of what batch norm made of it. As many bytes are kept,
//     fewer are written. Or if several such values are made of it: one is kept for all of them (u
//     for u / 2 and u / sqrt(2), which the gradient of gelu reads).
// So no more memory is in use at any time, and the value's own lifetime ends at its last early
// use. Stacks of scans are shrunk by the same idea: see ShrinkStacks.cpp.
//
// Copies equal their originals: no CSE may run between this pass and dlc-form-kernels. Exact.
// Tested by test/passes/recompute/.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"
#include "passes/recompute/Cheap.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_RECOMPUTE
#include "passes/Passes.h.inc"

namespace {

/// A tensor of at most so many bytes may stay alive for free: keys, scalars, values per channel.
constexpr int64_t kSmallBytes = 16384;

FusionKind kindOf(Operation *op) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible ? fusible.getFusionKind() : FusionKind::Opaque;
}

/// Ops after which another kernel begins. Reductions share one with what uses their result.
bool endsKernel(Operation *op) {
  switch (kindOf(op)) {
  case FusionKind::Pointwise:
  case FusionKind::View:
  case FusionKind::Source:
  case FusionKind::Gather:
  case FusionKind::Reduce:
    return false;
  default:
    return true;
  }
}

bool canTakeCopy(Operation *user) {
  return isCheap(user) || kindOf(user) == FusionKind::Reduce || isa<SeamOp>(user);
}

bool isSmall(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.hasStaticShape() &&
         type.getNumElements() * std::max(1u, type.getElementTypeBitWidth() / 8) <= kSmallBytes;
}

/// One block, numbered: where ops stand, and how many kernels have ended before them.
class BlockOrder {
public:
  explicit BlockOrder(Block &block) {
    int64_t ended = 0;
    for (Operation &op : block) {
      positions[&op] = {int64_t(positions.size()), ended};
      ended += endsKernel(&op);
    }
  }
  int64_t position(Operation *op) const { return positions.at(op).first; }
  /// Equal for two ops with no end of a kernel between them (the first op's own end counts).
  int64_t stage(Operation *op) const { return positions.at(op).second; }
  /// A copy stands where its user does.
  void place(Operation *copy, Operation *user) {
    auto where = positions.at(user); // the new entry may move all others
    positions[copy] = where;
  }

private:
  llvm::DenseMap<Operation *, std::pair<int64_t, int64_t>> positions;
};

class Recomputation {
public:
  explicit Recomputation(Block &block) : block(block), order(block) {}

  void run() {
    SmallVector<Operation *> ops;
    for (Operation &op : block.without_terminator())
      ops.push_back(&op);
    for (Operation *op : ops)
      // Broadcasts are never in memory: kernels index what they repeat.
      if (isCheap(op) && op->getNumOperands() > 0 && !isa<BroadcastOp>(op) &&
          !isSmall(op->getResult(0)))
        visit(op);
    // Originals whose users were all late.
    for (Operation *op : llvm::reverse(ops))
      if (isOpTriviallyDead(op))
        op->erase();
  }

private:
  /// By stage; none if one of them cannot take a copy, so that the value is in memory anyway.
  std::map<int64_t, SmallVector<Operation *>> lateUsers(Operation *op) {
    std::map<int64_t, SmallVector<Operation *>> late;
    for (Operation *user : op->getUsers()) {
      if (order.stage(user) == order.stage(op))
        continue;
      if (!canTakeCopy(user))
        return {};
      late[order.stage(user)].push_back(user);
    }
    return late;
  }

  /// Gives each group of late users its copy.
  void visit(Operation *op) {
    for (auto &[stage, users] : lateUsers(op)) {
      Operation *first = *llvm::min_element(users, [&](Operation *a, Operation *b) {
        return order.position(a) < order.position(b);
      });
      chain.clear();
      exchanged = nullptr;
      value = op->getResult(0);
      if (plan(op, first))
        copy(op, first, users);
    }
  }

  /// Collects the ops to copy before `user`, operands first; false if one is not at hand.
  bool plan(Operation *op, Operation *user) {
    for (Value operand : op->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (!source || isSmall(operand) || llvm::is_contained(chain, source) ||
          isAlive(operand, user) || exchange(operand))
        continue;
      if (!isCheap(source) || !plan(source, user))
        return false;
    }
    if (chain.size() == kMaxChain)
      return false;
    chain.push_back(op);
    return true;
  }

  /// Takes the one operand that may be kept in the value's stead.
  bool exchange(Value operand) {
    if (exchanged)
      return operand == exchanged;
    bool inMemory = endsKernel(operand.getDefiningOp()) &&
                    llvm::any_of(operand.getUsers(), [](Operation *user) {
                      return endsKernel(user) || kindOf(user) == FusionKind::Reduce;
                    });
    bool pays = inMemory || llvm::count_if(operand.getUsers(), [&](Operation *user) {
                              return isKept(user, operand.getType());
                            }) > 1;
    if (!pays || operand.getType() != value.getType())
      return false;
    exchanged = operand;
    return true;
  }

  /// Whether a value of this type would be kept for late users, all of which could take a copy.
  bool isKept(Operation *op, Type type) {
    return isCheap(op) && !isa<BroadcastOp>(op) && op->getResult(0).getType() == type &&
           !lateUsers(op).empty();
  }

  /// Whether an op at or after `user`, or one that shares its kernel, reads the value anyway.
  bool isAlive(Value value, Operation *user) {
    auto kept = keptUntil.find(value);
    if (kept != keptUntil.end() && kept->second >= order.stage(user))
      return true;
    return llvm::any_of(value.getUsers(), [&](Operation *other) {
      return order.position(other) >= order.position(user);
    });
  }

  void copy(Operation *op, Operation *before, ArrayRef<Operation *> users) {
    if (exchanged) {
      int64_t &until = keptUntil.try_emplace(exchanged, 0).first->second;
      until = std::max(until, order.stage(before));
    }
    OpBuilder builder(before);
    IRMapping mapping;
    for (Operation *link : chain)
      order.place(builder.clone(*link, mapping), before);
    Value again = mapping.lookup(op->getResult(0));
    for (Operation *user : users)
      user->replaceUsesOfWith(op->getResult(0), again);
  }

  Block &block;
  BlockOrder order;
  llvm::DenseMap<Value, int64_t> keptUntil; ///< the stage in which what was kept is read last
  // Of the value at hand:
  Value value;
  SmallVector<Operation *> chain; ///< what is copied for it
  Value exchanged;                ///< what is kept in its stead, or null
};

struct Recompute : impl::RecomputeBase<Recompute> {
  void runOnOperation() override {
    shrinkStacks(getOperation());
    // Stacks that nobody reads any more go; this driver merges no equal values.
    RewritePatternSet patterns(&getContext());
    addPruneControl(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    SmallVector<Block *> blocks;
    getOperation()->walk([&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks)
      if (llvm::any_of(*block, [](Operation &op) { return isa<Fusible>(op); }))
        Recomputation(*block).run();
  }
};

} // namespace

} // namespace dlc::passes
