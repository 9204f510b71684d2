// Shapes as lists of size expressions, and the arithmetic that verifiers, type inference,
// gradients and the builder share. Every `infer...` reports through `emitError` what it
// cannot accept, and returns failure.
#pragma once
#include "ir/Dlc.h"
#include "ir/symbols/SizeExpr.h"

namespace dlc::ir {

using Shape = llvm::SmallVector<SizeAttr, 4>;
using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// The sizes of a tensor type (static ones as constants).
Shape shapeOf(mlir::Type type);
Shape shapeOf(mlir::Value value);
/// The tensor type with these sizes: dynamic dimensions and encoding where not all are constant.
mlir::RankedTensorType tensorType(mlir::MLIRContext *context, llvm::ArrayRef<SizeAttr> shape,
                                  mlir::Type elementType);
/// Same sizes, another element type.
mlir::RankedTensorType withElementType(mlir::Type type, mlir::Type elementType);
/// `tensor<f32>` and the like.
mlir::RankedTensorType scalarType(mlir::Type elementType);
/// The number of elements.
SizeAttr elementCount(mlir::Type type);
/// `f32 (B, 784)`, as in messages.
std::string typeToString(mlir::Type type);

/// Checks that `axes` are within [0, rank) and strictly increasing when `sorted`, else distinct.
mlir::LogicalResult checkAxes(EmitError emitError, llvm::StringRef what,
                              llvm::ArrayRef<int64_t> axes, int64_t rank, bool sorted);

/// The output size of a window that slides over `size`: with effective window
/// w = (window - 1) * dilation + 1, floor((size + low + high - w) / stride) + 1.
SizeAttr windowOutput(SizeAttr size, int64_t window, int64_t stride, int64_t dilation,
                      SizeAttr padLow, SizeAttr padHigh);
/// Padding SAME: the output has ceil(size / stride) elements, the odd one is at the end
/// (Keras 3: total = max((out - 1) * stride + w - size, 0), low = total / 2).
std::pair<SizeAttr, SizeAttr> samePadding(SizeAttr size, int64_t window, int64_t stride,
                                          int64_t dilation);

/// A scalar constant of the element type, and that constant broadcast to `type`.
mlir::Value buildScalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type elementType,
                        double value);
mlir::Value buildSplat(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                       double value);

} // namespace dlc::ir
