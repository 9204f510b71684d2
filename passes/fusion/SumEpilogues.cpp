// Leaves column sums to the kernel of the convolution that computes what is summed.
//
//   %y = dlc.conv ...                          %y = dlc.conv ...
//   %s = dlc.sum %y over [0, 1, 2]             %s = dlc.sum %y over [0, 1, 2]
//   %m = dlc.div %s, %n                  ==>   %m1 = dlc.div %s, %n       | copies, of which the
//   %c = dlc.sub %y, (%m repeated)             %c1 = dlc.sub %y, (%m1 ..) | kernel of %y makes no
//   %v = dlc.sum (%c * %c) over [0, 1, 2]      %v = dlc.sum (%c1 * %c1)   | values in memory
//   ... %c * %scale ...                        %m = ..., %c = ...
//
// Statistics of a batch normalisation cost two passes over memory; while a tile of the result is in
// registers they cost four instructions. What lies between the result and the sum is copied, so
// that every other reader makes its own of what lies in memory; where that would mean one more
// tensor in memory, or a function's value for every element, the sum stays where it is.
//
// A run follows each other in the block: whatever it reads stands before it and every reader behind
// it, so that groups (KernelGroups.h) see one op with several results. Part of dlc-form-kernels.
// Tested by test/passes/fusion/sum_epilogues.mlir.
#include "passes/fusion/SumEpilogues.h"
#include "ir/Ops.h"
#include "ir/support/ColumnSums.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/fusion/Epilogue.h"
#include "passes/fusion/KernelGroups.h"
#include "passes/fusion/Widenings.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

constexpr size_t kMostCopies = 12; // ops per sum that are computed again
constexpr size_t kMostReads = 2;   // tensors per run that its sums read besides the result

FusionKind kindOf(Operation *op) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible ? fusible.getFusionKind() : FusionKind::Opaque;
}

/// Convolutions whose tiles are rows of pixels with all columns of the result beside each other.
bool takesSums(Operation *op) {
  if (isa<WinogradConvOp>(op))
    return true;
  auto conv = dyn_cast<ConvOp>(op);
  return conv && conv.getGeometry().groups == 1;
}

/// Whether a value lies in memory whatever becomes of its readers.
bool liesInMemory(Value value, Block *block) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getBlock() != block || KernelGroups::isAlias(op))
    return true;
  if (isWidening(op))
    return false; // what it widens does
  switch (kindOf(op)) {
  case FusionKind::Pointwise:
    return endsHeavyOp(op) || llvm::any_of(op->getUsers(), [](Operation *user) {
             return !KernelGroups::inlines(user) && !KernelGroups::isFree(user);
           });
  case FusionKind::Contraction:
  case FusionKind::Convolution:
  case FusionKind::Attention:
  case FusionKind::Window:
    return true;
  default:
    return false;
  }
}

/// The runs of a block that are made, which move as one.
struct Runs {
  SmallVector<SumRun> made;
  DenseMap<Operation *, size_t> index;

  void add(SumRun run) {
    for (Operation *op : run)
      index[op] = made.size();
    made.push_back(std::move(run));
  }
  bool contain(Operation *op) const { return index.contains(op); }
  /// All members of the op's run, or the op alone.
  ArrayRef<Operation *> with(Operation *const &op) const {
    auto found = index.find(op);
    return found != index.end() ? ArrayRef<Operation *>(made[found->second]) : ArrayRef(op);
  }
};

/// The run around one convolution: found first, then made.
class RunBuilder {
public:
  RunBuilder(Operation *root, const Runs &others)
      : others(others), block(root->getBlock()), result(root->getResult(0)) {
    run.push_back(root);
    shape = shapeOf(result);
  }

  bool find() {
    auto sumElement = [](Operation *op) { return getElementTypeOrSelf(op->getResult(0)); };
    Type element = getElementTypeOrSelf(result.getType());
    Type sums = element.isF64() ? element : Float32Type::get(element.getContext());
    continueRoot();
    for (Operation *sum : sumsOfResult())
      if (sumElement(sum) == sums)
        accept(cast<SumOp>(sum));
    return !accepted.empty();
  }

  SumRun make() {
    hoist();
    for (size_t i = 1; i < run.size(); ++i)
      run[i]->moveAfter(run[i - 1]);
    OpBuilder builder(block->getParentOp());
    builder.setInsertionPointAfter(run.back());
    for (SumOp sum : accepted) {
      Operation *copy = cloneInto(builder, sum);
      sum.getResult().replaceAllUsesWith(copy->getResult(0));
      copies.map(copy->getResult(0), copy->getResult(0));
    }
    for (SumOp sum : accepted)
      eraseDead(sum);
    return std::move(run);
  }

private:
  /// What continues the root element by element is part of its kernel anyway.
  void continueRoot() {
    while (result.hasOneUse()) {
      Operation *user = *result.user_begin();
      if (user->getBlock() != block || others.contain(user) || !isSimple(user) ||
          !fitsEpilogue(user) || shapeOf(user->getResult(0)) != shape)
        break;
      run.push_back(user);
      for (Value operand : user->getOperands())
        if (operand != result)
          reads.insert(operand);
      result = user->getResult(0);
    }
    while (isWidening(run.back())) {
      result = run.back()->getOperand(0); // stored as it was before that
      run.pop_back();
    }
  }

  /// In the order of the block.
  SmallVector<Operation *> sumsOfResult() {
    constexpr size_t kFarthest = 64;
    llvm::SmallSetVector<Operation *, 8> found;
    llvm::SmallSetVector<Operation *, 16> work(result.user_begin(), result.user_end());
    for (size_t i = 0; i < work.size() && i < kFarthest; ++i) {
      if (work[i]->getBlock() != block || others.contain(work[i]))
        continue;
      if (sumsColumns(work[i]) && shapeOf(work[i]->getOperand(0)) == shape)
        found.insert(work[i]);
      else if (isSimple(work[i]) && shapeOf(work[i]->getResult(0)) == shape)
        work.insert(work[i]->user_begin(), work[i]->user_end());
    }
    SmallVector<Operation *> sums = found.takeVector();
    llvm::sort(sums, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    return sums;
  }

  /// What a sum would bring into the kernel.
  struct Parts {
    llvm::SmallSetVector<Operation *, 8> copied;
    llvm::SmallSetVector<Value, 8> read;
    size_t tensors = 0;
  };

  void accept(SumOp sum) {
    Parts parts;
    Value centred = centredOperand(sum);
    bool fits = centred ? llvm::is_contained(accepted, meanOf(sum)) && isMade(centred, parts)
                        : isMade(sum.getX(), parts);
    if (!fits || parts.copied.size() > kMostCopies || tensors + parts.tensors > kMostReads ||
        llvm::any_of(parts.read, [&](Value value) { return dependsOnRun(value); }))
      return;
    tensors += parts.tensors;
    reads.insert(parts.read.begin(), parts.read.end());
    accepted.push_back(sum);
  }

  /// The sum whose mean the squares are centred on.
  static SumOp meanOf(SumOp squares) {
    auto centred = squares.getX().getDefiningOp<MulOp>().getA().getDefiningOp<SubOp>();
    auto mean = centred.getB().getDefiningOp<BroadcastOp>().getX().getDefiningOp<DivOp>();
    return mean.getA().getDefiningOp<SumOp>();
  }

  /// Whether the epilogue can compute the value from the result and from what lies in memory.
  bool isMade(Value value, Parts &parts) {
    if (value == result)
      return true;
    Operation *op = value.getDefiningOp();
    if (auto broadcast = dyn_cast_or_null<BroadcastOp>(op)) {
      Operation *source = broadcast.getX().getDefiningOp();
      bool computed = source && KernelGroups::isFree(source);
      parts.read.insert(value);
      return !computed || broadcast.getX().getType().getRank() == 0;
    }
    if (shapeOf(value) != shape)
      return false;
    if (liesInMemory(value, block)) {
      parts.tensors += parts.read.insert(value) && !reads.contains(value);
      return true;
    }
    if (!isSimple(op) || parts.copied.size() > kMostCopies)
      return false;
    parts.copied.insert(op);
    return llvm::all_of(op->getOperands(), [&](Value operand) { return isMade(operand, parts); });
  }

  bool dependsOnRun(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != block || op->isBeforeInBlock(run.front()))
      return false;
    if (dependent.empty())
      findDependent();
    return dependent.contains(op);
  }

  void findDependent() {
    dependent.insert(run.front());
    auto reads = [&](Operation *op) {
      return llvm::any_of(op->getOperands(), [&](Value operand) {
        Operation *source = operand.getDefiningOp();
        return source && dependent.contains(source);
      });
    };
    for (Operation &op : llvm::make_range(std::next(run.front()->getIterator()), block->end()))
      if (llvm::any_of(others.with(&op), reads))
        dependent.insert(&op);
  }

  /// What the run reads, and what that is computed from, moves before it.
  void hoist() {
    llvm::SmallSetVector<Operation *, 16> behind;
    auto add = [&](Value value) {
      Operation *op = value.getDefiningOp();
      if (op && op->getBlock() == block && run.front()->isBeforeInBlock(op))
        behind.insert_range(others.with(op));
    };
    llvm::for_each(reads, add);
    for (size_t i = 0; i < behind.size(); ++i)
      llvm::for_each(behind[i]->getOperands(), add);
    SmallVector<Operation *> ops = behind.takeVector();
    llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    for (Operation *op : ops)
      op->moveBefore(run.front());
  }

  /// The op with all that its operands are made of, down to what the run reads.
  Operation *cloneInto(OpBuilder &builder, Operation *op) {
    for (Value operand : op->getOperands())
      if (!copies.contains(operand) && operand != result && !reads.contains(operand) &&
          operand.getDefiningOp())
        cloneInto(builder, operand.getDefiningOp());
    Operation *copy = builder.clone(*op, copies);
    if (!KernelGroups::isFree(copy))
      run.push_back(copy);
    return copy;
  }

  static void eraseDead(Operation *op) {
    if (!op->use_empty() || op->hasTrait<OpTrait::IsTerminator>() || op->getNumRegions() > 0)
      return;
    llvm::SmallSetVector<Value, 4> operands(op->operand_begin(), op->operand_end());
    op->erase();
    for (Value operand : operands)
      if (Operation *source = operand.getDefiningOp(); source && isSimple(source))
        eraseDead(source);
  }

  const Runs &others;
  Block *block;
  Value result;               // what is summed: of the root, or of what continues it
  Shape shape;
  SumRun run;
  SmallVector<SumOp> accepted;
  llvm::SmallSetVector<Value, 16> reads; // from outside of the run
  size_t tensors = 0;                    // among them, for sums alone
  llvm::SmallPtrSet<Operation *, 32> dependent;
  IRMapping copies;
};

} // namespace

SmallVector<SumRun> placeSumEpilogues(Block &block) {
  SmallVector<Operation *> roots;
  for (Operation &op : block.without_terminator())
    if (takesSums(&op))
      roots.push_back(&op);
  Runs runs;
  for (Operation *root : roots)
    if (RunBuilder builder(root, runs); builder.find())
      runs.add(builder.make());
  return runs.made;
}

} // namespace dlc::passes
