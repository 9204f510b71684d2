// Passes of this target. They run behind those of passes/, once for each processor that a program
// is compiled for.
#ifndef DLC_CPU_PASSES_TD
#define DLC_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChooseSchedules : Pass<"dlc-choose-schedules", "::mlir::ModuleOp"> {
  let summary = "Write into every outlined kernel how it is to be emitted";
  let description = [{
    Fills `schedules` of each `dlc.kernel_func` that has none, and refuses one that the emitters of
    `cpu` would not obey. See codegen/cpu/ChooseSchedules.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"",
                        "the processor: native, an x86-64 level or a name that LLVM knows">];
}

#endif // DLC_CPU_PASSES_TD
