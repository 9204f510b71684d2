// Transposes a square of vectors in registers.
#pragma once
#include "codegen/cpu/KernelBuilder.h"

namespace dlc::codegen::cpu {

// |rows| holds N vectors of N lanes, N a power of two; afterwards rows[i][j] is the old
// rows[j][i]. log2(N) rounds of N shuffles.
void transposeSquare(KernelBuilder &k, llvm::MutableArrayRef<mlir::Value> rows);

} // namespace dlc::codegen::cpu
