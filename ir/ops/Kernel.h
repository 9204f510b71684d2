// Kernels and dispatches; see Kernel.td.
#pragma once
#include "ir/Dlc.h"

#define GET_OP_CLASSES
#include "ir/ops/Kernel.h.inc"
