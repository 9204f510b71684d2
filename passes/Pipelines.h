// The order in which passes run. Codegen and the tools add whole pipelines, never single passes.
#pragma once
#include "mlir/Pass/PassManager.h"

namespace dlc::passes {

/// From what the builder or an importer made to a graph of primitive ops: gradients expanded,
/// composites decomposed, simplified, cheap values recomputed instead of kept.
/// No CSE may run between this and the forming of kernels: it would merge recomputed values
/// with their originals again.
void buildGraphPipeline(mlir::OpPassManager &manager);

/// Makes `--dlc-graph-pipeline` known.
void registerPipelines();

} // namespace dlc::passes
