#include "tools/check/Mutate.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

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
  Type element = type.getElementType();
  Location loc = x.getLoc();
  if (element.isInteger(1))
    return ir::NotOp::create(b, loc, x);
  if (isa<FloatType>(element))
    return ir::MulOp::create(b, loc, x,
                             ir::buildSplat(b, loc, type, element.isBF16() ? 1.01 : 1.001));
  if (element.getIntOrFloatBitWidth() >= 32)
    return ir::AddOp::create(b, loc, x, ir::buildSplat(b, loc, type, 1));
  // There is no arithmetic on 8 bits.
  RankedTensorType wide = ir::withElementType(type, b.getI32Type());
  Value widened = ir::CastOp::create(b, loc, wide, x);
  return ir::CastOp::create(b, loc, type,
                            ir::AddOp::create(b, loc, widened, ir::buildSplat(b, loc, wide, 1)));
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

namespace {

/// Makes the values wrong that one op gives.
class Spoiler {
public:
  int spoil(Operation *op) {
    if (auto variable = dyn_cast<ir::VariableOp>(op))
      spoilReads(variable);
    else if (isa<ir::EntryOp, ir::KernelFuncOp>(op))
      spoilOperands(op->getRegion(0).front().getTerminator());
    else if (isa<ir::ReturnOp, ir::YieldOp>(op))
      spoilOperands(op);
    else
      for (Value result : op->getResults())
        spoilUses(result, op->getNextNode());
    return changed;
  }

private:
  void spoilUses(Value value, Operation *before) {
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : value.getUses())
      uses.push_back(&use);
    OpBuilder b(before);
    Value wrong = scaled(b, value);
    for (OpOperand *use : uses)
      use->set(wrong);
    ++changed;
  }

  void spoilOperands(Operation *terminator) {
    auto loop = dyn_cast<ir::WhileOp>(terminator->getParentOp());
    if (loop && terminator->getParentRegion() == &loop->getRegion(0))
      return;
    OpBuilder b(terminator);
    for (OpOperand &operand : terminator->getOpOperands()) {
      operand.set(scaled(b, operand.get()));
      ++changed;
    }
  }

  void spoilReads(ir::VariableOp variable) {
    for (auto entry : variable->getParentOfType<ModuleOp>().getOps<ir::EntryOp>())
      for (auto [i, argument] : llvm::enumerate(entry.getBody().getArguments()))
        if (FlatSymbolRefAttr state = entry.getArgState(i);
            state && state.getValue() == variable.getSymName())
          spoilUses(argument, &entry.getBody().front().front());
  }

  int changed = 0;
};

/// Either mistake, as a pass.
template <typename Derived> class TestPass : public PassWrapper<Derived, OperationPass<ModuleOp>> {
public:
  TestPass() = default;
  TestPass(const TestPass &other) : PassWrapper<Derived, OperationPass<ModuleOp>>(other) {}
  explicit TestPass(StringRef name) { op = name.str(); }

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<ir::DlcDialect>();
  }
  void runOnOperation() override {
    if (Derived::change(this->getOperation(), op) != 0)
      return;
    this->getOperation().emitError("has no \"dlc.") << op << "\" to be made wrong";
    this->signalPassFailure();
  }

private:
  Pass::Option<std::string> op{*this, "op", llvm::cl::desc("the op's name, without \"dlc.\"")};
};

struct ScaleGradientPass : TestPass<ScaleGradientPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ScaleGradientPass)
  using TestPass::TestPass;
  StringRef getArgument() const override { return "dlc-test-scale-gradient"; }
  StringRef getDescription() const override { return "Make the gradient of one op wrong by 1.001"; }
  static int change(ModuleOp module, StringRef op) { return scaleGradient(module, op); }
};

struct ScaleLoweringPass : TestPass<ScaleLoweringPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ScaleLoweringPass)
  using TestPass::TestPass;
  StringRef getArgument() const override { return "dlc-test-scale-lowering"; }
  StringRef getDescription() const override { return "Make the value of one op wrong by 1.001"; }
  static int change(ModuleOp module, StringRef op) { return scaleLowering(module, op); }
};

} // namespace

int scaleLowering(ModuleOp module, StringRef name) {
  int changed = 0;
  for (Operation *op : opsNamed(module, name))
    changed += Spoiler().spoil(op);
  return changed;
}

std::unique_ptr<Pass> createTestScaleGradient(StringRef op) {
  return std::make_unique<ScaleGradientPass>(op);
}

std::unique_ptr<Pass> createTestScaleLowering(StringRef op) {
  return std::make_unique<ScaleLoweringPass>(op);
}

void registerTestPasses() {
  PassRegistration<ScaleGradientPass>();
  PassRegistration<ScaleLoweringPass>();
}

} // namespace dlc::check
