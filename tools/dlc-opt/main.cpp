// dlc-opt: reads a module, runs the passes named by flags, prints what is left.
#include "ir/Dlc.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<dlc::ir::DlcDialect, mlir::func::FuncDialect>();
  mlir::registerTransformsPasses();
  dlc::passes::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "dlc optimizer\n", registry));
}
