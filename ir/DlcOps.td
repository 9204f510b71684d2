// Every op, attribute and enumeration: the input of generators that want them all.
// The families' list in ir/CMakeLists.txt and the includes here are checked against each other
// by the build: a family that is missing here has no enumerations and no documentation.
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
