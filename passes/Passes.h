// The passes that dlc-opt and the pipelines know. Declared by Passes.td.
#pragma once
#include "ir/Dlc.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace dlc::passes {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

/// Makes every pass and pipeline of this library known by its flag.
void registerPasses();

} // namespace dlc::passes
