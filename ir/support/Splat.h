// Constants of one value, as folders see them. Folding computes such constants only: it is exact
// for single IEEE operations and never makes a program larger.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace dlc::ir {

/// The element that fills a constant, or null.
mlir::Attribute splatElement(mlir::Attribute constant);

/// Whether a constant is filled with `value` exactly (-0.0 is not 0.0), as a float or an integer.
bool isSplatOf(mlir::Attribute constant, double value);

using FloatFold = llvm::function_ref<llvm::APFloat(const llvm::APFloat &, const llvm::APFloat &)>;
using IntegerFold = llvm::function_ref<llvm::APInt(const llvm::APInt &, const llvm::APInt &)>;

/// The constant of type `type` that two constants of one value make; nothing when one of them is
/// none, for a NaN (whose bits the machine chooses), or for integers without `onIntegers`.
mlir::OpFoldResult foldSplats(mlir::Type type, mlir::Attribute a, mlir::Attribute b,
                              FloatFold onFloats, IntegerFold onIntegers);

} // namespace dlc::ir
