// From kernel code (scf + arith + vector + math + llvm over i64) to the LLVM dialect.
#pragma once
#include "codegen/cpu/Target.h"
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
// modules of different contexts. The same module and target give the same result.
mlir::LogicalResult lowerToLlvm(mlir::ModuleOp module, const CpuTarget &target);

} // namespace dlc::codegen::cpu
