// The form of a contraction whose schedule has lanes along the reduction.
#pragma once
#include "codegen/cpu/emit/Contraction.h"

namespace dlc::codegen::cpu {

// Tiles as emitContraction has them, of |schedule|.rows x |schedule|.columns sums. There is no
// batch, and the reduction is one run of neighbours in A, and in B unless that is packed.
void emitContractionLanes(KernelBuilder &k, const PhaseArguments &phase,
                          const ContractionShape &shape, const ContractionOperands &operands,
                          const ContractionSchedule &schedule, Epilogue epilogue,
                          EpilogueMode mode);

} // namespace dlc::codegen::cpu
