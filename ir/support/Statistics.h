// Sums, means and deviations along axes of a tensor: what normalisations, softmax and their
// gradients are spelled with.
//
//   Statistics s(builder, loc, x.getType(), {last});
//   Value centered = f.sub(x, s.repeat(s.mean(x)));
//
// A "statistic" has the sizes of the tensor without the axes.
#pragma once
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"

namespace dlc::ir {

/// f32 for f16 and bf16, else the type itself: what composite ops compute in.
mlir::Type computeType(mlir::Type elementType);

class Statistics {
public:
  /// Over tensors of the given type, along `axes` (in increasing order).
  Statistics(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type,
             llvm::ArrayRef<int64_t> axes);

  mlir::Value sum(mlir::Value x);
  mlir::Value max(mlir::Value x);
  /// The sum divided by the number of elements; NaN for none.
  mlir::Value mean(mlir::Value x);
  /// `statistic` divided by the number of elements that went into it.
  mlir::Value overCount(mlir::Value statistic);
  /// A statistic in every element that it was taken from.
  mlir::Value repeat(mlir::Value statistic);
  /// 1 / sqrt(variance + epsilon).
  mlir::Value inverseDeviation(mlir::Value variance, double epsilon);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  Formula f;
  mlir::RankedTensorType type;
  llvm::SmallVector<int64_t> axes;
};

} // namespace dlc::ir
