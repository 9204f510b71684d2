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
#include "ir/ops/Conv.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Pool.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Softmax.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Normalize.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Index.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Random.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Loss.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/ops/Control.cpp.inc"
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
