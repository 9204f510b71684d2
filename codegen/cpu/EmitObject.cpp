// The back half of a C compiler: translate, optimise, select instructions.
#include "codegen/cpu/EmitObject.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/CorrelatedValuePropagation.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/IndVarSimplify.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopDeletion.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils.h"

using namespace dlc::codegen::cpu;

namespace {

llvm::TargetOptions machineOptions(const llvm::Triple &triple) {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  options.FunctionSections = true;
  // Assembly text says which loop each block belongs to; objects do not change.
  options.MCOptions.AsmVerbose = true;
  // The system's loader refuses objects that pass floating-point numbers in other registers.
  if (triple.isRISCV64())
    options.MCOptions.ABIName = "lp64d";
  return options;
}

/// What the emitters leave to do: fold address arithmetic, drop tests of bounds that always hold,
/// take what is the same in every iteration out of loops, merge what was written twice. They
/// vectorise and unroll by construction, and kernels of a model number in the hundreds: the default
/// pipeline runs each of these passes several times and many more that find nothing here, for three
/// times the time and the same machine code.
void optimizeFunctions(llvm::ModulePassManager &passes) {
  llvm::FunctionPassManager perFunction;
  perFunction.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  perFunction.addPass(llvm::SimplifyCFGPass());
  perFunction.addPass(llvm::InstCombinePass());
  perFunction.addPass(llvm::CorrelatedValuePropagationPass());
  llvm::LoopPassManager hoist;
  hoist.addPass(llvm::LoopRotatePass());
  hoist.addPass(llvm::LICMPass(llvm::LICMOptions()));
  perFunction.addPass(
      llvm::createFunctionToLoopPassAdaptor(std::move(hoist), /*UseMemorySSA=*/true));
  perFunction.addPass(llvm::SimplifyCFGPass());
  llvm::LoopPassManager ranges;
  ranges.addPass(llvm::IndVarSimplifyPass());
  ranges.addPass(llvm::LoopDeletionPass());
  perFunction.addPass(llvm::createFunctionToLoopPassAdaptor(std::move(ranges)));
  perFunction.addPass(llvm::InstCombinePass());
  perFunction.addPass(llvm::SimplifyCFGPass());
  perFunction.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(perFunction)));
}

/// Nothing that is emitted throws: no tables for unwinding. A function that only one other calls,
/// as a phase calls its body, becomes part of it: that costs 4 % of the time, and where it was left
/// out for it, loops over exponentials spilled.
void markFunctions(llvm::Module &module) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setDoesNotThrow();
    if (function.hasLocalLinkage() && function.hasOneUse() &&
        !function.hasFnAttribute(llvm::Attribute::NoInline))
      function.addFnAttr(llvm::Attribute::AlwaysInline);
  }
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  markFunctions(module);
  llvm::ModulePassManager passes;
  passes.addPass(llvm::AlwaysInlinerPass());
  optimizeFunctions(passes);
  passes.addPass(llvm::GlobalDCEPass());
  passes.run(module, modules);
}

/// Whether loops want strength reduction: not those of AVX-512. Their addresses are a base and a
/// scaled index already, which x86 adds up for nothing: with it, the loops of ResNet-50's kernels
/// have 2 % more instructions, and machine code takes a third longer. Emitters ask for it by name
/// (kReduceStrength) where addresses are more than registers, as they always are where vectors are
/// few and tiles therefore tall (AVX2) or where vector loads know no sum of three (AArch64).
bool reducesStrength(const llvm::Module &module, const CpuTarget &target) {
  return !module.getTargetTriple().isX86() || target.vectorRegisters < 32 ||
         llvm::any_of(module, [](const llvm::Function &function) {
           return function.hasFnAttribute(kReduceStrength);
         });
}

/// LLVM's passes to machine code, without loop strength reduction where that is not wanted. A gate
/// in LLVM's context would let them run without it as well, but not without what it needs to know
/// first: the users of every induction variable, 3 % of the time. What it makes of loops first is
/// wanted: a block before each, where addresses on the stack are made that it would else reload.
class MachineCodePasses : public llvm::legacy::PassManager {
public:
  explicit MachineCodePasses(bool reduceStrength) : reduceStrength(reduceStrength) {}

  void add(llvm::Pass *pass) override {
    if (reduceStrength || pass->getPassName() != "Loop Strength Reduction")
      return llvm::legacy::PassManager::add(pass);
    delete pass; // it would be ours now
    llvm::legacy::PassManager::add(llvm::createLoopSimplifyPass());
  }

private:
  bool reduceStrength;
};

/// The only lane of a mask that is known while compiling; none where there are more or fewer.
std::optional<unsigned> onlyLaneOf(llvm::Value *mask) {
  auto *constant = llvm::dyn_cast<llvm::Constant>(mask);
  auto *type = llvm::dyn_cast<llvm::FixedVectorType>(mask->getType());
  std::optional<unsigned> only;
  for (unsigned lane = 0; constant && type && lane < type->getNumElements(); ++lane) {
    llvm::Constant *bit = constant->getAggregateElement(lane);
    if (bit && bit->isNullValue())
      continue;
    if (!bit || only)
      return std::nullopt;
    only = lane;
  }
  return only;
}

/// Stores one lane as the number that it is. LLVM 22 does so for AVX-512 after it has taken the
/// lanes' truncation from 32 bits for a part of the store, and writes all 32: over the next element
/// of a bf16 result, or past its end.
void storeOnlyLanes(llvm::Module &module) {
  llvm::SmallVector<llvm::IntrinsicInst *> stores;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction))
        if (call->getIntrinsicID() == llvm::Intrinsic::masked_store)
          stores.push_back(call);
  for (llvm::IntrinsicInst *store : stores) {
    std::optional<unsigned> lane = onlyLaneOf(store->getArgOperand(2));
    llvm::Type *element = store->getArgOperand(0)->getType()->getScalarType();
    if (!lane || element->getPrimitiveSizeInBits() >= 32)
      continue;
    llvm::IRBuilder<> builder(store);
    llvm::Value *number = builder.CreateExtractElement(store->getArgOperand(0), *lane);
    llvm::Value *place = builder.CreateConstGEP1_64(element, store->getArgOperand(1), *lane);
    uint64_t bytes = element->getPrimitiveSizeInBits() / 8;
    builder.CreateAlignedStore(number, place, llvm::Align(std::max<uint64_t>(bytes, 1)));
    store->eraseFromParent();
  }
}

} // namespace

CodeEmitter::CodeEmitter(CpuTarget target) : target(std::move(target)) {}

CodeEmitter::~CodeEmitter() = default;

llvm::Error CodeEmitter::makeMachine() {
  if (machine)
    return llvm::Error::success();
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return llvm::createStringError("no LLVM back end for %s: %s", target.triple.c_str(),
                                   error.c_str());
  // A WebAssembly module has its memory to itself: no other module moves its data.
  llvm::Reloc::Model relocation = triple.isWasm() ? llvm::Reloc::Static : llvm::Reloc::PIC_;
  machine.reset(backend->createTargetMachine(triple, target.cpu, target.features,
                                             machineOptions(triple), relocation, std::nullopt,
                                             llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("LLVM cannot compile for %s", target.cpu.c_str());
  return llvm::Error::success();
}

llvm::Expected<llvm::SmallVector<char, 0>> CodeEmitter::emit(llvm::Module &code, EmitKind kind,
                                                             StepFn step) {
  if (llvm::Error error = makeMachine())
    return error;
  code.setTargetTriple(machine->getTargetTriple());
  code.setDataLayout(machine->createDataLayout());
  if (step)
    step(OptimizeStep);
  bool reduced = reducesStrength(code, target); // before a function that asks is inlined
  optimize(code, *machine);
  storeOnlyLanes(code);
  if (step)
    step(MachineCodeStep);

  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  MachineCodePasses passes(reduced);
  auto fileType = kind == EmitKind::Object ? llvm::CodeGenFileType::ObjectFile
                                           : llvm::CodeGenFileType::AssemblyFile;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, fileType))
    return llvm::createStringError("LLVM cannot emit this file type for %s", target.triple.c_str());
  passes.run(code);
  return bytes;
}

llvm::Expected<llvm::SmallVector<char, 0>> CodeEmitter::emit(mlir::ModuleOp module, EmitKind kind,
                                                             StepFn step) {
  llvm::LLVMContext context;
  // Emitters are checked where the compiler is tested, as in lowerToLlvm.
  std::unique_ptr<llvm::Module> code =
      mlir::translateModuleToLLVMIR(module, context, "kernels", /*disableVerification=*/true);
  if (!code)
    return llvm::createStringError("the kernels do not translate to LLVM IR");
  code->setSourceFileName("kernels");
  return emit(*code, kind, step);
}

llvm::Expected<llvm::SmallVector<char, 0>>
dlc::codegen::cpu::emitLlvm(llvm::Module &code, const CpuTarget &target, EmitKind kind) {
  return CodeEmitter(target).emit(code, kind);
}

llvm::Expected<llvm::SmallVector<char, 0>>
dlc::codegen::cpu::emitCode(mlir::ModuleOp module, const CpuTarget &target, EmitKind kind) {
  return CodeEmitter(target).emit(module, kind);
}

llvm::SmallVector<bool>
dlc::codegen::cpu::targetHasFeatures(const CpuTarget &target,
                                     llvm::ArrayRef<llvm::StringRef> features) {
  llvm::SmallVector<bool> found(features.size(), false);
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return found;
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      backend->createMCSubtargetInfo(triple, target.cpu, target.features));
  // Only among names that this architecture knows: LLVM aborts on any other.
  for (auto [has, feature] : llvm::zip(found, features))
    has = info &&
          llvm::any_of(info->getAllProcessorFeatures(),
                       [&](const auto &entry) { return feature == entry.Key; }) &&
          info->checkFeatures(("+" + feature).str());
  return found;
}
