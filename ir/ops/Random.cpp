#include "ir/ops/Random.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Random.cpp.inc"

namespace dlc::ir {

/// The stream is a 32-bit word of the counter; its last value belongs to random_fold.
static LogicalResult checkStream(Operation *op, int64_t stream) {
  if (stream >= 0 && stream < 0xFFFFFFFF)
    return success();
  return op->emitOpError("stream ") << stream << " is outside [0, 4294967295)";
}

LogicalResult RandomUniformOp::verify() { // random_uniform_c1
  return checkStream(*this, getStream());
}

LogicalResult RandomNormalOp::verify() { // random_normal_c1
  return checkStream(*this, getStream());
}

LogicalResult RandomBernoulliOp::verify() { // random_bernoulli_c1
  return checkStream(*this, getStream());
}

} // namespace dlc::ir
