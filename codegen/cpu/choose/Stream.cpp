// The schedule of streaming kernels: two cases, told apart by the ops of the body.
#include "codegen/cpu/choose/Stream.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

StreamSchedule chooseStream(mlir::Block &body, const CpuTarget &target) {
  StreamSchedule schedule;
  bool costly = false;
  for (mlir::Operation &op : body)
    costly |= mlir::isa<ir::ExpOp, ir::Expm1Op, ir::LogOp, ir::Log1pOp, ir::TanhOp, ir::SigmoidOp,
                        ir::ErfOp, ir::SinOp, ir::CosOp, ir::PowOp>(op);
  // Polynomials bring parallelism of their own and need the registers.
  schedule.mapUnroll = costly ? 2 : 4;
  // Sixteen registers hold half as many accumulators.
  if (target.vectorRegisters < 32) {
    schedule.mapUnroll = costly ? 1 : 2;
    schedule.reduceUnroll = costly ? 1 : 2;
    schedule.columnVectors = 2;
  }
  return schedule;
}

} // namespace dlc::codegen::cpu
