// What a job costs: everything that its stores or reductions ask for, down to memory.
#include "codegen/cpu/choose/Grain.h"
#include "codegen/cpu/emit/StreamJobs.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

SizeAttr trafficOf(Value tensor) {
  auto type = cast<ShapedType>(tensor.getType());
  return sizeMul(elementCount(type), KernelBuilder::storedBytes(type.getElementType()) *
                                         kPicosecondsPerByte);
}

/// A reduction or a window reads its operand once for each result of its neighbours' too; the
/// operand's size stands for that.
SizeAttr arithmeticOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!isExpensive(op))
    return sizeMul(elementCount(value.getType()), kPicosecondsPerElement);
  if (isReduction(op))
    return sizeMul(elementCount(op->getOperand(0).getType()), kPicosecondsPerElement);
  return sizeMul(elementCount(value.getType()), kPicosecondsPerFunctionValue);
}

/// Of the partial sums, one element each.
SizeAttr combineCost(const StreamContext &context, Operation *reduction) {
  SizeAttr partials = sizeMul(elementCount(reduction->getResult(0).getType()),
                              chunkCount(reduction, context.schedule));
  return sizeMul(partials, kPicosecondsPerElement + 4 * kPicosecondsPerByte);
}

} // namespace

SizeAttr costOf(const StreamContext &context, const StreamJob &job, int64_t phase) {
  if (job.kind == StreamJob::Combine)
    return combineCost(context, job.reductions.front());
  if (job.kind == StreamJob::Sort)
    return trafficOf(job.reductions.front()->getOperand(1));
  auto isMemory = [&](Value value) { return context.isMemoryIn(value, phase); };
  SizeAttr total = sizeConstant(context.kernel.body->getTerminator()->getContext(), 0);
  llvm::SetVector<Value> cone;
  for (const StreamStore &store : job.stores) {
    collectCone(store.value, isMemory, cone);
    total = sizeAdd(total, trafficOf(store.value));
  }
  for (Operation *reduction : job.reductions)
    collectCone(chunkedOperand(context.plan, reduction), isMemory, cone);
  for (Value value : cone)
    total = sizeAdd(total, isMemory(value) ? trafficOf(value) : arithmeticOf(value));
  return total;
}

} // namespace dlc::codegen::cpu
