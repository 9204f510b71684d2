// The schedules of an outlined kernel: asks the chooser of its root and writes the answer into the
// IR, as `schedules` of dlc.kernel_func. A list that is there already stays.
#pragma once
#include "codegen/cpu/Target.h"
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

/// What the choosers say about `func`: at least one schedule, the last one without a guard.
/// Symbols' declared minimums are looked up in the module around it.
mlir::ArrayAttr chooseSchedules(ir::KernelFuncOp func, const CpuTarget &target);

/// Chooses where `func` has no schedules; fails with a diagnostic where it has one that its emitter
/// would refuse.
mlir::LogicalResult scheduleKernel(ir::KernelFuncOp func, const CpuTarget &target);

/// Columns of the panels that kernels for this processor pack into scratch.
int64_t panelWidthFor(const CpuTarget &target);
/// Columns of variables' panels in code for several (see cpusOfTarget): narrow where all of them
/// have narrow tiles. Names that mean nothing are left to who needs them.
int64_t panelWidthFor(llvm::StringRef target, llvm::ArrayRef<std::string> cpus);

} // namespace dlc::codegen::cpu
