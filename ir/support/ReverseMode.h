// Reverse-mode differentiation of straight-line code: the walk that `--dlc-differentiate` and the
// gradients of loops and branches share. It asks the interface Differentiable and names no op.
#pragma once
#include "ir/Dlc.h"
#include "mlir/IR/IRMapping.h"

namespace dlc::ir {

/// Walks the ops of one block backward and accumulates cotangents.
///
/// Only values on a path from a target take part: an op off the path is never asked, so that it
/// may well have no derivative. New ops are put at the builder's insertion point, located where
/// the op stands that they are the gradient of.
class ReverseMode {
public:
  /// `ops` are in program order. A target may be an argument or a result of any of them.
  ReverseMode(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Operation *> ops,
              mlir::ValueRange targets);

  /// Adds to the cotangent of `value`.
  void accumulate(mlir::Value value, mlir::Value cotangent, mlir::Location loc);
  /// Fails, with a message at the op, where the path crosses an op without a derivative.
  mlir::LogicalResult run();
  /// What has been accumulated for `value`, or null.
  mlir::Value cotangentOf(mlir::Value value) const { return cotangents.lookup(value); }

private:
  mlir::LogicalResult visit(mlir::Operation *op);

  mlir::OpBuilder &builder;
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::DenseSet<mlir::Value> active; ///< float values that depend on a target
  llvm::DenseMap<mlir::Value, mlir::Value> cotangents;
};

/// The reverse of a region's block, written before it is known what the block must be given.
///
/// Holds a copy of the block, `forward`, and ops that are written against the copy's values.
/// `detach` then cuts the two apart: values of `forward` that the reverse uses become inputs,
/// either found elsewhere (the region's own arguments) or residuals, which the forward op has to
/// yield in addition.
class ReversedBlock {
public:
  explicit ReversedBlock(mlir::Region &original);

  mlir::Block &getForward() { return forward.front(); }
  /// A value that the reverse will be given; stands for an argument of its block.
  mlir::Value addInput(mlir::Type type);
  /// The walk over `forward` with respect to its float arguments. `seeds` are the cotangents
  /// of the yielded values, null for zero.
  mlir::LogicalResult differentiate(mlir::Location loc, mlir::ArrayRef<mlir::Value> seeds);
  /// The derivative by argument `index` of `forward`, or null.
  mlir::Value derivativeOf(unsigned index) const { return derivatives[index]; }
  /// A builder at the reverse's end.
  mlir::OpBuilder atEnd();

  /// Replaces uses of `forward` in the reverse. `findArgument` gives the input for an argument
  /// of `forward`, or null if it must be kept like any other value.
  void detach(llvm::function_ref<mlir::Value(mlir::BlockArgument)> findArgument);
  /// Values of `forward` that the reverse needs, and the inputs that stand for them.
  llvm::ArrayRef<mlir::Value> getResiduals() const { return residuals; }
  llvm::ArrayRef<mlir::Value> getResidualInputs() const { return residualInputs; }

  /// Moves `forward`, which then yields `before`, the residuals and `after` in addition.
  void moveForwardInto(mlir::Region &region, mlir::ValueRange before, mlir::ValueRange after);
  /// Moves the reverse to the end of `block`; `arguments` take the places of `inputs`.
  void moveReverseInto(mlir::Block &block, mlir::ArrayRef<mlir::Value> inputs,
                       mlir::ValueRange arguments);

private:
  mlir::Value importValue(mlir::Value value,
                          llvm::function_ref<mlir::Value(mlir::BlockArgument)> findArgument);

  mlir::Region forward;
  mlir::Region reverse; ///< destroyed first: it may still use values of `forward`
  llvm::SmallVector<mlir::Value> derivatives, residuals, residualInputs;
  mlir::IRMapping imported;
};

/// `gradient` behind the seam to an update, if `target` is the value of a variable; else as it is.
mlir::Value markSeam(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value gradient,
                     mlir::Value target);

} // namespace dlc::ir
