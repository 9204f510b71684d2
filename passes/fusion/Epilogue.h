// What the epilogue of a contraction or convolution can compute.
#pragma once
#include "mlir/IR/Operation.h"

namespace dlc::passes {

/// Looks through broadcasts to the op that computes a value; null for arguments.
mlir::Operation *sourceOf(mlir::Value value);

/// Whether an epilogue can run the op: elementwise, and every operand is a value of the result's
/// sizes, or a broadcast of what lies in memory or is a scalar.
bool fitsEpilogue(mlir::Operation *op);

/// Whether the ops' repeated operands (a bias) can be read next to the root's results. Columns of a
/// contraction are all free dimensions of its second operand: a bias lies along all, or none.
bool readsFitMatrix(llvm::ArrayRef<mlir::Operation *> ops, mlir::Operation *root);

/// Whether the op continues a contraction or convolution element by element. It then belongs to
/// that kernel's epilogue, where it costs no pass over memory, rather than to a reduction that
/// reads its result.
bool continuesRoot(mlir::Operation *op);

/// Elementwise, a few instructions per element.
bool isSimple(mlir::Operation *op);

/// Whether the op is what a contraction or convolution ends with (a bias): only that is stored.
bool endsHeavyOp(mlir::Operation *op);

} // namespace dlc::passes
