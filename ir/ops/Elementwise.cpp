#include "ir/ops/Elementwise.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Elementwise.cpp.inc"

namespace dlc::ir {

} // namespace dlc::ir
