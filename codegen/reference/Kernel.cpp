// Kernels mean what their bodies mean: which phase computes what is no concern of the oracle.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

static llvm::Error runBody(Call &call, Region &body) {
  auto results = call.evaluator.runRegion(body, call.operands, call.bindings);
  if (!results)
    return results.takeError();
  if (results->size() != call.results.size())
    return failure(call, "the body yields " + Twine(results->size()) + " values for " +
                             Twine(call.results.size()) + " results");
  call.results = std::move(*results);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::KernelOp op, Call &call) { return runBody(call, op.getBody()); }

llvm::Error evaluate(ir::DispatchOp op, Call &call) {
  auto kernel = call.evaluator.module().lookupSymbol<ir::KernelFuncOp>(op.getKernel());
  if (!kernel)
    return failure(call, "there is no kernel \"" + op.getKernel() + "\"");
  return runBody(call, kernel.getBody());
}

} // namespace dlc::reference
