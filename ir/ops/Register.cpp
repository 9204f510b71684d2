// Adds the families' ops to the dialect.
#include "ir/Ops.h"

namespace dlc::ir {

void DlcDialect::registerOps() {
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Elementwise.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Compare.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Reduce.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Contract.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Shape.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/State.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Kernel.cpp.inc"
      >();
}

} // namespace dlc::ir
