// Loops and branches: their regions are run by the evaluator, one trip after the other.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

static std::vector<const Tensor *> pointersTo(const std::vector<Tensor> &tensors) {
  std::vector<const Tensor *> pointers;
  for (const Tensor &tensor : tensors)
    pointers.push_back(&tensor);
  return pointers;
}

llvm::Error evaluate(ir::IfOp op, Call &call) {
  Region &region = call.in(0).integer(0) ? op.getOnTrue() : op.getOnFalse();
  auto results = call.evaluator.runRegion(
      region, ArrayRef<const Tensor *>(call.operands).drop_front(), call.bindings);
  if (!results)
    return results.takeError();
  call.results = std::move(*results);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::WhileOp op, Call &call) {
  std::vector<Tensor> carries;
  for (const Tensor *init : ArrayRef(call.operands).take_front(op.getInits().size()))
    carries.push_back(*init);
  int64_t limit = op.getMaxTrip() ? int64_t(op.getMaxTrip()) : call.evaluator.settings().maxTrips;
  for (int64_t trip = 0; trip < limit || !op.getMaxTrip(); ++trip) {
    if (trip >= limit)
      return failure(call, "still running after " + Twine(limit) + " trips");
    std::vector<const Tensor *> arguments = pointersTo(carries);
    llvm::append_range(arguments, ArrayRef(call.operands).drop_front(op.getInits().size()));
    auto condition = call.evaluator.runRegion(op.getCondition(), arguments, call.bindings);
    if (!condition)
      return condition.takeError();
    if (!condition->front().integer(0))
      break;
    auto next = call.evaluator.runRegion(op.getBody(), arguments, call.bindings);
    if (!next)
      return next.takeError();
    carries = std::move(*next);
  }
  call.results = std::move(carries);
  return llvm::Error::success();
}

// What `backward` says matters to differentiation only.
llvm::Error evaluate(ir::CustomGradientOp op, Call &call) {
  auto results = call.evaluator.runRegion(op.getForward(), call.operands, call.bindings);
  if (!results)
    return results.takeError();
  call.results = std::move(*results);
  return llvm::Error::success();
}

/// Slice `i` of `x` along its first dimension.
static Tensor sliceOf(const Tensor &x, int64_t i) {
  Tensor slice(x.type(), Dims(x.dims().begin() + 1, x.dims().end()));
  for (int64_t j = 0; j < slice.count(); ++j)
    slice.copy(j, x, i * slice.count() + j);
  return slice;
}

llvm::Error evaluate(ir::ScanOp op, Call &call) {
  size_t carryCount = op.getInits().size(), scanned = op.getXs().size();
  auto trip = sizeOf(call, op.getTrip());
  if (!trip)
    return trip.takeError();
  std::vector<Tensor> carries;
  for (size_t i = 0; i < carryCount; ++i)
    carries.push_back(call.in(i));
  for (int64_t t = 0; t < *trip; ++t) {
    int64_t at = op.getReverse() ? *trip - 1 - t : t;
    std::vector<Tensor> locals{Tensor::scalarInt(DType::I64, at)};
    for (size_t i = 0; i < scanned; ++i)
      locals.push_back(sliceOf(call.in(carryCount + i), at));
    std::vector<const Tensor *> arguments{&locals[0]};
    llvm::append_range(arguments, pointersTo(carries));
    for (size_t i = 0; i < scanned; ++i)
      arguments.push_back(&locals[i + 1]);
    llvm::append_range(arguments, ArrayRef(call.operands).drop_front(carryCount + scanned));
    auto results = call.evaluator.runRegion(op.getBody(), arguments, call.bindings);
    if (!results)
      return results.takeError();
    for (size_t y = carryCount; y < results->size(); ++y)
      for (int64_t j = 0, n = (*results)[y].count(); j < n; ++j)
        call.results[y].copy(at * n + j, (*results)[y], j);
    results->resize(carryCount);
    carries = std::move(*results);
  }
  for (size_t i = 0; i < carryCount; ++i)
    call.results[i] = std::move(carries[i]);
  return llvm::Error::success();
}

} // namespace dlc::reference
