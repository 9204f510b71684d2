// Values of an entry that follow from variables alone which the entry does not assign: what holds
// such a value can hold it from one call to the next.
#pragma once
#include "passes/layout/DerivedVariables.h"

namespace dlc::passes {

class FixedValues {
public:
  FixedValues(mlir::ModuleOp module, ir::EntryOp entry);

  /// Whether the value is a weight or statistic that the entry does not assign, a small constant,
  /// or computed from such by elementwise ops, views and transforms of filters. Static sizes only.
  bool isFixed(mlir::Value value);

  /// The variable that an argument of the entry is the value of; null for other values.
  ir::VariableOp variableOf(mlir::Value value);

  /// The variables that a fixed value is computed from, in the order of their first use.
  llvm::SmallVector<ir::VariableOp> variablesBehind(mlir::Value value);

private:
  bool decide(mlir::Value value);

  ir::EntryOp entry;
  llvm::StringMap<ir::VariableOp> variables; ///< those that may be fixed
  llvm::DenseMap<mlir::Value, bool> known;
};

} // namespace dlc::passes
