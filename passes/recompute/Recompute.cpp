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
//     constant size, a value that some later op or the kernel before reads anyway, or one that can
//     itself be computed again by this rule. At most kMaxChain ops are copied for one use.
//   - one operand may be kept in exchange for the value if it takes no more bytes and is in memory
//     anyway, because its op has loops of its own, or ends what such an op computes (with a bias),
//     and a reduction or another such op reads it: the result of a convolution in the place of what
//     batch norm made of it. No more bytes are kept, fewer are written. Or, of the same type, if
//     several such values are made of it: one is kept for all of them (u for u / 2 and u / sqrt(2),
//     which the gradient of gelu reads).
// A value that is widened (bf16 to f32) is read in either form: kernels widen what they load.
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
#include "passes/fusion/Epilogue.h"
#include "passes/fusion/Widenings.h"
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

/// A value that a kernel reads so shortly before is at hand still.
constexpr int64_t kKernelsBefore = 1;

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
    Value stored = storedForm(operand);
    if (exchanged)
      return stored == exchanged;
    bool pays = takesNoMore(stored, value) && isInMemory(stored);
    pays |= operand.getType() == value.getType() &&
            llvm::count_if(operand.getUsers(), [&](Operation *user) {
              return isKept(user, operand.getType());
            }) > 1;
    if (!pays)
      return false;
    exchanged = stored;
    return true;
  }

  /// What lies in memory of a value: the narrow one of which it is a widening.
  static Value storedForm(Value v) {
    while (isWidening(v.getDefiningOp()))
      v = v.getDefiningOp()->getOperand(0);
    return v;
  }

  /// Those who read a value or a widening of it.
  static SmallVector<Operation *> readersOf(Value stored) {
    SmallVector<Operation *> readers(stored.user_begin(), stored.user_end());
    for (size_t i = 0; i < readers.size(); ++i)
      if (isWidening(readers[i]))
        readers.append(readers[i]->user_begin(), readers[i]->user_end());
    return readers;
  }

  /// Whether keeping |a| takes no more bytes than |b|.
  static bool takesNoMore(Value a, Value b) {
    auto element = [](Value v) { return cast<RankedTensorType>(v.getType()).getElementType(); };
    return shapeOf(a) == shapeOf(b) &&
           element(a).getIntOrFloatBitWidth() <= element(b).getIntOrFloatBitWidth();
  }

  /// Whether a kernel with loops of its own writes the value whatever is recomputed.
  static bool isInMemory(Value v) {
    Operation *op = v.getDefiningOp();
    return op && (endsKernel(op) || endsHeavyOp(op)) &&
           llvm::any_of(readersOf(v), [](Operation *user) {
             return endsKernel(user) || kindOf(user) == FusionKind::Reduce;
           });
  }

  /// Whether a value of this type would be kept for late users, all of which could take a copy.
  bool isKept(Operation *op, Type type) {
    return isCheap(op) && !isa<BroadcastOp>(op) && op->getResult(0).getType() == type &&
           !lateUsers(op).empty();
  }

  /// Whether an op at or after `user`, or one that shares its kernel, reads the value anyway.
  bool isAlive(Value operand, Operation *user) {
    Value stored = storedForm(operand);
    auto kept = keptUntil.find(stored);
    if (kept != keptUntil.end() && kept->second >= order.stage(user))
      return true;
    // Late users of a widening do not make it cheap: they are who it is computed again for.
    bool isValue = stored == storedForm(value);
    return llvm::any_of(isValue ? llvm::to_vector(operand.getUsers()) : readersOf(stored),
                        [&](Operation *other) {
                          return order.position(other) >= order.position(user) ||
                                 (endsKernel(other) &&
                                  order.stage(other) + kKernelsBefore >= order.stage(user));
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
  Value exchanged;                ///< what is kept in its stead, as it is stored; or null
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
      if (llvm::any_of(*block, [](Operation &op) { return isa<Fusible>(op); })) {
        readNarrowForms(*block);
        Recomputation(*block).run();
      }
  }
};

} // namespace

} // namespace dlc::passes
