// The one op of the family that a gradient passes through.
#include "ir/ops/State.h"

using namespace mlir;

namespace dlc::ir {

SmallVector<Value> WatchOp::buildVjp(OpBuilder &, ValueRange cotangents) {
  return {cotangents[0]};
}

} // namespace dlc::ir
