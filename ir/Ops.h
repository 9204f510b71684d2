// Every op of the dialect.
#pragma once
#include "ir/ops/Compare.h"
#include "ir/ops/Contract.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Kernel.h"
#include "ir/ops/Reduce.h"
#include "ir/ops/Shape.h"
#include "ir/ops/State.h"
