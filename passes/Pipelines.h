// The order in which passes run. Codegen and the tools add whole pipelines, never single passes.
#pragma once
#include "ir/support/Panels.h"
#include "mlir/Pass/PassManager.h"
#include <map>
#include <string>

namespace dlc::passes {

/// From what the builder or an importer made to a graph of primitive ops: gradients expanded,
/// composites decomposed, simplified, cheap values recomputed instead of kept.
/// No CSE may run between this and the forming of kernels: it would merge recomputed values
/// with their originals again.
void buildGraphPipeline(mlir::OpPassManager &manager);

/// What a compilation may set.
struct CompileSettings {
  /// Symbols that become constants.
  std::map<std::string, int64_t> bindings;
  /// Columns of a panel (see ir/support/Panels.h), as the processors that code is made for read it.
  int64_t panelWidth = ir::kPanelWidth;
};

/// The whole road from a differentiable graph to planned kernels: what codegen reads.
void buildCompilePipeline(mlir::OpPassManager &manager, const CompileSettings &settings = {});

/// Makes `--dlc-graph-pipeline` and `--dlc-compile-pipeline` known.
void registerPipelines();

} // namespace dlc::passes
