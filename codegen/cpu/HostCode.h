// The host function of an entry: the list of dispatches, loops and copies that runs it.
#pragma once
#include "codegen/cpu/Target.h"
#include "ir/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace dlc::codegen::cpu {

/// Adds `int name(const dlc_api *, dlc_ctx *)` for `entry`, which --dlc-plan-memory has planned.
/// `kernels` numbers the kernel functions of the program, `symbols` its size symbols.
void emitHostFunction(mlir::ModuleOp module, ir::EntryOp entry, llvm::StringRef name,
                      const llvm::StringMap<uint32_t> &kernels,
                      const llvm::StringMap<uint32_t> &symbols, const CpuTarget &target);

} // namespace dlc::codegen::cpu
