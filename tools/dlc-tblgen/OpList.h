// The op list as dlc-tblgen's back ends see it.
//
// ir/ops/*.td is the only place that lists ops. From it this tool derives, in the build tree:
//   --gen-evaluator     declarations and dispatch table of codegen/reference
//   --gen-op-docs       the reference pages (target `docs`)
//   --gen-op-coverage   JSON: op, family, gradient class, types; read by the meta tests
//   --gen-onnx-names    ONNX operator name -> op, for the importer
// Every back end first checks the list (see checkOps), so an op that does not say all that it
// must say fails the build.
#pragma once
#include "mlir/TableGen/Operator.h"
#include "llvm/TableGen/Record.h"
#include <string>
#include <vector>

namespace dlc::tblgen {

/// The stated behaviour of an op under differentiation.
enum class Gradient { Unstated, Differentiable, Zero, None };

struct OpInfo {
  explicit OpInfo(const mlir::tblgen::Operator &definition) : definition(definition) {}

  mlir::tblgen::Operator definition;
  std::string mnemonic; ///< "add"
  std::string family;   ///< stem of the .td file, "Elementwise"
  Gradient gradient = Gradient::Unstated;
  std::vector<std::string> constraints; ///< "add_c1", in the order of the text
  std::string onnxName;
  int64_t onnxSince = 0;
  /// Symbols and terminators are read by whoever holds them; they compute nothing.
  bool isStructure = false;

  /// "AddOp"
  std::string className() const { return definition.getCppClassName().str(); }
};

/// Every op, in the order of the families' files and of the definitions within.
std::vector<OpInfo> collectOps(const llvm::RecordKeeper &records);

/// Reports ops that do not state a gradient class, a summary, or constraints numbered from 1
/// with the op's own name. Returns true when there are any.
bool checkOps(const llvm::RecordKeeper &records, const std::vector<OpInfo> &ops);

llvm::StringRef gradientName(Gradient gradient);

} // namespace dlc::tblgen
