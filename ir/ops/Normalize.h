// Batch and layer normalisation; see Normalize.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#define GET_OP_CLASSES
#include "ir/ops/Normalize.h.inc"
