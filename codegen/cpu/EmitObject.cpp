// The back half of a C compiler: translate, optimise, select instructions.
#include "codegen/cpu/EmitObject.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace dlc::codegen::cpu;

namespace {

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> makeMachine(const CpuTarget &target) {
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("no LLVM back end for %s: %s", target.triple.c_str(),
                                   error.c_str());
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  options.FunctionSections = true;
  // Assembly text says which loop each block belongs to; objects do not change.
  options.MCOptions.AsmVerbose = true;
  std::unique_ptr<llvm::TargetMachine> machine(
      backend->createTargetMachine(triple, target.cpu, target.features, options, llvm::Reloc::PIC_,
                                   std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("LLVM cannot compile for %s", target.cpu.c_str());
  return machine;
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  // The emitters vectorise and unroll by construction. LLVM's own vectorisers would only rewrite
  // remainder loops, at a cost in compile time and in size; its unroller would dissolve short
  // reductions into the loop around them, which then lacks registers.
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

} // namespace

llvm::Expected<llvm::SmallVector<char, 0>>
dlc::codegen::cpu::emitLlvm(llvm::Module &code, const CpuTarget &target, EmitKind kind) {
  auto machine = makeMachine(target);
  if (!machine)
    return machine.takeError();
  code.setTargetTriple((*machine)->getTargetTriple());
  code.setDataLayout((*machine)->createDataLayout());
  optimize(code, **machine);

  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager emitter;
  auto fileType = kind == EmitKind::Object ? llvm::CodeGenFileType::ObjectFile
                                           : llvm::CodeGenFileType::AssemblyFile;
  if ((*machine)->addPassesToEmitFile(emitter, stream, nullptr, fileType))
    return llvm::createStringError("LLVM cannot emit this file type for %s", target.triple.c_str());
  emitter.run(code);
  return bytes;
}

bool dlc::codegen::cpu::targetHasFeature(const CpuTarget &target, llvm::StringRef feature) {
  auto machine = makeMachine(target);
  if (!machine) {
    llvm::consumeError(machine.takeError());
    return false;
  }
  // Only among names that this architecture knows: LLVM aborts on any other.
  const llvm::MCSubtargetInfo &info = *(*machine)->getMCSubtargetInfo();
  bool known = llvm::any_of(info.getAllProcessorFeatures(),
                            [&](const auto &entry) { return feature == entry.Key; });
  return known && info.checkFeatures(("+" + feature).str());
}

llvm::Expected<llvm::SmallVector<char, 0>>
dlc::codegen::cpu::emitCode(mlir::ModuleOp module, const CpuTarget &target, EmitKind kind) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = mlir::translateModuleToLLVMIR(module, context, "kernels");
  if (!code)
    return llvm::createStringError("the kernels do not translate to LLVM IR");
  code->setSourceFileName("kernels");
  return emitLlvm(*code, target, kind);
}
