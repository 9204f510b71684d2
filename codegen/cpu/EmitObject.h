// LLVM-dialect modules to machine code, in memory.
#pragma once
#include "codegen/cpu/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class Module;
class TargetMachine;
}

namespace dlc::codegen::cpu {

enum class EmitKind { Object, Assembly };

// What compiling a kernel is made of.
enum CompileStep : unsigned { EmitStep, LowerStep, OptimizeStep, MachineCodeStep, CompileSteps };
using StepFn = llvm::function_ref<void(CompileStep)>;

// Attribute of a function whose addresses should be sums that its loops carry along (loop strength
// reduction), although its target adds up addresses in loads: they are more than registers.
inline constexpr llvm::StringLiteral kReduceStrength = "dlc-reduce-strength";

// Writes code for one target, of one module after the other, and for one thread at a time: LLVM's
// description of the target takes as long to make as a small kernel to compile.
class CodeEmitter {
public:
  explicit CodeEmitter(CpuTarget target);
  ~CodeEmitter();

  // Optimises |module| (LLVM dialect only, see lowerToLlvm) and returns a position-independent ELF
  // object, or its assembly text. |step| is told what begins, for timing.
  //
  // Strict floating point: nothing is reassociated, and a multiplication and an addition are fused
  // only where the emitter wrote an fma or the `contract` flag. The same module and target give the
  // same bytes, whatever was emitted before; no path, date or pointer enters them. Each call has an
  // LLVMContext of its own, so emitters for modules of different MLIR contexts may run in parallel.
  llvm::Expected<llvm::SmallVector<char, 0>>
  emit(mlir::ModuleOp module, EmitKind kind = EmitKind::Object, StepFn step = {});

  // The same for a module that is LLVM IR already. Sets its triple and data layout.
  llvm::Expected<llvm::SmallVector<char, 0>>
  emit(llvm::Module &module, EmitKind kind = EmitKind::Object, StepFn step = {});

private:
  llvm::Error makeMachine();

  CpuTarget target;
  std::unique_ptr<llvm::TargetMachine> machine; // made by the first module
};

// A single module.
llvm::Expected<llvm::SmallVector<char, 0>> emitCode(mlir::ModuleOp module, const CpuTarget &target,
                                                    EmitKind kind = EmitKind::Object);
llvm::Expected<llvm::SmallVector<char, 0>> emitLlvm(llvm::Module &module, const CpuTarget &target,
                                                    EmitKind kind = EmitKind::Object);

// Which of the LLVM features |features| ("avx2", "avx512f") code for |target| may use.
llvm::SmallVector<bool> targetHasFeatures(const CpuTarget &target,
                                          llvm::ArrayRef<llvm::StringRef> features);

} // namespace dlc::codegen::cpu
