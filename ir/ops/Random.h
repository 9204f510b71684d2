// Random numbers as pure functions of a key; see Random.td.
#pragma once
#include "ir/Dlc.h"

#define GET_OP_CLASSES
#include "ir/ops/Random.h.inc"
