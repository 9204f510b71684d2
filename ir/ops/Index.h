// Ops that read or write where index operands say; see Index.td.
#pragma once
#include "ir/Dlc.h"

#define GET_OP_CLASSES
#include "ir/ops/Index.h.inc"
