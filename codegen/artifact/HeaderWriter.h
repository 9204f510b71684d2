// What the headers of both kinds of objects say alike: sizes, tensors, parameters.
#pragma once
#include "codegen/artifact/CNames.h"
#include "llvm/Support/raw_ostream.h"

namespace dlc::codegen {

/// An input, an output or a variable.
struct CTensor {
  llvm::StringRef name; ///< in the model
  std::string parameter;
  uint32_t dtype;
  llvm::ArrayRef<dlc_expr> dims;
};

/// Collects the text of a header.
class HeaderWriter {
public:
  HeaderWriter(const TableReader &table, const CNames &names)
      : table(table), names(names), upperPrefix(llvm::StringRef(names.prefix).upper()), os(text) {}

protected:
  //===- Sizes ------------------------------------------------------------------------------===//

  /// An expression of C over the symbols' names.
  std::string sizeText(const dlc_expr &size);
  /// The number of elements; in a macro, symbols are its parameters.
  std::string elementsText(const CTensor &tensor, bool macro = false);
  /// "f32[B,784]".
  std::string shapeText(const CTensor &tensor);
  /// The symbols that tensors mention, in order.
  std::vector<uint32_t> symbolsOf(llvm::ArrayRef<CTensor> tensors);

  //===- Tensors ----------------------------------------------------------------------------===//

  /// What elements are in C. Half floats are their bits, i1 is 0 or 1.
  static llvm::StringRef cTypeOf(uint32_t dtype);
  /// A name as it may stand in a string of C, and in a comment.
  static std::string literal(llvm::StringRef name);

  std::vector<CTensor> ports(const dlc_ref &list, CScope &scope);
  CTensor variable(size_t i);
  /// Parameters are called like the model's tensors, and differ from what the header adds.
  CScope parameterScope(llvm::ArrayRef<llvm::StringRef> own);

  //===- Text -------------------------------------------------------------------------------===//

  /// The lines of a comment that describe parameters.
  void explain(llvm::ArrayRef<CTensor> tensors, bool input);
  void declareTensors(llvm::ArrayRef<CTensor> tensors, bool input);
  void declareSizes(llvm::ArrayRef<uint32_t> symbols);
  /// "NAME_X_ELEMENTS", a number or a macro of the symbols.
  void defineElements(llvm::StringRef stem, llvm::ArrayRef<CTensor> tensors);
  /// "NAME_ENTRY_LAYOUT" and, as a string, "NAME_ENTRY_SIGNATURE".
  void defineLayout(size_t entry);
  /// The names of the processors.
  std::string variants();
  /// Begins the comment at the top.
  void open(llvm::StringRef what);
  void beginGuard();
  void beginC();
  void end();
  /// The text, its lines of code broken behind commas to fit 100 columns.
  std::string finish();

  const TableReader &table;
  const CNames &names;
  std::string upperPrefix, text;
  llvm::raw_string_ostream os;

private:
  std::string expression(llvm::ArrayRef<int64_t> code,
                         llvm::function_ref<std::string(int64_t)> symbol);
};

} // namespace dlc::codegen
