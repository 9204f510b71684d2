#include "tools/check/Mutate.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

namespace dlc::check {

static SmallVector<Operation *> opsNamed(ModuleOp module, StringRef name) {
  SmallVector<Operation *> found;
  module.walk([&](Operation *op) {
    if (op->getName().stripDialect() == name && isa<ir::DlcDialect>(op->getDialect()))
      found.push_back(op);
  });
  return found;
}

static Value scaled(OpBuilder &b, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  Location loc = x.getLoc();
  if (type.getElementType().isInteger(1))
    return ir::NotOp::create(b, loc, x);
  if (!isa<FloatType>(type.getElementType()))
    return ir::AddOp::create(b, loc, x, ir::buildSplat(b, loc, type, 1));
  double factor = type.getElementType().isBF16() ? 1.01 : 1.001;
  return ir::MulOp::create(b, loc, x, ir::buildSplat(b, loc, type, factor));
}

int scaleGradient(ModuleOp module, StringRef name) {
  SmallVector<Operation *> ops = opsNamed(module, name);
  for (Operation *op : ops)
    for (OpOperand &operand : op->getOpOperands()) {
      Value x = operand.get();
      if (!isa<FloatType>(getElementTypeOrSelf(x.getType())))
        continue;
      OpBuilder b(op);
      Value wrong = scaled(b, x);
      Value rest = ir::SubOp::create(b, op->getLoc(), x, wrong);
      Value silent = ir::StopGradientOp::create(b, op->getLoc(), rest);
      operand.set(ir::AddOp::create(b, op->getLoc(), wrong, silent));
    }
  return int(ops.size());
}

int scaleLowering(ModuleOp module, StringRef name) {
  int changed = 0;
  for (Operation *op : opsNamed(module, name)) {
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    for (Value result : op->getResults()) {
      Value wrong = scaled(b, result);
      SmallPtrSet<Operation *, 2> added{wrong.getDefiningOp()};
      for (Value operand : wrong.getDefiningOp()->getOperands())
        if (operand.getDefiningOp())
          added.insert(operand.getDefiningOp());
      added.erase(op);
      result.replaceAllUsesExcept(wrong, added);
      ++changed;
    }
  }
  return changed;
}

} // namespace dlc::check
