#include "passes/fusion/Epilogue.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "passes/fusion/Widenings.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool isOfKind(Operation *op, FusionKind kind) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible && fusible.getFusionKind() == kind;
}

bool isHeavy(Operation *op) {
  return isOfKind(op, FusionKind::Contraction) || isOfKind(op, FusionKind::Convolution);
}

bool continuesRoot(Operation *op, int depth) {
  if (!isOfKind(op, FusionKind::Pointwise) || depth > 16 || (depth == 0 && isWidening(op)))
    return false;
  bool found = false;
  for (Value operand : op->getOperands()) {
    Operation *source = sourceOf(operand);
    if (!source || source->getBlock() != op->getBlock())
      continue;
    if (isOfKind(source, FusionKind::Reduce))
      return false;
    bool sameShape = operand.getDefiningOp() == source &&
                     shapeOf(source->getResult(0)) == shapeOf(op->getResult(0));
    // With other readers the result is in memory anyway, and they may be in this very kernel.
    found |=
        sameShape && source->hasOneUse() && (isHeavy(source) || continuesRoot(source, depth + 1));
  }
  return found;
}

bool endsHeavyOp(Operation *op, int depth) {
  if (isHeavy(op))
    return depth > 0;
  constexpr int kDeepest = 8;
  return isSimple(op) && depth < kDeepest && llvm::any_of(op->getOperands(), [&](Value operand) {
           Operation *source = operand.getDefiningOp();
           return source && operand.hasOneUse() && source->getBlock() == op->getBlock() &&
                  shapeOf(operand) == shapeOf(op->getResult(0)) && endsHeavyOp(source, depth + 1);
         });
}

} // namespace

Operation *sourceOf(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && isa<BroadcastOp>(op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

bool continuesRoot(Operation *op) { return continuesRoot(op, 0); }

bool isSimple(Operation *op) {
  return isOfKind(op, FusionKind::Pointwise) && op->getNumResults() == 1 &&
         !isa<ExpOp, Expm1Op, LogOp, Log1pOp, TanhOp, SigmoidOp, ErfOp, SinOp, CosOp, PowOp, RemOp>(
             op);
}

bool endsHeavyOp(Operation *op) { return endsHeavyOp(op, 0); }

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
