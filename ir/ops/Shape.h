// Ops that move elements, constants and sizes; see Shape.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#define GET_OP_CLASSES
#include "ir/ops/Shape.h.inc"
