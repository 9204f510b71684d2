// Which tiles a convolution by minimal filtering gets, and the schedule in the IR that says so.
// Pure functions, tested as a table.
#pragma once
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/emit/Winograd.h"
#include "ir/Dlc.h"

namespace dlc::codegen::cpu {

// The facts that a choice may rest on.
struct WinogradLoops {
  int64_t channels = 0, filters = 0;
  int64_t panelWidth = kPanelWidth;
  int64_t bits = 32; // of an element
};

WinogradSchedule chooseWinograd(const WinogradLoops &loops, const CpuTarget &target);

mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const WinogradSchedule &schedule,
                             const WinogradLoops &loops, const CpuTarget &target);

// Of a #dlc.winograd; |error| starts the message about one that cannot be obeyed.
mlir::FailureOr<WinogradSchedule>
acceptWinograd(mlir::Attribute schedule, const WinogradLoops &loops, const CpuTarget &target,
               llvm::function_ref<mlir::InFlightDiagnostic()> error);

} // namespace dlc::codegen::cpu
