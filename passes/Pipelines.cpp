#include "passes/Pipelines.h"
#include "mlir/Pass/PassRegistry.h"
#include "passes/Passes.h"

using namespace mlir;

namespace dlc::passes {

void buildGraphPipeline(OpPassManager &manager) {
  manager.addPass(createDifferentiate());
  manager.addPass(createFoldBatchNorm());
  manager.addPass(createDecompose());
  manager.addPass(createSimplify());
  manager.addPass(createRecompute());
}

void buildCompilePipeline(OpPassManager &manager, const CompileSettings &settings) {
  if (!settings.bindings.empty()) {
    BindSymbolsOptions options;
    for (const auto &[name, value] : settings.bindings)
      options.bindings.push_back(name + "=" + std::to_string(value));
    manager.addPass(createBindSymbols(options));
  }
  buildGraphPipeline(manager);
  manager.addPass(createWinograd(WinogradOptions{settings.panelWidth}));
  manager.addPass(createDeriveVariables());
  manager.addPass(createLayoutVariables(LayoutVariablesOptions{settings.panelWidth}));
  manager.addPass(createFormKernels());
  manager.addPass(createOutlineKernels());
  manager.addPass(createPlanMemory());
}

void registerPipelines() {
  PassPipelineRegistration<>("dlc-compile-pipeline",
                             "The whole road from a differentiable graph to planned kernels",
                             [](OpPassManager &manager) { buildCompilePipeline(manager); });
  PassPipelineRegistration<>("dlc-graph-pipeline",
                             "From a differentiable graph to primitive ops, simplified",
                             buildGraphPipeline);
}

} // namespace dlc::passes
