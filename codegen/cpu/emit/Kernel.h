// From an outlined kernel to its phase functions: picks the emitter that its root asks for.
#pragma once
#include "codegen/cpu/Target.h"
#include "codegen/cpu/choose/Attention.h"
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/choose/Depthwise.h"
#include "codegen/cpu/choose/Winograd.h"
#include "codegen/cpu/emit/Stream.h"
#include "codegen/lower/ExpandMath.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

/// What the program table says about a kernel, over its symbols.
struct EmittedKernel {
  KernelInfo info; ///< every phase with its cost
  ir::SizeAttr flops; ///< of its contractions and convolutions, 2 per multiply-add; else one per
                      ///< element and elementwise op
  ir::SizeAttr bytes; ///< operands read once, results written once
};

/// (result, operand) pairs of a kernel that the memory plan gives one buffer.
using SharedBuffers = llvm::SmallVector<std::pair<unsigned, unsigned>>;

/// Emits `func` into `module` as functions `name`.p0, `name`.p1, ... as its schedules say, which it
/// must have (choose/Kernel.h writes them). Of several the phases follow each other, and those of
/// schedules whose turn it is not have no tiles. Fails with a diagnostic, as where a schedule does
/// not suit the kernel or the target.
mlir::FailureOr<EmittedKernel> emitKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                          llvm::StringRef name, const SharedBuffers &shared,
                                          const CpuTarget &target);

/// The roots with emitters of their own.
mlir::FailureOr<KernelInfo> emitContractionKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                                  ir::ContractOp root, llvm::StringRef name,
                                                  mlir::Attribute schedule,
                                                  const CpuTarget &target);
mlir::FailureOr<KernelInfo> emitConvKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                           mlir::Operation *root, llvm::StringRef name,
                                           mlir::Attribute schedule, const CpuTarget &target);
mlir::FailureOr<KernelInfo> emitAttentionKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                                mlir::Operation *root, llvm::StringRef name,
                                                mlir::Attribute schedule, const CpuTarget &target);
mlir::FailureOr<KernelInfo> emitWinogradKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                               mlir::Operation *root, llvm::StringRef name,
                                               mlir::Attribute schedule, const CpuTarget &target);

/// What choosers know of such a kernel.
ContractionLoops contractionLoops(ir::KernelFuncOp func, ir::ContractOp root,
                                  const CpuTarget &target);
ConvLoops convLoops(ir::KernelFuncOp func, mlir::Operation *root, const CpuTarget &target);
DepthwiseLoops depthwiseLoops(ir::KernelFuncOp func, mlir::Operation *root,
                              const CpuTarget &target);
AttentionLoops attentionLoops(ir::KernelFuncOp func, mlir::Operation *root,
                              const CpuTarget &target);
WinogradLoops winogradLoops(ir::KernelFuncOp func, ir::WinogradConvOp root,
                            const CpuTarget &target);

/// Begins the message that a schedule of `func` cannot be obeyed.
mlir::InFlightDiagnostic refuseSchedule(ir::KernelFuncOp func);

/// Whether math functions of such a kernel should read their constants from memory. LLVM takes
/// constants out of loops: with few registers it spills what else lives there, and in attention,
/// whose exponentials stand beside a register tile, a sum of the tile.
bool keepsConstantsInMemory(ir::KernelRoot root, const CpuTarget &target);
/// How math functions are expanded for `target`; with constants in memory where registers are few.
MathOptions mathOptions(const CpuTarget &target);

/// The contraction, convolution or attention that a kernel is built around, or null.
mlir::Operation *heavyRoot(ir::KernelFuncOp func);

/// The kernel that yields the panels of its operand.
mlir::FailureOr<KernelInfo> emitPackingKernel(mlir::ModuleOp module, ir::KernelFuncOp func,
                                              llvm::StringRef name, const CpuTarget &target);

} // namespace dlc::codegen::cpu
