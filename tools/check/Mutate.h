// Deliberate mistakes, so that tests can be seen to fail: every use of one op is made wrong by a
// factor of 1.001, in value or in gradient only.
#pragma once
#include "ir/Ops.h"

namespace dlc::check {

/// Scales the gradient that every op of this name gives its float operands, and no value: each
/// operand x becomes 1.001 * x + stop_gradient(x - 1.001 * x). Returns the number of ops changed.
int scaleGradient(mlir::ModuleOp module, llvm::StringRef op);

/// Scales every result of every op of this name (1.01 for bf16, which has no 1.001); adds 1 to
/// integers and negates i1. Returns the number of ops changed.
int scaleLowering(mlir::ModuleOp module, llvm::StringRef op);

} // namespace dlc::check
