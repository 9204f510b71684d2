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

namespace dlc::ir {

/// The variable whose value `target` is, seen through its watches; null if it is none.
mlir::FlatSymbolRefAttr variableBehind(mlir::Value target);

/// Takes the seams below `root` away, so that fusion sees across.
void dissolveSeams(mlir::Operation *root);

} // namespace dlc::ir
