// Deliberate mistakes, so that tests can be seen to fail: every op of one name is made wrong by a
// factor of 1.001, in value or in gradient only. As passes they stand in dlc-opt and the tests;
// no pipeline of the product holds them.
//
//   dlc-opt model.mlir --dlc-test-scale-lowering=op=tanh
//   dlc-opt model.mlir --dlc-test-scale-gradient=op=tanh
//
// The first makes compiled code wrong when it runs on the module that is compiled, before the
// pipeline (composites and what is folded too) or behind dlc-graph-pipeline (what kernels are made
// of). The second must run before dlc-differentiate.
#pragma once
#include "ir/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace dlc::check {

/// Scales the gradient that every op of this name gives its float operands, and no value: each
/// operand x becomes 1.001 * x + stop_gradient(x - 1.001 * x). Returns the number of ops changed.
int scaleGradient(mlir::ModuleOp module, llvm::StringRef op);

/// Scales what every op of this name gives: floats times 1.001 (bf16, which has no such number,
/// times 1.01), integers plus 1, i1 negated. Ops without results give by other ways: `return` and
/// `yield` by their operands (but for the condition of a `while`, which would never end), an
/// entry and a kernel_func by their terminator's, a variable by the arguments that read it.
/// Returns the number of values changed.
int scaleLowering(mlir::ModuleOp module, llvm::StringRef op);

/// The same as passes; an error where the module has no op of that name, so that no test passes
/// by a slip of the pen.
std::unique_ptr<mlir::Pass> createTestScaleGradient(llvm::StringRef op);
std::unique_ptr<mlir::Pass> createTestScaleLowering(llvm::StringRef op);

/// Makes both known by their flags, `--dlc-test-scale-gradient` and `--dlc-test-scale-lowering`.
void registerTestPasses();

} // namespace dlc::check
