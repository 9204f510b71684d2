// The form of a contraction whose schedule copies blocks of both operands.
#pragma once
#include "codegen/cpu/emit/Conv.h"

namespace dlc::codegen::cpu {

// Rows of A lie side by side, so that the product is a filter gradient of one tap: its pixels are
// the steps of the reduction, its channels the rows.
ConvSchedule blocksSchedule(const ContractionSchedule &schedule);

// Tiles as emitContraction has them. There is no batch, the reduction is one run of both operands,
// columns of B lie side by side, and the schedule has a reduceBlock.
void emitContractionBlocks(KernelBuilder &k, const PhaseArguments &phase,
                           const ContractionShape &shape, const ContractionOperands &operands,
                           const ContractionSchedule &schedule, Epilogue epilogue,
                           EpilogueMode mode);

} // namespace dlc::codegen::cpu
