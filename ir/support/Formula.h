// Writes tensor formulas as ops: what gradients and rewrites are spelled with.
//
//   Formula f(builder, loc);
//   return {f.mul(dy, f.sub(f.splat(y, 1), f.mul(y, y)))};
//
// Every method creates its op at the builder's insertion point. Operands of one call have one
// type, as the ops demand; nothing broadcasts unless it says so.
#pragma once
#include "ir/Dlc.h"

namespace dlc::ir {

class Formula {
public:
  Formula(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value neg(mlir::Value x);
  mlir::Value exp(mlir::Value x);
  mlir::Value log(mlir::Value x);

  /// i1 with the sizes of `a`.
  mlir::Value compare(ComparePredicate predicate, mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value predicate, mlir::Value onTrue, mlir::Value onFalse);
  /// The value itself when it has the element type already.
  mlir::Value cast(mlir::Value x, mlir::Type elementType);

  /// `value` in every element of a tensor with the type of `like`.
  mlir::Value splat(mlir::Value like, double value);
  mlir::Value zeros(mlir::Type type);
  /// The product of `sizes` as a scalar of any number type.
  mlir::Value size(llvm::ArrayRef<SizeAttr> sizes, mlir::Type elementType);

  mlir::Value sum(mlir::Value x, llvm::ArrayRef<int64_t> axes);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// Repeats `x` into `type`; dimension i of `x` becomes `dims[i]`.
  mlir::Value broadcast(mlir::Value x, mlir::Type type, llvm::ArrayRef<int64_t> dims);
  /// Repeats what a reduction over `axes` left into the type that it was reduced from.
  mlir::Value restoreAxes(mlir::Value reduced, mlir::Type type, llvm::ArrayRef<int64_t> axes);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// The axes in [0, rank) that are not in `axes`, in increasing order.
llvm::SmallVector<int64_t> otherAxes(int64_t rank, llvm::ArrayRef<int64_t> axes);

/// Whether a value may have a derivative: a tensor of floats.
bool isFloatTensor(mlir::Type type);

} // namespace dlc::ir
