// Turns the ops of every block into kernels.
//
//   %0 = dlc.contract %x, %W ...          %1 = dlc.kernel contract(%x, %W, %b) ... {
//   %1 = dlc.broadcast %b to [1]    ==>     contract, broadcast, add, relu
//   %2 = dlc.add %0, %1                     dlc.yield
//   %3 = dlc.relu %2                      }
//
// What is fused is decided by KernelGroups. Afterwards a block holds kernels, reshapes (other names
// for the same bytes) and control flow, in an order in which every kernel follows its producers.
//
// Runs after dlc-decompose and dlc-recompute; everything later sees kernels only.
// Tested by test/passes/fusion/form_kernels.mlir.
#include "ir/support/Panels.h"
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/fusion/KernelGroups.h"
#include "passes/fusion/ShortRuns.h"
#include "passes/fusion/SumEpilogues.h"
#include "passes/fusion/Widenings.h"
#include "passes/layout/DerivedVariables.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_FORMKERNELS
#include "passes/Passes.h.inc"

namespace {

/// Writes one block anew: kernels in place of the ops of each group.
class BlockRewriter {
public:
  BlockRewriter(Block &block, ArrayRef<SumRun> runs)
      : block(block), builder(block.getTerminator()), groups(block, runs) {}

  void run() {
    SmallVector<Operation *> old;
    for (Operation &op : block.without_terminator())
      old.push_back(&op);
    for (KernelGroup *group : groups.inOrder()) {
      if (group->fusible)
        buildKernel(*group);
      else
        copyOutside(group->ops.front());
    }
    for (OpOperand &operand : block.getTerminator()->getOpOperands())
      operand.set(outside(operand.get()));
    for (Operation *op : llvm::reverse(old))
      op->erase();
  }

private:
  /// The value as it is now known in the block; copies reshapes on the way.
  Value outside(Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block)
      return value;
    copyOutside(op);
    return mapping.lookup(value);
  }

  void copyOutside(Operation *op) {
    for (Value operand : op->getOperands())
      mapping.map(operand, outside(operand));
    builder.clone(*op, mapping);
  }

  void buildKernel(KernelGroup &group) {
    SmallVector<Operation *> ops = llvm::to_vector(group.ops);
    llvm::sort(ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    llvm::SmallDenseSet<Operation *> members(ops.begin(), ops.end());
    SmallVector<Value> inputs, outputs;
    SmallVector<Location> locations;
    llvm::SmallSetVector<Value, 8> read;
    for (Operation *op : ops) {
      locations.push_back(op->getLoc());
      for (Value operand : op->getOperands())
        collectInputs(op, operand, members, read);
      for (Value result : op->getResults())
        if (isReadOutside(result, members))
          outputs.push_back(result);
    }
    if (outputs.empty())
      return; // dead: what was recomputed elsewhere, or the forward part of a custom gradient
    for (Value value : read)
      inputs.push_back(outside(value));

    Location loc = builder.getFusedLoc(locations);
    auto kernel = KernelOp::create(builder, loc, TypeRange(ValueRange(outputs)), group.root,
                                   inputs, /*schedules=*/nullptr);
    Block *body = new Block;
    kernel.getBody().push_back(body);
    IRMapping inner;
    for (auto [value, input] : llvm::zip(read, inputs))
      inner.map(value, body->addArgument(input.getType(), value.getLoc()));
    OpBuilder in = OpBuilder::atBlockBegin(body);
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        copyFree(in, inner, operand);
      cloneOnce(in, inner, op);
    }
    SmallVector<Value> yielded;
    for (Value output : outputs)
      yielded.push_back(inner.lookup(output));
    YieldOp::create(in, loc, yielded);
    for (auto [output, result] : llvm::zip(outputs, kernel.getOutputs()))
      mapping.map(output, result);
  }

  /// Readers of a widened value that meet in a kernel share one widening again.
  static void cloneOnce(OpBuilder &in, IRMapping &inner, Operation *op) {
    Value source = isWidening(op) ? inner.lookup(op->getOperand(0)) : Value();
    if (source)
      for (Operation *user : source.getUsers())
        if (isWidening(user) && user->getResult(0).getType() == op->getResult(0).getType())
          return inner.map(op->getResult(0), user->getResult(0));
    in.clone(*op, inner);
  }

  /// Whether the kernel copies the op that defines `operand` instead of reading its memory.
  bool isCopied(Value operand) {
    Operation *op = operand.getDefiningOp();
    return op && op->getBlock() == &block && (KernelGroups::isFree(op) || isUnpacking(op));
  }

  void collectInputs(Operation *reader, Value operand,
                     const llvm::SmallDenseSet<Operation *> &members,
                     llvm::SmallSetVector<Value, 8> &read) {
    Operation *op = operand.getDefiningOp();
    if (op && members.contains(op))
      return;
    if (isCopied(operand) && (KernelGroups::inlines(reader) || isUnpacking(op))) {
      for (Value inner : op->getOperands())
        collectInputs(op, inner, members, read);
      return;
    }
    read.insert(operand);
  }

  void copyFree(OpBuilder &in, IRMapping &inner, Value operand) {
    if (inner.contains(operand) || !isCopied(operand))
      return;
    Operation *op = operand.getDefiningOp();
    for (Value value : op->getOperands())
      copyFree(in, inner, value);
    in.clone(*op, inner);
  }

  bool isReadOutside(Value value, const llvm::SmallDenseSet<Operation *> &members) {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      if (members.contains(user))
        return false;
      // A broadcast that is only copied into this kernel reads nothing from memory.
      if (KernelGroups::isFree(user) && !groups.hasGroup(user))
        return llvm::any_of(user->getResults(),
                            [&](Value result) { return isReadOutside(result, members); });
      return true;
    });
  }

  Block &block;
  OpBuilder builder;
  KernelGroups groups;
  IRMapping mapping;
};

/// A derivation of several steps is one kernel, whatever groups would make of it: the runtime
/// refreshes a derived variable by one.
void wrapDerivation(EntryOp entry) {
  Block &block = entry.getBody().front();
  auto ops = block.without_terminator();
  if (!isStreamed(entry) || ops.empty() ||
      llvm::any_of(ops, [](Operation &op) { return isPacking(&op); }))
    return;
  Operation *end = block.getTerminator();
  OpBuilder builder(end);
  SmallVector<Operation *> steps = llvm::map_to_vector(ops, [](Operation &op) { return &op; });
  SmallVector<Value> inputs(block.getArguments()), derived(end->getOperands());
  auto kernel = KernelOp::create(builder, end->getLoc(), TypeRange(ValueRange(derived)),
                                 KernelRoot::pointwise, inputs, /*schedules=*/nullptr);
  Block *body = new Block;
  kernel.getBody().push_back(body);
  IRMapping inner;
  for (Value input : inputs)
    inner.map(input, body->addArgument(input.getType(), input.getLoc()));
  OpBuilder in = OpBuilder::atBlockBegin(body);
  for (Operation *op : steps)
    in.clone(*op, inner);
  YieldOp::create(in, end->getLoc(),
                  llvm::map_to_vector(derived, [&](Value value) { return inner.lookup(value); }));
  end->setOperands(kernel.getOutputs());
  for (Operation *op : llvm::reverse(steps))
    op->erase();
}

struct FormKernels : impl::FormKernelsBase<FormKernels> {
  void runOnOperation() override {
    dissolveSeams(getOperation());
    for (auto entry : getOperation().getOps<EntryOp>())
      wrapDerivation(entry);
    SmallVector<Block *> blocks;
    getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      auto fusible = dyn_cast<Fusible>(op);
      if (fusible && fusible.getFusionKind() == FusionKind::Composite) {
        op->emitOpError("must be expanded by dlc-decompose before kernels are formed");
        signalPassFailure();
      }
      if (isa<KernelOp, KernelFuncOp>(op))
        return WalkResult::skip();
      if (op->getDialect() && op->getName().getDialectNamespace() == "dlc")
        for (Region &region : op->getRegions())
          for (Block &block : region)
            blocks.push_back(&block);
      return WalkResult::advance();
    });
    // Inner blocks were found after their parents; rewriting a parent clones them.
    for (Block *block : llvm::reverse(blocks))
      if (block->mightHaveTerminator()) {
        splitShortRuns(*block);
        SmallVector<SumRun> runs = placeSumEpilogues(*block);
        repeatWidenings(*block, runs);
        BlockRewriter(*block, runs).run();
      }
  }
};

} // namespace
} // namespace dlc::passes
