// From kernel code (scf + arith + vector + math + llvm over i64) to the LLVM dialect.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/LogicalResult.h"

namespace dlc::codegen::cpu {

// Registers the dialects that kernel code is written in and their translation to LLVM IR. Every
// context that builds or emits kernels needs it.
void registerKernelDialects(mlir::DialectRegistry &registry);

// Lowers |module| in place until only the LLVM dialect is left. The module holds llvm.func
// operations as KernelBuilder's emitPhase makes them. Fails with a diagnostic on an operation that
// has no lowering (a math function that ExpandMath should have expanded before). Thread-safe for
// modules of different contexts. |halvesAsIntegers|: the target has no 16-bit floats, not even to
// move them; what is left of them are integers then.
mlir::LogicalResult lowerToLlvm(mlir::ModuleOp module, bool halvesAsIntegers = false);

} // namespace dlc::codegen::cpu
