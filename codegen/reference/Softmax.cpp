// softmax and log_softmax along an axis.
#include "codegen/reference/Call.h"
#include "codegen/reference/RowMath.h"
#include "codegen/reference/Rows.h"

using namespace mlir;

namespace dlc::reference {

// x - logSumExp in double: good to an ulp of f32 also where the difference nearly cancels.
llvm::Error evaluate(ir::SoftmaxOp op, Call &call) {
  const Tensor &x = call.in(0);
  Rows(x.dims(), op.getAxis()).forEach([&](int64_t, const std::vector<int64_t> &row) {
    LogSumExp total = logSumExp(x, row);
    for (int64_t element : row)
      call.out().setReal(element, std::exp(x.real(element) - total.largest - total.logSum));
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::LogSoftmaxOp op, Call &call) {
  const Tensor &x = call.in(0);
  Rows(x.dims(), op.getAxis()).forEach([&](int64_t, const std::vector<int64_t> &row) {
    LogSumExp total = logSumExp(x, row);
    for (int64_t element : row)
      call.out().setReal(element, x.real(element) - total.largest - total.logSum);
  });
  return llvm::Error::success();
}

} // namespace dlc::reference
