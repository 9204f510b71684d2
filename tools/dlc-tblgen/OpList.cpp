#include "OpList.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/TableGen/Error.h"

using namespace llvm;

namespace dlc::tblgen {

static std::string familyOf(const Record &record) {
  SMLoc where = record.getLoc().front();
  unsigned buffer = SrcMgr.FindBufferContainingLoc(where);
  return sys::path::stem(SrcMgr.getMemoryBuffer(buffer)->getBufferIdentifier()).str();
}

static Gradient gradientOf(const mlir::tblgen::Operator &op) {
  Gradient gradient = Gradient::Unstated;
  for (const mlir::tblgen::Trait &trait : op.getTraits()) {
    StringRef name = trait.getDef().getName();
    if (name == "Dlc_Differentiable")
      gradient = Gradient::Differentiable;
    else if (name == "Dlc_ZeroGradient")
      gradient = Gradient::Zero;
    else if (name == "Dlc_NonDifferentiable")
      gradient = Gradient::None;
  }
  return gradient;
}

// Constraints are written `- add_c1: ...` at the start of a line of the description.
static std::vector<std::string> constraintsOf(StringRef description) {
  std::vector<std::string> constraints;
  Regex pattern("^ *- ([a-z0-9_]+_c[0-9]+):");
  SmallVector<StringRef> lines, parts;
  description.split(lines, '\n');
  for (StringRef line : lines)
    if (pattern.match(line, &parts))
      constraints.push_back(parts[1].str());
  return constraints;
}

static bool isStructure(const mlir::tblgen::Operator &op) {
  return any_of(op.getTraits(), [](const mlir::tblgen::Trait &trait) {
    StringRef name = trait.getDef().getName();
    return name == "Terminator" || name == "Symbol";
  });
}

std::vector<OpInfo> collectOps(const RecordKeeper &records) {
  std::vector<OpInfo> ops;
  auto definitions = records.getAllDerivedDefinitions("Dlc_Op");
  std::vector<const Record *> sorted(definitions.begin(), definitions.end());
  llvm::sort(sorted, [](const Record *a, const Record *b) {
    return std::make_pair(familyOf(*a), a->getLoc().front().getPointer()) <
           std::make_pair(familyOf(*b), b->getLoc().front().getPointer());
  });
  for (const Record *record : sorted) {
    mlir::tblgen::Operator definition(record);
    OpInfo info(definition);
    info.mnemonic = StringRef(definition.getOperationName()).split('.').second.str();
    info.family = familyOf(*record);
    info.gradient = gradientOf(definition);
    info.constraints = constraintsOf(definition.getDescription());
    info.onnxName = record->getValueAsString("onnxName").str();
    info.onnxSince = record->getValueAsInt("onnxSince");
    info.isStructure = isStructure(definition);
    ops.push_back(std::move(info));
  }
  return ops;
}

static bool checkOp(const OpInfo &op) {
  ArrayRef<SMLoc> where = op.definition.getLoc();
  bool failed = false;
  auto report = [&](const Twine &message) {
    PrintError(where, "dlc." + op.mnemonic + ": " + message);
    failed = true;
  };
  if (op.gradient == Gradient::Unstated)
    report("states neither Dlc_Differentiable nor Dlc_ZeroGradient nor Dlc_NonDifferentiable");
  if (!op.definition.hasSummary())
    report("has no summary");
  if (!op.definition.hasDescription() || !op.definition.getDescription().contains("Gradient:"))
    report("does not describe its gradient (a paragraph that begins with 'Gradient:')");
  if (op.constraints.empty())
    report("has no numbered constraints");
  for (auto [i, constraint] : enumerate(op.constraints))
    if (std::string expected = op.mnemonic + "_c" + std::to_string(i + 1); constraint != expected)
      report("constraint '" + constraint + "' should be '" + expected + "'");
  if (op.onnxName.empty() != (op.onnxSince == 0))
    report("gives only one of onnxName and onnxSince");
  return failed;
}

bool checkOps(const RecordKeeper &, const std::vector<OpInfo> &ops) {
  bool failed = false;
  for (const OpInfo &op : ops)
    failed |= checkOp(op);
  return failed;
}

StringRef gradientName(Gradient gradient) {
  switch (gradient) {
  case Gradient::Differentiable:
    return "differentiable";
  case Gradient::Zero:
    return "zero";
  case Gradient::None:
    return "none";
  case Gradient::Unstated:
    break;
  }
  return "unstated";
}

} // namespace dlc::tblgen
