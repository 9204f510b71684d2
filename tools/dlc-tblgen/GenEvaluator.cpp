// The evaluator's declarations and its dispatch table.
//
// Each op that computes gets `llvm::Error evaluate(ir::AddOp op, Call &call);`; the family's file
// in codegen/reference defines it. An op without a definition is a link error, so the evaluator
// is complete whenever it builds.
#include "OpList.h"
#include "mlir/TableGen/GenInfo.h"

using namespace llvm;
using namespace dlc::tblgen;

static bool generate(const RecordKeeper &records, raw_ostream &os) {
  std::vector<OpInfo> ops = collectOps(records);
  if (checkOps(records, ops))
    return true;
  os << "// Generated from ir/ops/*.td by dlc-tblgen.\n#ifdef DLC_EVALUATOR_DECLARATIONS\n";
  for (const OpInfo &op : ops)
    if (!op.isStructure)
      os << "llvm::Error evaluate(ir::" << op.className() << " op, Call &call);\n";
  os << "#undef DLC_EVALUATOR_DECLARATIONS\n#endif\n#ifdef DLC_EVALUATOR_TABLE\n";
  for (const OpInfo &op : ops)
    if (!op.isStructure)
      os << "{\"dlc." << op.mnemonic << "\", [](mlir::Operation *op, Call &call) { return evaluate("
         << "llvm::cast<ir::" << op.className() << ">(op), call); }},\n";
  os << "#undef DLC_EVALUATOR_TABLE\n#endif\n";
  return false;
}

static mlir::GenRegistration
    registration("gen-evaluator", "Declarations and dispatch table of the evaluator", generate);
