// dlc-opt: reads a module, runs the passes named by flags, prints what is left.
#include "codegen/cpu/Passes.h"
#include "codegen/lower/ExpandMath.h"
#include "ir/Dlc.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "tools/check/Mutate.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<dlc::ir::DlcDialect, mlir::func::FuncDialect>();
  // What dlc-expand-math reads.
  registry
      .insert<mlir::arith::ArithDialect, mlir::math::MathDialect, mlir::vector::VectorDialect>();
  mlir::registerTransformsPasses();
  dlc::passes::registerPasses();
  dlc::codegen::cpu::registerCpuPasses();
  dlc::codegen::registerExpandMathPass();
  dlc::check::registerTestPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "dlc optimizer\n", registry));
}
