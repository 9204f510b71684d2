#include "ir/ops/Softmax.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Softmax.cpp.inc"

namespace dlc::ir {

static LogicalResult verifySoftmax(Operation *op, int64_t axis, int64_t rank) {
  return checkAxes([&] { return op->emitOpError(); }, "axis", axis, rank, /*sorted=*/true);
}

LogicalResult SoftmaxOp::verify() {
  return verifySoftmax(*this, getAxis(), getX().getType().getRank()); // softmax_c3
}

LogicalResult LogSoftmaxOp::verify() {
  return verifySoftmax(*this, getAxis(), getX().getType().getRank()); // log_softmax_c3
}

} // namespace dlc::ir
