// Every op, attribute and enumeration: the input of generators that want them all.
// A family is part of the dialect by standing here: the build takes its list of families from these
// lines, and the dialect registers the ops that they define.
include "ir/DlcAttrs.td"
include "ir/ops/Elementwise.td"
include "ir/ops/Compare.td"
include "ir/ops/Reduce.td"
include "ir/ops/Contract.td"
include "ir/ops/Shape.td"
include "ir/ops/Conv.td"
include "ir/ops/Pool.td"
include "ir/ops/Softmax.td"
include "ir/ops/Normalize.td"
include "ir/ops/Index.td"
include "ir/ops/Random.td"
include "ir/ops/Loss.td"
include "ir/ops/Control.td"
include "ir/ops/State.td"
include "ir/ops/Kernel.td"
