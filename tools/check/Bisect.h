// Finds where a module goes wrong, and the smallest module that still does.
//
// A module is wrong when one of its entries, after passes, disagrees with the evaluator on the
// module before them. The reducer cuts at will as long as the module stays valid and wrong: fewer
// results, an op's result replaced by an input or by one of its operands, dead ops dropped,
// symbols bound. Passes are given one by one, so the first one after which results differ can be
// named.
#pragma once
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "tools/check/Check.h"

namespace dlc::check {

/// Adds the passes that are on trial.
using Pipeline = std::function<void(mlir::OpPassManager &)>;

/// Runs the pipeline on a copy of the module and compares every entry. Empty when all agree, else
/// what disagrees or why the pipeline failed. A module that the evaluator itself refuses is
/// nobody's mistake: empty. `onPassed` sees the module after the passes.
std::string findMistake(mlir::ModuleOp module, const Pipeline &pipeline,
                        const reference::Bindings &bindings, uint64_t seed,
                        llvm::function_ref<void(mlir::ModuleOp)> onPassed = nullptr);

/// As findMistake without passes of its own: compiles the module and compares what runs.
std::string findNativeMistake(mlir::ModuleOp module, const NativeCompiler &compiler,
                              const reference::Bindings &bindings, uint64_t seed);

/// Ops inside entries, terminators and constants left out.
int countOps(mlir::ModuleOp module);

struct Reduction {
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< the smallest wrong module found
  std::string mistake;                      ///< what it gets wrong
  std::string firstWrongPass;               ///< argument of the pass after which it is wrong
};

/// Reduces a wrong module; fails when it is not wrong to begin with. With a compiler, what runs is
/// compared when the passes are found to be right.
llvm::Expected<Reduction> reduce(mlir::ModuleOp module, const Pipeline &pipeline,
                                 const reference::Bindings &bindings, uint64_t seed,
                                 const NativeCompiler &compiler = {});

} // namespace dlc::check
