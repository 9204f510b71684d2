// The manifest: what tools and the trainer want to know about an artifact.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/include/dlc/codegen.h"
#include "mlir/IR/BuiltinOps.h"

namespace dlc::codegen {

/// Serializes dlc.proto.Manifest for a planned module: kernels with their source lines, and the
/// training signature that frontend/model writes as the module attribute `dlc.training`.
/// The kernels of `variants` are in the order of the module's kernel functions; what is said about
/// all of them is said of the first variant's.
std::string buildManifest(mlir::ModuleOp module, const std::vector<TableVariant> &variants,
                          const CompileOptions &options);

} // namespace dlc::codegen
