// Moves the bodies of kernels into functions of the module, one for all kernels that are equal.
//
//   %1 = dlc.kernel contract(%x) {...}      dlc.kernel_func @k0 contract symbols ["B"] {...}
//   %2 = dlc.kernel contract(%1) {...}  ==> %1 = dlc.dispatch @k0(%x)
//                                           %2 = dlc.dispatch @k0(%1)
//
// Equal means equal text, locations aside: same ops, types, attributes and uses. Layers of one
// shape then cost one compilation.
//
// Schedules that a kernel has count as its text. Runs after dlc-form-kernels.
// Tested by test/passes/fusion/outline_kernels.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "passes/Passes.h"
#include "mlir/IR/AsmState.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_OUTLINEKERNELS
#include "passes/Passes.h.inc"

namespace {

/// The size symbols of a kernel, sorted by name: of its types and of sizes in attributes.
SmallVector<StringRef> symbolsOf(KernelOp kernel) {
  llvm::SmallSetVector<StringRef, 4> names;
  auto visit = [&](SizeAttr size) {
    sizeForEachSymbol(size, [&](StringRef name) { names.insert(name); });
  };
  auto visitType = [&](Type type) {
    for (SizeAttr size : shapeOf(type))
      visit(size);
  };
  llvm::for_each(kernel.getBody().getArgumentTypes(), visitType);
  kernel.getBody().walk([&](Operation *op) {
    llvm::for_each(op->getResultTypes(), visitType);
    for (NamedAttribute attribute : op->getAttrs())
      attribute.getValue().walk([&](SizeAttr size) { visit(size); });
  });
  SmallVector<StringRef> sorted = names.takeVector();
  llvm::sort(sorted);
  return sorted;
}

std::string textOf(KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << stringifyKernelRoot(kernel.getRoot()) << kernel.getSchedulesAttr();
  OpPrintingFlags flags;
  flags.useLocalScope().printGenericOpForm().skipRegions(false);
  for (Type type : kernel.getBody().getArgumentTypes())
    os << type << ',';
  // Names of values are local to the region, so equal bodies print equally.
  AsmState state(kernel, flags);
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    argument.printAsOperand(os, state);
    os << ' ';
  }
  for (Operation &op : kernel.getBody().front()) {
    op.print(os, state);
    os << '\n';
  }
  return text;
}

struct OutlineKernels : impl::OutlineKernelsBase<OutlineKernels> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::StringMap<KernelFuncOp> known;
    SmallVector<KernelOp> kernels;
    module.walk([&](KernelOp kernel) { kernels.push_back(kernel); });
    OpBuilder top = OpBuilder::atBlockEnd(module.getBody());
    for (KernelOp kernel : kernels) {
      KernelFuncOp &func = known[textOf(kernel)];
      if (!func) {
        std::string name = "k" + std::to_string(known.size() - 1);
        func = KernelFuncOp::create(top, kernel.getLoc(), name, kernel.getRoot(),
                                    top.getStrArrayAttr(symbolsOf(kernel)),
                                    kernel.getSchedulesAttr());
        func.getBody().takeBody(kernel.getBody());
      } else {
        // Every member of every user of a shared body can be found from its location.
        func->setLoc(top.getFusedLoc({func.getLoc(), kernel.getLoc()}));
      }
      OpBuilder builder(kernel);
      auto dispatch =
          DispatchOp::create(builder, kernel.getLoc(), kernel.getResultTypes(),
                             FlatSymbolRefAttr::get(func.getSymNameAttr()), kernel.getInputs());
      kernel->replaceAllUsesWith(dispatch->getResults());
      kernel->erase();
    }
  }
};

} // namespace
} // namespace dlc::passes
