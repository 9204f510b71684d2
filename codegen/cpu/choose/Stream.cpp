// The schedule of streaming kernels: a few cases, told apart by the ops of the body.
#include "codegen/cpu/choose/Stream.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

// What no cache keeps until it is read again: written past the caches, it is not read before it is
// written. Smaller results would wait for memory where a cache holds them.
static constexpr int64_t kStoreAround = 16 << 20;

static bool isLarge(mlir::Value value) {
  auto type = mlir::cast<mlir::ShapedType>(value.getType());
  return type.hasStaticShape() && type.getElementType().isIntOrFloat() &&
         type.getNumElements() * type.getElementTypeBitWidth() / 8 >= kStoreAround;
}

StreamSchedule chooseStream(mlir::Block &body, const CpuTarget &target) {
  StreamSchedule schedule;
  bool costly = false;
  for (mlir::Operation &op : body)
    costly |= mlir::isa<ir::ExpOp, ir::Expm1Op, ir::LogOp, ir::Log1pOp, ir::TanhOp, ir::SigmoidOp,
                        ir::ErfOp, ir::SinOp, ir::CosOp, ir::PowOp>(op);
  // A window has an address for each tap: more vectors at once would not leave registers for them.
  bool windows = false;
  for (mlir::Operation &op : body)
    windows |= mlir::isa<ir::MaxPoolOp, ir::AvgPoolOp, ir::MaxPoolGradOp, ir::AvgPoolGradOp>(op);
  // Polynomials bring parallelism of their own and need the registers.
  schedule.mapUnroll = costly || windows ? 2 : 4;
  // So do NEON's, of which a vector takes as many as of wider ones but holds four numbers.
  if (costly && target.vectorBits < 256)
    schedule.mapUnroll = 1;
  // Sixteen registers hold half as many accumulators.
  if (target.vectorRegisters < 32) {
    schedule.mapUnroll = costly || windows ? 1 : 2;
    schedule.reduceUnroll = costly ? 1 : 2;
    schedule.columnVectors = 2;
  }
  if (llvm::any_of(body.getTerminator()->getOperands(), isLarge))
    schedule.storeAround = kStoreAround;
  return schedule;
}

} // namespace dlc::codegen::cpu
