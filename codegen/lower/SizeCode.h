// Size expressions as code: the value of a SizeAttr as i64 arithmetic.
#pragma once
#include "ir/Dlc.h"
#include "mlir/IR/Builders.h"

namespace dlc::codegen {

// Emits |size| at the builder's insertion point. |symbol| gives the i64 value of a symbol; it is
// called once per occurrence. Divisors are positive by construction of size expressions.
mlir::Value emitSize(mlir::OpBuilder &builder, mlir::Location loc, ir::SizeAttr size,
                     llvm::function_ref<mlir::Value(llvm::StringRef name)> symbol);

} // namespace dlc::codegen
