// Tables about the ops: what the meta tests hold against what was executed, and ONNX names.
#include "OpList.h"
#include "mlir/TableGen/GenInfo.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace dlc::tblgen;

static json::Object describe(const OpInfo &op) {
  json::Array operands, constraints;
  for (const auto &operand : op.definition.getOperands())
    operands.push_back(operand.constraint.getSummary());
  for (const std::string &constraint : op.constraints)
    constraints.push_back(constraint);
  return json::Object{{"op", op.mnemonic},
                      {"family", op.family},
                      {"gradient", gradientName(op.gradient)},
                      {"structure", op.isStructure},
                      {"operands", std::move(operands)},
                      {"constraints", std::move(constraints)}};
}

static bool generateCoverage(const RecordKeeper &records, raw_ostream &os) {
  std::vector<OpInfo> ops = collectOps(records);
  if (checkOps(records, ops))
    return true;
  json::Array rows;
  for (const OpInfo &op : ops)
    rows.push_back(describe(op));
  os << formatv("{0:2}\n", json::Value(std::move(rows)));
  return false;
}

static bool generateOnnx(const RecordKeeper &records, raw_ostream &os) {
  std::vector<OpInfo> ops = collectOps(records);
  if (checkOps(records, ops))
    return true;
  os << "// Generated from ir/ops/*.td by dlc-tblgen: {ONNX operator, first opset, op}.\n";
  for (const OpInfo &op : ops)
    if (!op.onnxName.empty())
      os << "{\"" << op.onnxName << "\", " << op.onnxSince << ", \"dlc." << op.mnemonic << "\"},\n";
  return false;
}

static mlir::GenRegistration coverage("gen-op-coverage", "Op, family, gradient class, as JSON",
                                      generateCoverage);
static mlir::GenRegistration onnx("gen-onnx-names", "ONNX operator names", generateOnnx);
