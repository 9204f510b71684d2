// The general product of two tensors; see Contract.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#define GET_OP_CLASSES
#include "ir/ops/Contract.h.inc"
