// Variables as entries see them, and how passes declare derived ones.
#pragma once
#include "ir/Ops.h"

namespace dlc::passes {

/// Whether the entry gives the variable a new value.
bool assigns(ir::EntryOp entry, llvm::StringRef variable);

/// The entry's argument for the variable, if it reads it.
std::optional<mlir::BlockArgument> argumentFor(ir::EntryOp entry, llvm::StringRef variable);

/// The same; added behind the others when there is none.
mlir::Value argumentOf(ir::EntryOp entry, llvm::StringRef variable, mlir::RankedTensorType type,
                       mlir::Location loc);

/// Whether an op may be part of a derivation that is one streaming kernel: elementwise, a view, or
/// a small constant.
bool canDerive(mlir::Operation *op);

/// Whether the entry is a derivation of such ops alone.
bool isStreamed(ir::EntryOp derivation);

/// A derived variable to be declared.
struct Derivation {
  std::string name;     ///< of the variable
  std::string entry;    ///< of the private entry that derives it
  llvm::StringRef what; ///< of the entry's result
  mlir::RankedTensorType type;
  ir::VariableOp source;                       ///< what the variable is another form of
  llvm::SmallVector<ir::VariableOp> arguments; ///< what it is made of, `source` among them
};

/// Declares the variable behind `after`, and its entry at the end of the module. `build` writes the
/// value, given the arguments.
ir::VariableOp
declareDerived(mlir::ModuleOp module, mlir::Operation *after, Derivation derivation,
               llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::ValueRange)> build);

/// Takes the derived variable away, with its derivation and the arguments for it, if no entry uses
/// its value. Returns whether it did.
bool eraseUnread(mlir::ModuleOp module, ir::VariableOp variable);

} // namespace dlc::passes
