#include "codegen/artifact/HeaderWriter.h"
#include "runtime/abi/layout.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace dlc::codegen {
namespace {

std::string binaryText(int64_t op, const std::string &a, const std::string &b) {
  switch (op) {
  case DLC_EXPR_ADD:
    return "(" + a + " + " + b + ")";
  case DLC_EXPR_MUL:
    return "(" + a + " * " + b + ")";
  case DLC_EXPR_FLOORDIV: // C rounds toward zero
    return "(" + a + " / " + b + " - (" + a + " % " + b + " < 0))";
  case DLC_EXPR_MIN:
    return "(" + a + " < " + b + " ? " + a + " : " + b + ")";
  default:
    return "(" + a + " > " + b + " ? " + a + " : " + b + ")";
  }
}

} // namespace

//===- Sizes --------------------------------------------------------------------------------===//

std::string HeaderWriter::expression(ArrayRef<int64_t> code,
                                     function_ref<std::string(int64_t)> symbol) {
  if (auto value = evaluateCode(code, [](int64_t) { return std::nullopt; }))
    return std::to_string(*value);
  SmallVector<std::string> stack;
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == DLC_EXPR_CONST) {
      stack.push_back(std::to_string(code[++i]));
    } else if (code[i] == DLC_EXPR_SYM) {
      stack.push_back(symbol(code[++i]));
    } else if (code[i] == DLC_EXPR_NEG) {
      stack.back() = "(-" + stack.back() + ")";
    } else {
      std::string b = stack.pop_back_val(), a = stack.pop_back_val();
      stack.push_back(binaryText(code[i], a, b));
    }
  }
  return stack.back();
}

std::string HeaderWriter::sizeText(const dlc_expr &size) {
  return expression(table.code(size), [&](int64_t i) { return names.symbols[i]; });
}

std::string HeaderWriter::elementsText(const CTensor &tensor, bool macro) {
  auto symbol = [&](int64_t i) {
    return macro ? "(int64_t)(" + names.symbols[i] + ")" : names.symbols[i];
  };
  int64_t known = 1;
  std::string text;
  for (const dlc_expr &dim : tensor.dims) {
    if (auto value = table.constant(dim))
      known *= *value;
    else
      text += (text.empty() ? "" : " * ") + expression(table.code(dim), symbol);
  }
  if (text.empty())
    return std::to_string(known);
  return known == 1 ? text : text + " * " + std::to_string(known);
}

std::string HeaderWriter::shapeText(const CTensor &tensor) {
  std::string text = dlc_dtype_name(tensor.dtype) + std::string("[");
  for (auto [i, dim] : enumerate(tensor.dims))
    text += (i ? "," : "") + sizeText(dim);
  return text + "]";
}

std::vector<uint32_t> HeaderWriter::symbolsOf(ArrayRef<CTensor> tensors) {
  std::vector<bool> seen(names.symbols.size());
  for (const CTensor &tensor : tensors)
    for (const dlc_expr &dim : tensor.dims) {
      ArrayRef<int64_t> code = table.code(dim);
      for (size_t i = 0; i < code.size(); ++i) {
        if (code[i] == DLC_EXPR_SYM)
          seen[code[i + 1]] = true;
        if (code[i] == DLC_EXPR_SYM || code[i] == DLC_EXPR_CONST)
          ++i;
      }
    }
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < seen.size(); ++i)
    if (seen[i])
      found.push_back(i);
  return found;
}

//===- Tensors ------------------------------------------------------------------------------===//

StringRef HeaderWriter::cTypeOf(uint32_t dtype) {
  switch (dtype) {
  case DLC_F32:
    return "float";
  case DLC_F64:
    return "double";
  case DLC_F16:
  case DLC_BF16:
    return "uint16_t";
  case DLC_I64:
    return "int64_t";
  case DLC_I32:
    return "int32_t";
  case DLC_I8:
    return "int8_t";
  default:
    return "uint8_t";
  }
}

std::string HeaderWriter::literal(StringRef name) {
  std::string text;
  for (char c : name) {
    bool plain =
        isPrint(c) && c != '"' && c != '\\' && !(c == '/' && StringRef(text).ends_with("*"));
    if (plain)
      text += c;
    else
      text += formatv("\\{0}{1}{2}", (c >> 6) & 3, (c >> 3) & 7, c & 7);
  }
  return text;
}

std::vector<CTensor> HeaderWriter::ports(const dlc_ref &list, CScope &scope) {
  std::vector<CTensor> tensors;
  for (const dlc_port &port : table.list<dlc_port>(list)) {
    StringRef name = table.text(port.name);
    tensors.push_back({name, scope.name(name), port.dtype, table.list<dlc_expr>(port.dims)});
  }
  return tensors;
}

CTensor HeaderWriter::variable(size_t i) {
  const dlc_variable &variable = table.variables()[i];
  return {table.text(variable.name), "value", variable.dtype, table.list<dlc_expr>(variable.dims)};
}

CScope HeaderWriter::parameterScope(ArrayRef<StringRef> own) {
  CScope scope(own);
  for (const std::string &symbol : names.symbols)
    scope.name(symbol);
  return scope;
}

//===- Text ---------------------------------------------------------------------------------===//

void HeaderWriter::explain(ArrayRef<CTensor> tensors, bool input) {
  for (const CTensor &tensor : tensors)
    os << formatv(" * @param {0} {1} \"{2}\": {3}, row-major, {4}; yours\n", tensor.parameter,
                  input ? "input" : "output", literal(tensor.name), shapeText(tensor),
                  input ? "read during the call" : "written by the call");
}

void HeaderWriter::declareTensors(ArrayRef<CTensor> tensors, bool input) {
  for (const CTensor &tensor : tensors)
    os << ", " << (input ? "const " : "") << cTypeOf(tensor.dtype) << " *" << tensor.parameter;
}

void HeaderWriter::declareSizes(ArrayRef<uint32_t> symbols) {
  for (uint32_t symbol : symbols)
    os << ", int64_t " << names.symbols[symbol];
}

void HeaderWriter::defineElements(StringRef stem, ArrayRef<CTensor> tensors) {
  for (const CTensor &tensor : tensors) {
    os << "#define " << stem << "_" << StringRef(tensor.parameter).upper() << "_ELEMENTS";
    std::vector<uint32_t> symbols = symbolsOf(tensor);
    if (!symbols.empty()) {
      os << "(";
      interleaveComma(symbols, os, [&](uint32_t symbol) { os << names.symbols[symbol]; });
      os << ")";
    }
    os << " (" << elementsText(tensor, /*macro=*/true) << ")\n";
  }
}

void HeaderWriter::defineLayout(size_t i) {
  const dlc_entry &entry = table.entries()[i];
  char signature[1024]; // far below what C99 lets a string have
  dlc_describe_entry(&table.program(), &entry, signature, sizeof signature);
  std::string stem = StringRef(names.entry(i)).upper();
  os << "#define " << stem << "_LAYOUT UINT64_C(0x"
     << utohexstr(dlc_layout_of_entry(&table.program(), &entry), /*LowerCase=*/true, 16) << ")\n"
     << "#define " << stem << "_SIGNATURE \"" << literal(signature) << "\"\n";
}

std::string HeaderWriter::variants() {
  std::string list;
  for (const dlc_variant &variant : table.variants())
    list += (list.empty() ? "" : ", ") + table.text(variant.name).str();
  return list;
}

void HeaderWriter::open(StringRef what) {
  os << "/* The model \"" << literal(table.text(table.program().name)) << "\" for " << variants()
     << ", " << what;
}

void HeaderWriter::beginGuard() {
  os << "#ifndef DLC_MODEL_" << upperPrefix << "_H\n#define DLC_MODEL_" << upperPrefix << "_H\n\n";
}

void HeaderWriter::beginC() { os << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"; }

void HeaderWriter::end() { os << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"; }

std::string HeaderWriter::finish() {
  constexpr size_t columns = 100;
  std::string wrapped;
  SmallVector<StringRef> lines;
  StringRef(text).split(lines, '\n');
  for (StringRef line : ArrayRef(lines).drop_back()) {
    std::string indent(line.size() - line.ltrim().size() + 4, ' ');
    // Comments and macros stay as they are; the lines of one begin with X.
    bool code = !line.starts_with("#") && !line.starts_with(" *") && !line.starts_with("/*") &&
                !line.starts_with("  X(");
    while (code && line.size() > columns) {
      size_t at = line.take_front(columns + 1).rfind(", ");
      if (at == StringRef::npos || at < indent.size())
        break;
      wrapped += (line.take_front(at + 1) + "\n" + indent).str();
      line = line.drop_front(at + 2);
    }
    wrapped += (line + "\n").str();
  }
  return wrapped;
}

} // namespace dlc::codegen
