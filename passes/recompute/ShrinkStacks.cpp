// Lets the reverse of a scan compute what the forward loop would stack for it.
//
//   forward body: %a = dlc.mul %c, %u        reverse body, given the slices of the stacks:
//                 %t = dlc.tanh %a             %a2 = dlc.mul %c, %u
//                 dlc.yield %t, %t, %c         %t2 = dlc.tanh %a2
//
// A stack holds one value for every iteration and is the memory of training a recurrent model.
// Here %t is a cheap function of %c, which is stacked anyway, and of the invariant %u: the reverse
// computes it and the stack of %t goes. A value is computed again if its ops are cheap (Cheap.h)
// and begin at
//   - the iteration number, constants, invariants of the forward loop (one copy, whatever the trip
//     count),
//   - slices of what the reverse reads anyway, or of an argument of the block,
//   - values whose stacks the reverse reads anyway.
// Only stacks that scans of the same trip count read are considered. Exact.
//
// Tested by test/passes/recompute/scan.mlir.
#include "ir/Ops.h"
#include "mlir/IR/IRMapping.h"
#include "passes/recompute/Cheap.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// Computes one stack of `from` again in the body of `to`.
class StackShrinker {
public:
  StackShrinker(ScanOp from, ScanOp to, int64_t result) : from(from), to(to), result(result) {}

  /// False, with nothing changed, if a value is not at hand.
  bool run() {
    Value stacked = from.getYielded()[result];
    if (!stacked.getDefiningOp() || !plan(stacked, /*isRoot=*/true))
      return false;
    IRMapping mapping;
    for (auto [inner, outer] : leaves)
      mapping.map(inner, argumentFor(inner, outer));
    OpBuilder builder = OpBuilder::atBlockBegin(&to.getBody().front());
    for (Operation *op : chain)
      builder.clone(*op, mapping);
    replaceSlices(mapping.lookup(stacked));
    return true;
  }

private:
  /// Collects ops and leaves; a leaf is a value of the body of `from` with the value outside
  /// whose slice or copy it is.
  bool plan(Value value, bool isRoot = false) {
    if (llvm::is_contained(llvm::make_first_range(leaves), value))
      return true;
    if (auto argument = dyn_cast<BlockArgument>(value); argument && planArgument(argument))
      return true;
    if (!isRoot)
      if (Value stack = readStackOf(value)) {
        leaves.push_back({value, stack});
        return true;
      }
    Operation *op = value.getDefiningOp();
    if (!op || !isCheap(op) || chain.size() >= kMaxChain)
      return false;
    if (llvm::is_contained(chain, op))
      return true;
    for (Value operand : op->getOperands())
      if (!plan(operand))
        return false;
    chain.push_back(op);
    return true;
  }

  bool planArgument(BlockArgument argument) {
    int64_t operand = int64_t(argument.getArgNumber()) - 1;
    int64_t carries = from.getInits().size(), slices = from.getXs().size();
    if (operand >= 0 && operand < carries)
      return false;
    Value outside = operand < 0 ? Value() : from->getOperand(operand);
    bool isSlice = outside && operand < carries + slices;
    if (isSlice && !isa<BlockArgument>(outside) && !llvm::is_contained(to.getXs(), outside))
      return false;
    leaves.push_back({argument, outside});
    return true;
  }

  /// Another stack of the same value that the reverse reads.
  Value readStackOf(Value value) {
    for (int64_t i = from.getInits().size(), e = from.getNumResults(); i < e; ++i)
      if (i != result && from.getYielded()[i] == value &&
          llvm::is_contained(to.getXs(), from.getResult(i)))
        return from.getResult(i);
    return {};
  }

  Value argumentFor(Value inner, Value outside) {
    if (!outside)
      return to.getIndex();
    Block &body = to.getBody().front();
    bool isSlice = outside.getType() != inner.getType();
    OperandRange known = isSlice ? to.getXs() : to.getInvariants();
    unsigned first = 1 + to.getInits().size() + (isSlice ? 0 : to.getXs().size());
    unsigned position = llvm::find(known, outside) - known.begin();
    if (position == known.size()) {
      (isSlice ? to.getXsMutable() : to.getInvariantsMutable()).append(outside);
      body.insertArgument(first + position, inner.getType(), to.getLoc());
    }
    return body.getArgument(first + position);
  }

  void replaceSlices(Value again) {
    for (int64_t i = int64_t(to.getXs().size()) - 1; i >= 0; --i) {
      if (to.getXs()[i] != from.getResult(result))
        continue;
      unsigned argument = 1 + to.getInits().size() + i;
      to.getBody().getArgument(argument).replaceAllUsesWith(again);
      to.getBody().eraseArgument(argument);
      to.getXsMutable().erase(i);
    }
  }

  ScanOp from, to;
  int64_t result;
  SmallVector<Operation *> chain;
  SmallVector<std::pair<Value, Value>> leaves;
};

/// The scans that read a stack slice by slice, or none if anything else reads it.
SmallVector<ScanOp> readersOf(ScanOp scan, Value stack) {
  SmallVector<ScanOp> readers;
  for (OpOperand &use : stack.getUses()) {
    auto reader = dyn_cast<ScanOp>(use.getOwner());
    if (!reader || reader.getTrip() != scan.getTrip() || reader->getBlock() != scan->getBlock())
      return {};
    unsigned first = reader.getInits().size(), number = use.getOperandNumber();
    if (number < first || number >= first + reader.getXs().size())
      return {};
    if (!llvm::is_contained(readers, reader))
      readers.push_back(reader);
  }
  return readers;
}

} // namespace

void shrinkStacks(Operation *root) {
  SmallVector<ScanOp> scans;
  root->walk([&](ScanOp scan) { scans.push_back(scan); });
  for (ScanOp scan : scans)
    for (int64_t i = scan.getInits().size(), e = scan.getNumResults(); i < e; ++i)
      for (ScanOp reader : readersOf(scan, scan.getResult(i)))
        StackShrinker(scan, reader, i).run();
}

} // namespace dlc::passes
