#include "passes/layout/MatrixReads.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

/// A use that stays valid while operands are added behind it.
struct Use {
  Operation *op;
  unsigned number;
  OpOperand &operand() const { return op->getOpOperand(number); }
};

SmallVector<Use> usesOf(Value value) {
  return llvm::map_to_vector(
      value.getUses(), [](OpOperand &use) { return Use{use.getOwner(), use.getOperandNumber()}; });
}

/// What the operand is called inside the op's regions, if it has the same value whenever they run.
SmallVector<Value> innerValues(const Use &use) {
  if (auto scan = dyn_cast<ScanOp>(use.op)) {
    unsigned invariants = scan.getInits().size() + scan.getXs().size();
    if (use.number < invariants)
      return {};
    return {scan.getInvariantArgs()[use.number - invariants]};
  }
  if (auto loop = dyn_cast<WhileOp>(use.op)) {
    if (use.number < loop.getInits().size())
      return {};
    return {loop.getCondition().getArgument(use.number), loop.getBody().getArgument(use.number)};
  }
  if (auto branch = dyn_cast<IfOp>(use.op); branch && use.number > 0)
    return {branch.getOnTrue().getArgument(use.number - 1),
            branch.getOnFalse().getArgument(use.number - 1)};
  return {};
}

/// Makes `value` one more operand of the op; its names inside, in the order of innerValues.
SmallVector<Value> passInto(Operation *op, Value value) {
  if (auto scan = dyn_cast<ScanOp>(op))
    scan.getInvariantsMutable().append(value);
  else if (auto loop = dyn_cast<WhileOp>(op))
    loop.getInvariantsMutable().append(value);
  else
    cast<IfOp>(op).getInputsMutable().append(value);
  SmallVector<Value> inner;
  for (Region &region : op->getRegions())
    inner.push_back(region.addArgument(value.getType(), value.getLoc()));
  return inner;
}

std::optional<MatrixRead> readBy(const Use &use, int64_t width) {
  std::optional<PanelForm> form = panelFormOf(use.operand(), width);
  if (!form)
    return std::nullopt;
  MatrixRead read{use.op, use.op, *form, {}};
  read.use.k = form->rows();
  read.use.n = form->columns();
  read.use.count = form->slices();
  read.use.width = form->width;
  read.use.transposed = !form->isRowMajor();
  read.use.convolution = !isa<ContractOp>(use.op);
  read.use.pairs = form->pairs;
  return read;
}

bool isWanted(const MatrixRead &read, const PanelForm &form) {
  return read.form == form && panelsPay(read.use);
}

void readPanels(Value value, Value panels, const PanelForm &form, bool inLoop) {
  auto type = cast<RankedTensorType>(value.getType());
  for (const Use &use : usesOf(value)) {
    if (std::optional<MatrixRead> read = readBy(use, form.width)) {
      read->use.inLoop = inLoop;
      OpBuilder builder(use.op);
      if (isWanted(*read, form))
        use.operand().set(buildUnpacking(builder, use.op->getLoc(), panels, form, type));
      continue;
    }
    bool inside = inLoop || isa<ScanOp, WhileOp>(use.op);
    SmallVector<Value> inner = innerValues(use);
    bool reads = llvm::any_of(inner, [&](Value argument) {
      return llvm::any_of(matrixReads(argument, form.width), [&](MatrixRead read) {
        read.use.inLoop |= inside;
        return isWanted(read, form);
      });
    });
    if (!reads)
      continue;
    for (auto [argument, passed] : llvm::zip(inner, passInto(use.op, panels)))
      readPanels(argument, passed, form, inside);
  }
}

} // namespace

SmallVector<MatrixRead> matrixReads(Value value, int64_t width) {
  SmallVector<MatrixRead> reads;
  for (const Use &use : usesOf(value)) {
    if (std::optional<MatrixRead> read = readBy(use, width))
      reads.push_back(*read);
    for (Value inner : innerValues(use))
      for (MatrixRead read : matrixReads(inner, width)) {
        read.user = use.op;
        read.use.inLoop |= isa<ScanOp, WhileOp>(use.op);
        reads.push_back(read);
      }
  }
  return reads;
}

void readPanels(Value value, Value panels, const PanelForm &form) {
  readPanels(value, panels, form, /*inLoop=*/false);
}

} // namespace dlc::passes
