#include "codegen/artifact/CNames.h"
#include "llvm/ADT/StringExtras.h"

namespace dlc::codegen {
namespace {

constexpr llvm::StringLiteral keywords[] = {
    "alignas",  "alignof",  "and",     "asm",       "auto",    "bool",     "break",    "case",
    "catch",    "char",     "class",   "compl",     "concept", "const",    "continue", "decltype",
    "default",  "delete",   "do",      "double",    "else",    "enum",     "explicit", "export",
    "extern",   "false",    "float",   "for",       "friend",  "goto",     "if",       "inline",
    "int",      "long",     "mutable", "namespace", "new",     "noexcept", "not",      "nullptr",
    "operator", "or",       "private", "protected", "public",  "register", "requires", "restrict",
    "return",   "short",    "signed",  "sizeof",    "static",  "struct",   "switch",   "template",
    "this",     "throw",    "true",    "try",       "typedef", "typeid",   "typename", "typeof",
    "union",    "unsigned", "using",   "virtual",   "void",    "volatile", "while",    "xor"};

/// Letters, digits and single underscores, beginning with a letter.
std::string identifierFor(llvm::StringRef text) {
  std::string name;
  for (char c : text) {
    if (llvm::isAlnum(c))
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_')
    name.pop_back();
  if (name.empty())
    return "value";
  return llvm::isDigit(name[0]) ? "n" + name : name;
}

} // namespace

CScope::CScope(llvm::ArrayRef<llvm::StringRef> taken) {
  for (llvm::StringRef word : keywords)
    names.insert(word);
  for (llvm::StringRef word : taken)
    names.insert(word);
}

std::string CScope::name(llvm::StringRef text) {
  std::string wanted = identifierFor(text), name = wanted;
  for (int number = 2; !names.insert(name).second; ++number)
    name = wanted + "_" + std::to_string(number);
  return name;
}

CNames nameInterface(const TableReader &table, llvm::StringRef prefix) {
  CNames names;
  names.prefix = CScope().name(prefix);
  CScope symbols;
  for (const dlc_symbol &symbol : table.symbols())
    names.symbols.push_back(symbols.name(table.text(symbol.name)));
  CScope variables;
  for (const dlc_variable &variable : table.variables())
    names.variables.push_back(variables.name(table.text(variable.name)));
  // What else a header defines with this prefix.
  std::vector<std::string> taken = {"state", "arena", "open", "check"};
  for (const std::string &variable : names.variables) {
    taken.push_back("set_" + variable);
    taken.push_back("get_" + variable);
  }
  CScope entries(std::vector<llvm::StringRef>(taken.begin(), taken.end()));
  for (const dlc_entry &entry : table.entries())
    names.entries.push_back(entries.name(table.text(entry.name)));
  return names;
}

} // namespace dlc::codegen
