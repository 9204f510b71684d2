#include "passes/Pipelines.h"
#include "mlir/Pass/PassRegistry.h"
#include "passes/Passes.h"

using namespace mlir;

namespace dlc::passes {

void buildGraphPipeline(OpPassManager &manager) {
  manager.addPass(createDifferentiate());
}

void registerPipelines() {
  PassPipelineRegistration<>("dlc-graph-pipeline",
                             "From a differentiable graph to primitive ops, simplified",
                             buildGraphPipeline);
}

} // namespace dlc::passes
