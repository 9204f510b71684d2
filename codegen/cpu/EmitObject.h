// LLVM-dialect modules to machine code, in memory.
#pragma once
#include "codegen/cpu/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen::cpu {

enum class EmitKind { Object, Assembly };

// Optimises |module| (LLVM dialect only, see lowerToLlvm) for |target| at O3 and returns a
// position-independent ELF object, or its assembly text.
//
// Strict floating point: nothing is reassociated, and a multiplication and an addition are fused
// only where the emitter wrote an fma or the `contract` flag. The same module and target give the
// same bytes; no path, date or pointer enters them. Each call has an LLVMContext of its own, so
// calls for modules of different MLIR contexts may run in parallel.
llvm::Expected<llvm::SmallVector<char, 0>> emitCode(mlir::ModuleOp module, const CpuTarget &target,
                                                    EmitKind kind = EmitKind::Object);

} // namespace dlc::codegen::cpu
