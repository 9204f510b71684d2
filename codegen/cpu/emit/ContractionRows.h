// The form of a contraction whose schedule has lanes along the rows of the result.
#pragma once
#include "codegen/cpu/emit/Contraction.h"

namespace dlc::codegen::cpu {

// Tiles as emitContraction has them; |schedule|.columns are all columns of the result. There is no
// batch, rows of A lie side by side, and B is read as it lies.
void emitContractionRows(KernelBuilder &k, const PhaseArguments &phase,
                         const ContractionShape &shape, const ContractionOperands &operands,
                         const ContractionSchedule &schedule, Epilogue epilogue, EpilogueMode mode);

} // namespace dlc::codegen::cpu
