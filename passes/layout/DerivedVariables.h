// Variables as entries see them, and how passes declare derived ones.
#pragma once
#include "ir/Ops.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <vector>

namespace dlc::passes {

/// What an entry reads and assigns, found once for passes that ask for every variable. Arguments
/// for variables are added and erased by way of this alone as long as it is in use.
class EntryVariables {
public:
  explicit EntryVariables(ir::EntryOp entry);

  ir::EntryOp getEntry() const { return entry; }

  /// Whether the entry gives the variable a new value.
  bool assigns(llvm::StringRef variable) const { return assigned.contains(variable); }

  /// The entry's argument for the variable; null if it does not read it.
  mlir::BlockArgument argumentFor(llvm::StringRef variable) const {
    return arguments.lookup(variable);
  }

  /// The same; added behind the others when there is none.
  mlir::Value argumentOf(llvm::StringRef variable, mlir::RankedTensorType type, mlir::Location loc);

  /// Takes the argument for the variable away, which has no uses.
  void eraseArgumentFor(llvm::StringRef variable);

private:
  ir::EntryOp entry;
  llvm::StringMap<mlir::BlockArgument> arguments;
  llvm::StringSet<> assigned;
};

/// All entries of a module, derivations among them.
std::vector<EntryVariables> entriesOf(mlir::ModuleOp module);

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
bool eraseUnread(std::vector<EntryVariables> &entries, ir::VariableOp variable);

} // namespace dlc::passes
