// Reads a program table while it is being built: what an object's header says about a model, and
// what a freestanding object makes of it, come from the same bytes that the runtime reads.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace dlc::codegen {

/// The value of a size expression in table code (dlc_expr); none on overflow, division by less
/// than 1 or a symbol without a value.
std::optional<int64_t>
evaluateCode(llvm::ArrayRef<int64_t> code,
             llvm::function_ref<std::optional<int64_t>(int64_t symbol)> value);

/// A table of this compiler, so structs have their own sizes. The blob must outlive the reader.
class TableReader {
public:
  TableReader(const TableBlob &blob, size_t root) : blob(blob), root(root) {}

  const dlc_program &program() const {
    return *reinterpret_cast<const dlc_program *>(blob.bytes.data() + root);
  }

  template <typename T> llvm::ArrayRef<T> list(const dlc_ref &ref) const {
    return {reinterpret_cast<const T *>(follow(ref.rel)), ref.count};
  }
  llvm::StringRef text(const dlc_rel &rel) const { return follow(rel); }
  llvm::ArrayRef<int64_t> code(const dlc_expr &expr) const { return list<int64_t>(expr); }

  llvm::ArrayRef<dlc_symbol> symbols() const { return list<dlc_symbol>(program().symbols); }
  llvm::ArrayRef<dlc_variable> variables() const { return list<dlc_variable>(program().variables); }
  llvm::ArrayRef<dlc_entry> entries() const { return list<dlc_entry>(program().entries); }
  llvm::ArrayRef<dlc_variant> variants() const { return list<dlc_variant>(program().variants); }

  /// The value of an expression that mentions no symbol; none otherwise.
  std::optional<int64_t> constant(const dlc_expr &expr) const {
    return evaluateCode(code(expr), [](int64_t) { return std::nullopt; });
  }

  /// The function that a field points to.
  llvm::StringRef function(const dlc_rel &field) const;

private:
  const char *follow(const dlc_rel &rel) const {
    return reinterpret_cast<const char *>(&rel) + rel;
  }

  const TableBlob &blob;
  size_t root;
};

} // namespace dlc::codegen
