#include "passes/fusion/Epilogue.h"
#include "ir/Ops.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool isOfKind(Operation *op, FusionKind kind) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible && fusible.getFusionKind() == kind;
}

} // namespace

Operation *sourceOf(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && isa<BroadcastOp>(op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

bool fitsEpilogue(Operation *op) {
  if (!isOfKind(op, FusionKind::Pointwise))
    return false;
  return llvm::all_of(op->getOperands(), [](Value operand) {
    Operation *source = sourceOf(operand);
    bool computed = source && isOfKind(source, FusionKind::Source);
    return !computed || cast<RankedTensorType>(source->getResult(0).getType()).getRank() == 0;
  });
}

bool readsFitMatrix(ArrayRef<Operation *> ops, Operation *root) {
  auto contract = dyn_cast<ContractOp>(root);
  int64_t columns = contract ? contract.getBFree().size() : 1;
  auto fits = [&](Value operand) {
    auto broadcast = operand.getDefiningOp<BroadcastOp>();
    if (!broadcast || broadcast.getDims().empty())
      return true;
    int64_t first = broadcast.getY().getType().getRank() - columns;
    int64_t along = llvm::count_if(broadcast.getDims(), [&](int64_t d) { return d >= first; });
    return columns > 0 && (along == 0 || along == columns);
  };
  return llvm::all_of(ops, [&](Operation *op) { return llvm::all_of(op->getOperands(), fits); });
}

} // namespace dlc::passes
