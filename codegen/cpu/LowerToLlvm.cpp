// The stock conversions, in the one order that leaves nothing behind.
//
// Structured control flow goes first, so that the rest meets plain blocks; everything else then
// becomes LLVM's dialect in one conversion, since each one walks, rewrites and checks all of the
// code: what a kernel costs to compile is largely how often that happens. Vectors are
// one-dimensional already, hence none of the greedy unrolling of convert-vector-to-llvm. Expensive
// math has been expanded before (codegen/lower/ExpandMath.h): what math operations remain map to
// single instructions.
#include "codegen/cpu/LowerToLlvm.h"
#include "codegen/cpu/Isa.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

void dlc::codegen::cpu::registerKernelDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, cf::ControlFlowDialect, LLVM::LLVMDialect, math::MathDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

namespace {

/// Loops and branches to blocks, and of arithmetic what LLVM has no operation for.
LogicalResult flatten(ModuleOp module) {
  MLIRContext *context = module.getContext();
  RewritePatternSet patterns(context);
  populateSCFToControlFlowConversionPatterns(patterns);
  arith::populateArithExpandOpsPatterns(patterns);
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
  target.addIllegalDialect<scf::SCFDialect>();
  target.addIllegalOp<arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp,
                      arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp>();
  return applyPartialConversion(module, target, std::move(patterns));
}

/// Vectors and scalars of 16-bit floats as integers. Once their arithmetic has been expanded, they
/// are only moved; without registers for them LLVM calls a library for that, or gives up.
void convertHalves(LLVMTypeConverter &types) {
  auto convertElement = [](FloatType type) -> std::optional<Type> {
    if (type.getWidth() != 16)
      return std::nullopt;
    return IntegerType::get(type.getContext(), 16);
  };
  types.addConversion(convertElement);
  types.addConversion([convertElement](VectorType type) -> std::optional<Type> {
    auto element = dyn_cast<FloatType>(type.getElementType());
    std::optional<Type> integer = element ? convertElement(element) : std::nullopt;
    if (!integer)
      return std::nullopt;
    return type.clone(*integer);
  });
}

LogicalResult convert(ModuleOp module, bool halvesAsIntegers) {
  MLIRContext *context = module.getContext();
  LLVMTypeConverter types(context);
  if (halvesAsIntegers)
    convertHalves(types);
  RewritePatternSet patterns(context);
  populateVectorToLLVMConversionPatterns(types, patterns);
  populateMathToLLVMConversionPatterns(types, patterns);
  ub::populateUBToLLVMConversionPatterns(types, patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp>();
  return applyFullConversion(module, target, std::move(patterns));
}

} // namespace

LogicalResult dlc::codegen::cpu::lowerToLlvm(ModuleOp module, const CpuTarget &target) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  // What the emitters write is checked by the tests' own verifier runs; here it would cost a tenth
  // of the time of a kernel.
  passes.enableVerifier(false);
  // With AVX-512 LLVM folds what is left of addresses in 2 % less of the time. Where registers are
  // few, it finds an order of instructions in which they do not suffice.
  if (target.vectorBits < 512) {
    GreedyRewriteConfig once;
    once.setMaxIterations(1);
    passes.addPass(createCanonicalizerPass(once));
  }
  passes.addPass(createCSEPass());
  return success(succeeded(passes.run(module)) && succeeded(flatten(module)) &&
                 succeeded(convert(module, /*halvesAsIntegers=*/!movesHalves(target))));
}
