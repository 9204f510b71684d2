// Size expressions: integers, named symbols, sums, products, floordiv, min and max.
//
// Each function returns the one normal form of its value, so that equal sizes are the same
// attribute and comparing shapes is comparing pointers:
//   sum      constant last, other terms ordered structurally, like terms merged
//   product  coefficient first, factors ordered, products of sums multiplied out
//   floordiv what divides exactly is moved out: (4*B + 3) floordiv 4 is B; common factors are
//            divided out; a floor of a floor is one floor
//   min/max  nested ones flattened, operands ordered and unique, constants folded, operands that
//            another one rules out dropped (symbols are never negative)
//
// Values are 64-bit; evaluation reports overflow instead of wrapping.
#pragma once
#include "ir/Dlc.h"
#include <optional>

namespace dlc::ir {

SizeAttr sizeConstant(mlir::MLIRContext *context, int64_t value);
SizeAttr sizeSymbol(mlir::MLIRContext *context, llvm::StringRef name);
SizeAttr sizeAdd(SizeAttr a, SizeAttr b);
SizeAttr sizeSub(SizeAttr a, SizeAttr b);
SizeAttr sizeMul(SizeAttr a, SizeAttr b);
/// Rounds toward minus infinity. The divisor must be positive wherever it is evaluated.
SizeAttr sizeFloorDiv(SizeAttr a, SizeAttr b);
SizeAttr sizeCeilDiv(SizeAttr a, SizeAttr b);
SizeAttr sizeMin(SizeAttr a, SizeAttr b);
SizeAttr sizeMax(SizeAttr a, SizeAttr b);
/// The product of all sizes; 1 for none.
SizeAttr sizeProduct(mlir::MLIRContext *context, llvm::ArrayRef<SizeAttr> sizes);

/// Conveniences with an integer on one side.
SizeAttr sizeAdd(SizeAttr a, int64_t b);
SizeAttr sizeMul(SizeAttr a, int64_t b);
SizeAttr sizeFloorDiv(SizeAttr a, int64_t b);

/// Replaces symbols by expressions; symbols without a replacement stay.
SizeAttr sizeSubstitute(SizeAttr size,
                        llvm::function_ref<SizeAttr(llvm::StringRef)> replacement);

/// The value for given symbol values; none on an unbound symbol, overflow or division by < 1.
std::optional<int64_t>
sizeEvaluate(SizeAttr size, llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> value);

/// A lower bound for all symbol values that are >= 0 (symbols with a declared minimum are
/// looked up through `minimum`, which may return 0); none if there is no cheap one.
std::optional<int64_t> sizeLowerBound(SizeAttr size,
                                      llvm::function_ref<int64_t(llvm::StringRef)> minimum);

/// Calls `visit` with the name of each symbol, in structural order, once per occurrence.
void sizeForEachSymbol(SizeAttr size, llvm::function_ref<void(llvm::StringRef)> visit);

/// A total order that depends on structure only, never on addresses.
int sizeCompare(SizeAttr a, SizeAttr b);

/// As in IR text: `2*B + 1`.
std::string sizeToString(SizeAttr size);
/// As in messages: `(B, 784)`.
std::string sizesToString(llvm::ArrayRef<SizeAttr> sizes);
void sizePrint(SizeAttr size, llvm::raw_ostream &os);
mlir::FailureOr<SizeAttr> sizeParse(mlir::AsmParser &parser);

} // namespace dlc::ir
