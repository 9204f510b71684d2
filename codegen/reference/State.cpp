// Identities that mean something to differentiation only.
#include "codegen/reference/Call.h"

namespace dlc::reference {

llvm::Error evaluate(ir::WatchOp, Call &call) {
  call.out() = call.in(0);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::SeamOp, Call &call) {
  call.out() = call.in(0);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::StopGradientOp, Call &call) {
  call.out() = call.in(0);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::GradientOp, Call &call) {
  return failure(call, "run --dlc-differentiate first");
}

} // namespace dlc::reference
