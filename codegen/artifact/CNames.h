// What the parts of a model are called in C: identifiers that are legal, and differ where the
// model's names do.
#pragma once
#include "codegen/artifact/TableReader.h"
#include "llvm/ADT/StringSet.h"

namespace dlc::codegen {

/// A scope of C and C++: hands out names that are neither keywords nor taken.
class CScope {
public:
  /// Names that functions and types of the header have for themselves are `taken`.
  explicit CScope(llvm::ArrayRef<llvm::StringRef> taken = {});

  /// "loss.total" becomes loss_total, and loss_total_2 if that is taken; "2d" becomes n2d.
  std::string name(llvm::StringRef text);

private:
  llvm::StringSet<> names;
};

/// The names of one object's functions, which begin with `prefix` and an underscore.
struct CNames {
  std::string prefix;
  std::vector<std::string> symbols, entries, variables; ///< in table order, without the prefix

  std::string entry(size_t i) const { return prefix + "_" + entries[i]; }
  std::string setter(size_t i) const { return prefix + "_set_" + variables[i]; }
  std::string getter(size_t i) const { return prefix + "_get_" + variables[i]; }
};

/// `prefix` is made an identifier, too.
CNames nameInterface(const TableReader &table, llvm::StringRef prefix);

} // namespace dlc::codegen
