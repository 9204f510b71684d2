// Removes from loops and branches what nobody asks for.
//
//   %h, %all = dlc.scan inits(%h0) xs(%x) trip T {.. dlc.yield %c, %y}, %all unused
//   ==>   %h = dlc.scan inits(%h0) xs(%x) trip T {.. dlc.yield %c}
//
// The gradient of a loop stacks what the reverse may need and derives by every operand; the
// gradient of its gradient does so again, and many of those values are the same or lead nowhere.
// A stack costs memory for every iteration, so each one that goes pays at once. Of a scan go:
// stacks that nobody reads, stacks equal to another one, carries that only feed themselves,
// carries that never change (they become invariants), operands that the body does not read. Of an
// if: results that nobody reads or that are equal, operands that neither branch reads.
//
// Always legal and exact: regions are pure.
//
// Tested by test/passes/simplify/prune_control.mlir.
#include "ir/Ops.h"
#include "mlir/IR/IRMapping.h"
#include "passes/simplify/Patterns.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

using Values = SmallVector<Value>;

//===- scan ---------------------------------------------------------------------------------===//

/// What of a scan is needed. Positions are those of operands, results and yielded values.
class ScanUses {
public:
  explicit ScanUses(ScanOp scan) : scan(scan), yielded(scan.getYielded()) {
    for (auto [i, result] : llvm::enumerate(scan.getResults()))
      if (!result.use_empty())
        require(representative(i));
  }

  /// A carry that ends every iteration as it began.
  bool isUnchanged(int64_t carry) { return yielded[carry] == scan.getCarries()[carry]; }
  /// The first stack that yields the same value; carries stand for themselves.
  int64_t representative(int64_t result) {
    int64_t carries = scan.getInits().size();
    for (int64_t i = carries; i < result; ++i)
      if (yielded[i] == yielded[result])
        return i;
    return result;
  }
  bool needsOperand(int64_t operand) {
    return needed.contains(scan.getBody().getArgument(1 + operand)) ||
           (operand < int64_t(scan.getInits().size()) && needsResult(operand));
  }
  bool needsResult(int64_t result) { return results.contains(result); }
  bool needsOp(Operation *op) { return ops.contains(op); }

  /// Whether a rebuilt scan would be smaller.
  bool isMinimal() {
    int64_t carries = scan.getInits().size();
    for (int64_t i = 0, e = scan->getNumOperands(); i < e; ++i)
      if (!needsOperand(i) || (i < carries && isUnchanged(i)))
        return false;
    for (int64_t i = carries, e = scan->getNumResults(); i < e; ++i)
      if (!needsResult(i))
        return false;
    return true;
  }

private:
  void require(int64_t result) {
    if (results.insert(result).second)
      require(yielded[result]);
  }

  void require(Value value) {
    if (!needed.insert(value).second)
      return;
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      int64_t operand = int64_t(argument.getArgNumber()) - 1;
      if (operand >= 0 && operand < int64_t(scan.getInits().size()))
        require(operand);
      return;
    }
    Operation *op = value.getDefiningOp();
    if (ops.insert(op).second)
      for (Value operand : op->getOperands())
        require(operand);
  }

  ScanOp scan;
  OperandRange yielded;
  llvm::DenseSet<int64_t> results;
  llvm::DenseSet<Value> needed;
  llvm::DenseSet<Operation *> ops;
};

struct PruneScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp scan, PatternRewriter &rewriter) const override {
    ScanUses uses(scan);
    if (uses.isMinimal())
      return rewriter.notifyMatchFailure(scan, "every operand and result is needed");
    rewriter.replaceOp(scan, rebuild(scan, uses, rewriter));
    return success();
  }

  /// Operands that stay, as their positions in the old scan.
  struct Kept {
    SmallVector<int64_t> carries, slices, invariants, stacks;
  };

  static Kept choose(ScanOp scan, ScanUses &uses) {
    Kept kept;
    int64_t carries = scan.getInits().size(), slices = scan.getXs().size();
    for (int64_t i = 0, e = scan->getNumOperands(); i < e; ++i) {
      if (!uses.needsOperand(i))
        continue;
      bool isCarry = i < carries && !uses.isUnchanged(i);
      bool isSlice = i >= carries && i < carries + slices;
      (isCarry ? kept.carries : isSlice ? kept.slices : kept.invariants).push_back(i);
    }
    for (int64_t i = carries, e = scan->getNumResults(); i < e; ++i)
      if (uses.needsResult(i))
        kept.stacks.push_back(i);
    return kept;
  }

  static Values rebuild(ScanOp scan, ScanUses &uses, PatternRewriter &rewriter) {
    Kept kept = choose(scan, uses);
    auto operandsAt = [&](ArrayRef<int64_t> positions) {
      return llvm::map_to_vector(positions, [&](int64_t i) { return scan->getOperand(i); });
    };
    SmallVector<int64_t> outputs(kept.carries);
    llvm::append_range(outputs, kept.stacks);
    auto types = llvm::map_to_vector(outputs, [&](int64_t i) { return scan.getType(i); });
    auto smaller = ScanOp::create(rewriter, scan.getLoc(), types, operandsAt(kept.carries),
                                  operandsAt(kept.slices), operandsAt(kept.invariants),
                                  scan.getTrip(), scan.getReverse());
    fillBody(scan, smaller, kept, outputs, uses, rewriter);
    return replacements(scan, smaller, outputs, uses);
  }

  static void fillBody(ScanOp scan, ScanOp smaller, const Kept &kept, ArrayRef<int64_t> outputs,
                       ScanUses &uses, PatternRewriter &rewriter) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToEnd(&smaller.addBody());
    IRMapping mapping;
    mapping.map(scan.getIndex(), smaller.getIndex());
    unsigned next = 1;
    for (const auto *positions : {&kept.carries, &kept.slices, &kept.invariants})
      for (int64_t i : *positions)
        mapping.map(scan.getBody().getArgument(1 + i), smaller.getBody().getArgument(next++));
    for (Operation &op : scan.getBody().front().without_terminator())
      if (uses.needsOp(&op))
        rewriter.clone(op, mapping);
    Values yields;
    for (int64_t i : outputs)
      yields.push_back(mapping.lookup(scan.getYielded()[i]));
    YieldOp::create(rewriter, scan.getLoc(), yields);
  }

  /// One value for each old result; null would do for the unused ones, but any value will.
  static Values replacements(ScanOp scan, ScanOp smaller, ArrayRef<int64_t> outputs,
                             ScanUses &uses) {
    Values values;
    for (int64_t i = 0, e = scan.getNumResults(); i < e; ++i) {
      bool isCarry = i < int64_t(scan.getInits().size());
      const auto *place = llvm::find(outputs, isCarry ? i : uses.representative(i));
      if (place != outputs.end())
        values.push_back(smaller.getResult(place - outputs.begin()));
      else
        values.push_back(isCarry ? scan.getInits()[i] : Value());
    }
    return values;
  }
};

//===- if -----------------------------------------------------------------------------------===//

struct PruneIf : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IfOp op, PatternRewriter &rewriter) const override {
    OperandRange onTrue = op.getOnTrue().front().getTerminator()->getOperands();
    OperandRange onFalse = op.getOnFalse().front().getTerminator()->getOperands();
    SmallVector<int64_t> results, inputs;
    SmallVector<int64_t> standsFor(op.getNumResults(), -1);
    for (int64_t i = 0, e = op.getNumResults(); i < e; ++i) {
      if (op.getResult(i).use_empty())
        continue;
      const auto *same = llvm::find_if(results, [&](int64_t j) {
        return onTrue[i] == onTrue[j] && onFalse[i] == onFalse[j];
      });
      standsFor[i] = same - results.begin();
      if (same == results.end())
        results.push_back(i);
    }
    for (int64_t i = 0, e = op.getInputs().size(); i < e; ++i)
      if (!op.getOnTrue().getArgument(i).use_empty() || !op.getOnFalse().getArgument(i).use_empty())
        inputs.push_back(i);
    if (results.size() == op.getNumResults() && inputs.size() == op.getInputs().size())
      return rewriter.notifyMatchFailure(op, "every operand and result is needed");

    IfOp smaller = rebuild(op, results, inputs, rewriter);
    Values values;
    for (int64_t i : standsFor)
      values.push_back(i < 0 ? Value() : Value(smaller.getResult(i)));
    rewriter.replaceOp(op, values);
    return success();
  }

  static IfOp rebuild(IfOp op, ArrayRef<int64_t> results, ArrayRef<int64_t> inputs,
                      PatternRewriter &rewriter) {
    auto types = llvm::map_to_vector(results, [&](int64_t i) { return op.getType(i); });
    auto operands = llvm::map_to_vector(inputs, [&](int64_t i) { return op.getInputs()[i]; });
    auto smaller = IfOp::create(rewriter, op.getLoc(), types, op.getPredicate(), operands);
    smaller.addBodies();
    OpBuilder::InsertionGuard guard(rewriter);
    for (auto [from, to] : {std::pair(&op.getOnTrue(), &smaller.getOnTrue()),
                            std::pair(&op.getOnFalse(), &smaller.getOnFalse())}) {
      rewriter.setInsertionPointToEnd(&to->front());
      IRMapping mapping;
      for (auto [next, i] : llvm::enumerate(inputs))
        mapping.map(from->getArgument(i), to->getArgument(next));
      for (Operation &inner : from->front().without_terminator())
        rewriter.clone(inner, mapping);
      Values yields;
      for (int64_t i : results)
        yields.push_back(mapping.lookup(from->front().getTerminator()->getOperand(i)));
      YieldOp::create(rewriter, op.getLoc(), yields);
    }
    return smaller;
  }
};

} // namespace

void addPruneControl(RewritePatternSet &patterns) {
  patterns.add<PruneScan, PruneIf>(patterns.getContext());
}

} // namespace dlc::passes
