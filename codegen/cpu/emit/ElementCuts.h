// Which dimensions of a value may be flattened together. Internal to codegen/cpu/emit.
#pragma once
#include "codegen/cpu/emit/Elements.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

// Positions at which |op| itself treats the dimensions of its result on both sides differently;
// bit d stands between dimensions d-1 and d. Dimensions of size 1 count like others: splitting
// them off costs nothing.
llvm::BitVector ownCuts(mlir::Operation *op);

bool isPadded(ir::PadOp op, int64_t dim);

// Places (operand dimension, result dimension) at which the leading sizes of both sides of a
// reshape have equal products; the first is (0, 0).
struct ReshapeSegments {
  ReshapeSegments(mlir::Value x, mlir::Value y);
  llvm::SmallVector<std::pair<int64_t, int64_t>> starts;
};

} // namespace dlc::codegen::cpu
