// Which tiles and blocks attention gets, and the schedule in the IR that says so. Pure functions,
// tested as a table.
#pragma once
#include "codegen/cpu/emit/Attention.h"
#include "ir/Dlc.h"
#include <optional>

namespace dlc::codegen::cpu {

// The facts that a choice may rest on; sizes that are symbolic are empty.
struct AttentionLoops {
  bool gradient = false, causal = false;
  std::optional<int64_t> queries, keys;
  int64_t depth = 0, width = 0;
  int64_t accumulatorBits = 32;
};

AttentionSchedule chooseAttention(const AttentionLoops &loops, const CpuTarget &target);

mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const AttentionSchedule &schedule,
                             const AttentionLoops &loops, const CpuTarget &target);

// Of a #dlc.attention; |error| starts the message about one that cannot be obeyed.
mlir::FailureOr<AttentionSchedule>
acceptAttention(mlir::Attribute schedule, const AttentionLoops &loops, const CpuTarget &target,
                llvm::function_ref<mlir::InFlightDiagnostic()> error);

} // namespace dlc::codegen::cpu
