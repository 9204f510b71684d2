// The op reference: one page, a section per family, an entry per op.
#include "OpList.h"
#include "mlir/TableGen/GenInfo.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace dlc::tblgen;

// Descriptions are indented in the .td file; markdown would read that as code.
static std::string unindent(StringRef text) {
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  size_t indent = StringRef::npos;
  for (StringRef line : lines)
    if (!line.trim().empty())
      indent = std::min(indent, line.size() - line.ltrim().size());
  std::string result;
  for (StringRef line : lines)
    result += (line.size() > indent ? line.substr(indent) : line.trim()).str() + '\n';
  return StringRef(result).trim().str() + '\n';
}

static void writeSignature(const OpInfo &op, raw_ostream &os) {
  if (op.definition.getNumOperands()) {
    os << "\n| operand | type |\n| --- | --- |\n";
    for (const auto &operand : op.definition.getOperands())
      os << "| `" << operand.name << "`" << (operand.isVariadic() ? " (any number)" : "") << " | "
         << operand.constraint.getSummary() << " |\n";
  }
  if (op.definition.getNumAttributes()) {
    os << "\n| attribute | kind |\n| --- | --- |\n";
    for (const auto &attribute : op.definition.getAttributes())
      os << "| `" << attribute.name << "` | " << attribute.attr.getSummary() << " |\n";
  }
  if (op.definition.getNumResults()) {
    os << "\n| result | type |\n| --- | --- |\n";
    for (const auto &result : op.definition.getResults())
      os << "| `" << result.name << "`" << (result.isVariadic() ? " (any number)" : "") << " | "
         << result.constraint.getSummary() << " |\n";
  }
}

static void writeOp(const OpInfo &op, raw_ostream &os) {
  os << "\n### `dlc." << op.mnemonic << "`\n\n"
     << op.definition.getSummary() << ".\n\n"
     << unindent(op.definition.getDescription());
  writeSignature(op, os);
  os << "\nGradient class: " << gradientName(op.gradient) << ".";
  if (!op.onnxName.empty())
    os << " ONNX: " << op.onnxName << " (since opset " << op.onnxSince << ").";
  os << "\n";
}

static bool generate(const RecordKeeper &records, raw_ostream &os) {
  std::vector<OpInfo> ops = collectOps(records);
  if (checkOps(records, ops))
    return true;
  os << "# Op reference\n\nGenerated from `ir/ops/*.td`. " << ops.size() << " ops.\n";
  std::string family;
  for (const OpInfo &op : ops) {
    if (op.family != family)
      os << "\n## " << (family = op.family) << "\n";
    writeOp(op, os);
  }
  return false;
}

static mlir::GenRegistration registration("gen-op-docs", "The op reference, as markdown", generate);
