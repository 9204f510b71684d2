// Variables, entries, gradients; see State.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

namespace dlc::ir {

/// Names of the discardable attributes on arguments and results of entries.
inline constexpr llvm::StringLiteral kNameAttr = "dlc.name";
inline constexpr llvm::StringLiteral kStateAttr = "dlc.state";

} // namespace dlc::ir

#define GET_OP_CLASSES
#include "ir/ops/State.h.inc"
