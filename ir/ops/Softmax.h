// Softmax and its logarithm; see Softmax.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#define GET_OP_CLASSES
#include "ir/ops/Softmax.h.inc"
