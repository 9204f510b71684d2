// Loops, branches, user-defined gradients; see Control.td.
#pragma once
#include "ir/Dlc.h"

#define GET_OP_CLASSES
#include "ir/ops/Control.h.inc"
