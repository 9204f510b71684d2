// The builder's op methods of fixed arity: ops whose operands are plain tensors of one type,
// without attributes or regions. All other ops have hand-written builders (frontend/builder).
#include "OpList.h"
#include "mlir/TableGen/GenInfo.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace llvm;
using namespace dlc::tblgen;

static bool hasFixedArity(const OpInfo &op) {
  const auto &definition = op.definition;
  bool sameType = any_of(definition.getTraits(), [](const mlir::tblgen::Trait &trait) {
    return trait.getDef().getName() == "SameOperandsAndResultType";
  });
  return sameType && definition.getNumOperands() && !definition.getNumVariableLengthOperands() &&
         !definition.getNumAttributes() && !definition.getNumRegions() &&
         definition.getNumResults() == 1;
}

// `and`, `or`, `xor` and `not` are operators of C++.
static std::string functionName(StringRef mnemonic) {
  bool taken = StringSwitch<bool>(mnemonic).Cases({"and", "or", "xor", "not"}, true).Default(false);
  return convertToCamelFromSnakeCase(taken ? "logical_" + mnemonic.str() : mnemonic.str());
}

static void writeComment(const OpInfo &op, raw_ostream &os) {
  os << "\n/// " << op.definition.getSummary() << ".\n///\n";
  SmallVector<StringRef> lines;
  op.definition.getDescription().trim().split(lines, '\n');
  for (StringRef line : lines)
    if (line.trim().starts_with("Constraints:"))
      break;
    else
      os << "///" << (line.trim().empty() ? "" : " ") << line.trim() << "\n";
}

static void writeSignature(const OpInfo &op, raw_ostream &os) {
  os << "Value " << functionName(op.mnemonic) << "(";
  ListSeparator comma;
  for (const auto &operand : op.definition.getOperands())
    os << comma << "Operand " << operand.name;
  os << ")";
}

template <typename Write>
static bool forEachFixedOp(const RecordKeeper &records, raw_ostream &os, Write write) {
  std::vector<OpInfo> ops = collectOps(records);
  if (checkOps(records, ops))
    return true;
  os << "// Generated from ir/ops/*.td by dlc-tblgen.\n";
  for (const OpInfo &op : ops)
    if (hasFixedArity(op))
      write(op);
  return false;
}

static bool generateDecls(const RecordKeeper &records, raw_ostream &os) {
  return forEachFixedOp(records, os, [&](const OpInfo &op) {
    writeComment(op, os);
    writeSignature(op, os);
    os << ";\n";
  });
}

static bool generateDefs(const RecordKeeper &records, raw_ostream &os) {
  return forEachFixedOp(records, os, [&](const OpInfo &op) {
    writeSignature(op, os);
    os << " {\n  return detail::elementwise(\"" << op.mnemonic << "\", {";
    ListSeparator comma;
    for (const auto &operand : op.definition.getOperands())
      os << comma << operand.name;
    os << "});\n}\n";
  });
}

static mlir::GenRegistration decls("gen-builder-decls", "Public op functions of the builder",
                                   generateDecls);
static mlir::GenRegistration defs("gen-builder-defs", "Their definitions", generateDefs);
