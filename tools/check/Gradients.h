// Gradients against central finite differences, both in f64.
//
// Every float of the module becomes f64. The entry's float outputs, each multiplied by random
// weights, are summed to one number; --dlc-differentiate gives its derivative by every float
// input, and the evaluator differences of that number. An input element where differences with
// two steps disagree stands near a kink and is left out, and so is a sum that is NaN.
#pragma once
#include "mlir/IR/OwningOpRef.h"
#include "tools/check/Inputs.h"

namespace dlc::check {

struct GradientReport {
  int64_t compared = 0; ///< elements
  int64_t nonzero = 0;  ///< elements whose derivative is not zero
  int64_t kinks = 0;    ///< elements left out
  std::string failure;  ///< the first mismatch, or empty
};

/// A copy of the module in which every float type, and every float constant, is f64.
mlir::OwningOpRef<mlir::ModuleOp> inDouble(mlir::ModuleOp module);

/// Expands every gradient of the module in place.
llvm::Error differentiate(mlir::ModuleOp module);

/// Adds the entry `<name>.gradient` that returns d(sum of weighted outputs) by each float
/// argument, as an unexpanded dlc.gradient. Its extra inputs `weight.0`... are the weights. Fails
/// when the entry has no float argument or result.
llvm::Expected<ir::EntryOp> addGradientEntry(mlir::ModuleOp module, ir::EntryOp entry);

/// Compares the gradients of an entry. `mutate` may change the module that is differentiated.
llvm::Expected<GradientReport>
checkGradients(mlir::ModuleOp module, llvm::StringRef entry, const reference::Bindings &bindings,
               uint64_t seed, llvm::function_ref<void(mlir::ModuleOp)> mutate = nullptr);

} // namespace dlc::check
