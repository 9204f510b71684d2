// From an outlined kernel to its phase functions: picks the emitter that its root asks for.
#pragma once
#include "codegen/cpu/Target.h"
#include "codegen/cpu/emit/Stream.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

/// What the program table says about a kernel, over its symbols.
struct EmittedKernel {
  KernelInfo info;
  ir::SizeAttr flops; ///< of its contractions and convolutions, 2 per multiply-add; else one per
                      ///< element and elementwise op
  ir::SizeAttr bytes; ///< operands read once, results written once
};

/// (result, operand) pairs of a kernel that the memory plan gives one buffer.
using SharedBuffers = llvm::SmallVector<std::pair<unsigned, unsigned>>;

/// Emits `func` into `module` as functions `name`.p0, `name`.p1, ... Fails with a diagnostic.
mlir::FailureOr<EmittedKernel> emitKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                          llvm::StringRef name, const SharedBuffers &shared,
                                          const CpuTarget &target);

/// The roots with emitters of their own.
mlir::FailureOr<KernelInfo> emitContractionKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                                  ir::ContractOp root, llvm::StringRef name,
                                                  const CpuTarget &target);
mlir::FailureOr<KernelInfo> emitConvKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                           mlir::Operation *root, llvm::StringRef name,
                                           const CpuTarget &target);

/// The kernel that yields the panels of its operand.
mlir::FailureOr<KernelInfo> emitPackingKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                              llvm::StringRef name, const CpuTarget &target);

} // namespace dlc::codegen::cpu
