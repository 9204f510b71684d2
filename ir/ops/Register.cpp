// Adds the ops of every family that DlcOps.td includes to the dialect.
#include "ir/Ops.h"

namespace dlc::ir {

void DlcDialect::registerOps() {
  addOperations<
#define GET_OP_LIST
#include "ir/OpList.cpp.inc"
      >();
}

} // namespace dlc::ir
