// Cross entropies from logits, in double from the logits to the loss.
#include "codegen/reference/Call.h"
#include "codegen/reference/RowMath.h"
#include "codegen/reference/Rows.h"

using namespace mlir;

namespace dlc::reference {

llvm::Error evaluate(ir::SparseSoftmaxCrossEntropyOp, Call &call) {
  const Tensor &logits = call.in(0), &labels = call.in(1);
  Rows rows(logits.dims(), logits.rank() - 1);
  rows.forEach([&](int64_t r, const std::vector<int64_t> &row) {
    int64_t label = labels.integer(r);
    bool inside = label >= 0 && label < rows.length;
    double picked = inside ? logits.real(row[size_t(label)]) : 0;
    LogSumExp total = logSumExp(logits, row);
    call.out().setReal(r, total.logSum + (total.largest - picked));
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::SoftmaxCrossEntropyOp, Call &call) {
  const Tensor &logits = call.in(0), &labels = call.in(1);
  Rows rows(logits.dims(), logits.rank() - 1);
  rows.forEach([&](int64_t r, const std::vector<int64_t> &row) {
    LogSumExp total = logSumExp(logits, row);
    double loss = 0;
    for (int64_t element : row)
      if (double label = labels.real(element); label != 0)
        loss += label * (total.logSum + (total.largest - logits.real(element)));
    call.out().setReal(r, loss);
  });
  return llvm::Error::success();
}

// |x| * w + log1p(e^-|x|): neither tail overflows, and a weight of 0 silences an infinite x.
llvm::Error evaluate(ir::SigmoidCrossEntropyOp, Call &call) {
  const Tensor &logits = call.in(0), &labels = call.in(1);
  for (int64_t i = 0; i < logits.count(); ++i) {
    double x = logits.real(i), z = labels.real(i);
    double weight = x > 0 ? 1 - z : z;
    double linear = weight == 0 ? 0 : std::fabs(x) * weight;
    call.out().setReal(i, linear + std::log1p(std::exp(-std::fabs(x))));
  }
  return llvm::Error::success();
}

} // namespace dlc::reference
