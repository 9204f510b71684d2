// Comparison, selection, conversion; see Compare.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

#define GET_OP_CLASSES
#include "ir/ops/Compare.h.inc"
