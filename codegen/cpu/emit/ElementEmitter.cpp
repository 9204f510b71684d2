// Which function answers for which op.
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/lower/ExpandMath.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace dlc::codegen::cpu {

static constexpr int64_t kNarrowLanes = 4;

// A logarithm of one number for a row, as a cross entropy has it, is some thirty instructions, each
// of which keeps a 512-bit unit busy twice as long as narrower ones.
FailureOr<Value> ElementEmitter::emitNarrow(ArrayRef<Value> operands) {
  auto shuffled = [&](Value x, ArrayRef<int64_t> lanes) -> Value {
    return vector::ShuffleOp::create(k.builder(), k.loc(), x, x, lanes);
  };
  SmallVector<Value> narrow;
  for (Value operand : operands)
    narrow.push_back(shuffled(operand, llvm::to_vector(llvm::seq<int64_t>(0, kNarrowLanes))));
  FailureOr<Value> y = emitPointwise(k.builder(), op, narrow);
  if (failed(y))
    return failure();
  y->getDefiningOp()->setAttr(kConstantsInMemory, k.builder().getUnitAttr());
  return shuffled(*y, SmallVector<int64_t>(e.lanes(), 0));
}

FailureOr<Value> ElementEmitter::emit() {
  if (isPointwise(op)) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> value = e.at(operand, index);
      if (failed(value))
        return failure();
      operands.push_back(*value);
    }
    bool oneNumber = llvm::all_of(
        index.coordinates, [](const Coordinate &c) { return c.kind == Coordinate::Uniform; });
    if (oneNumber && isa<ir::LogOp, ir::Log1pOp>(op) && e.lanes() > kNarrowLanes &&
        k.target().vectorBits > 256)
      return emitNarrow(operands);
    return emitPointwise(k.builder(), op, operands);
  }
  using Result = FailureOr<Value>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](ir::BroadcastOp o) { return broadcast(o); })
      .Case([&](ir::ReshapeOp o) { return reshape(o); })
      .Case([&](ir::TransposeOp o) { return transpose(o); })
      .Case([&](ir::SliceOp o) { return slice(o); })
      .Case([&](ir::DynamicSliceOp o) { return dynamicSlice(o); })
      .Case([&](ir::DynamicUpdateSliceOp o) { return dynamicUpdate(o); })
      .Case([&](ir::PadOp o) { return pad(o); })
      .Case([&](ir::ConcatOp o) { return concat(o); })
      .Case([&](ir::ReverseOp o) { return reverse(o); })
      .Case([&](ir::ConstantOp o) { return constant(o); })
      .Case([&](ir::SizeOp o) { return size(o); })
      .Case([&](ir::IotaOp o) { return iota(o); })
      .Case([&](ir::OneHotOp o) { return oneHot(o); })
      .Case([&](ir::GatherOp o) { return gather(o); })
      .Case([&](ir::ScatterAddOp o) { return scatterAdd(o); })
      .Case<ir::RandomUniformOp, ir::RandomNormalOp, ir::RandomBernoulliOp>(
          [&](Operation *) { return random(); })
      .Case([&](ir::RandomFoldOp o) { return randomFold(o); })
      .Case<ir::SumOp, ir::MeanOp, ir::ProdOp, ir::ReduceMaxOp, ir::ReduceMinOp, ir::ArgmaxOp,
            ir::ArgminOp>([&](Operation *) { return reduce(); })
      .Case<ir::MaxPoolOp, ir::MaxPoolWinnersOp>([&](Operation *) { return maxPool(); })
      .Case([&](ir::AvgPoolOp o) { return avgPool(o); })
      .Case([&](ir::MaxPoolScatterOp o) { return maxPoolScatter(o); })
      .Case([&](ir::MaxPoolGradOp o) { return maxPoolGrad(o); })
      .Case([&](ir::AvgPoolGradOp o) { return avgPoolGrad(o); })
      .Default([&](Operation *other) -> Result {
        return other->emitOpError("cannot be computed element by element"), failure();
      });
}

} // namespace dlc::codegen::cpu
