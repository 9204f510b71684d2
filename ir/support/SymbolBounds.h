// What a module declares of its symbols, as bounds of sizes.
#pragma once
#include "ir/Dlc.h"

namespace dlc::ir {

/// A lower bound of the size for all values that the module around `op` allows its symbols; none if
/// there is no cheap one. A symbol that is not declared may be 0.
std::optional<int64_t> leastValue(SizeAttr size, mlir::Operation *op);

} // namespace dlc::ir
