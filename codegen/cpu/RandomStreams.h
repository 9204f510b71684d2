// Stream numbers of random ops as arguments of a kernel.
//
// The dropouts of twelve equal layers differ in nothing but the number of their stream. Compiled
// with the number as a constant each is a kernel of its own; as one more size they are one:
//
//   dlc.kernel_func @k7 pointwise symbols ["B"] { ... stream 41 ... }
//   ==>  symbols ["B", "stream 0"] { ... stream 0 ... }      dispatched with sizes [B, 41]
#pragma once
#include "ir/Ops.h"

namespace dlc::codegen::cpu {

/// The numbers that |func| takes as sizes behind those of its symbols, in their order. None for
/// kernels around a contraction, a convolution or attention.
llvm::SmallVector<int64_t> randomStreams(ir::KernelFuncOp func);

/// Numbers the streams of |func| through and lists a symbol for each.
void takeStreamsAsSizes(ir::KernelFuncOp func);

/// What stands in the list of symbols for stream number |number| of such a function. No size can
/// have this name.
std::string streamSymbol(int64_t number);

} // namespace dlc::codegen::cpu
