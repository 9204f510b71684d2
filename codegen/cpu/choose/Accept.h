// From a schedule in the IR to what its emitter takes, for one kernel on one machine.
//
// A list may come from the choosers or from a person; either way the emitter obeys it or says why
// it cannot: a tile that the registers do not hold, an operand form that is not there. Nothing is
// chosen here, and nothing is made to fit.
#pragma once
#include "codegen/cpu/choose/Contraction.h"
#include "codegen/cpu/choose/Conv.h"
#include "codegen/cpu/choose/Depthwise.h"
#include "codegen/cpu/emit/Stream.h"

namespace dlc::codegen::cpu {

/// Starts the message about a schedule that is refused.
using EmitError = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// Of a #dlc.gemm or #dlc.gemv.
mlir::FailureOr<ContractionSchedule> acceptContraction(mlir::Attribute schedule,
                                                       const ContractionLoops &loops,
                                                       const CpuTarget &target, EmitError error);
/// Of a #dlc.conv or, for the filter gradient, a #dlc.conv_filter_grad.
mlir::FailureOr<ConvSchedule> acceptConv(mlir::Attribute schedule, const ConvLoops &loops,
                                         const CpuTarget &target, EmitError error);
/// Of a #dlc.depthwise, for a convolution or gradient that chooseDepthwise does not decline.
mlir::FailureOr<DepthwiseSchedule> acceptDepthwise(mlir::Attribute schedule,
                                                   const DepthwiseLoops &loops,
                                                   const CpuTarget &target, EmitError error);
/// Of a #dlc.stream.
mlir::FailureOr<StreamSchedule> acceptStream(mlir::Attribute schedule, const CpuTarget &target,
                                             EmitError error);
/// A #dlc.pack.
mlir::LogicalResult acceptPacking(mlir::Attribute schedule, EmitError error);

/// The way back: what the choosers decided, as the IR says it.
mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const GuardedContraction &choice,
                             const ContractionLoops &loops, const CpuTarget &target);
mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const ConvSchedule &schedule,
                             const ConvLoops &loops, const CpuTarget &target);
mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const DepthwiseSchedule &schedule);
mlir::Attribute scheduleAttr(mlir::MLIRContext *context, const StreamSchedule &schedule);

} // namespace dlc::codegen::cpu
