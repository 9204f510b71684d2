// Passes from graph to graph. Each one is a .cpp of its own whose header says what it does, when
// that is legal and why it pays; here stand the flag, one sentence and the options.
#ifndef DLC_PASSES_TD
#define DLC_PASSES_TD

include "mlir/Pass/PassBase.td"

class Dlc_Pass<string flag> : Pass<flag> {
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def Differentiate : Dlc_Pass<"dlc-differentiate"> {
  let summary = "Expand every dlc.gradient into the ops that compute it";
  let description = [{
    Innermost gradients first. Afterwards no `dlc.gradient`, `dlc.watch`, `dlc.stop_gradient`
    or `dlc.custom_gradient` is left. See passes/autodiff/Differentiate.cpp.
  }];
}

def Decompose : Dlc_Pass<"dlc-decompose"> {
  let summary = "Spell composite ops out in elementwise, broadcast and reduction ops";
  let description = [{
    Afterwards no softmax, normalisation, cross entropy or mean is left. Runs after
    dlc-differentiate, before dlc-form-kernels. See passes/simplify/Decompose.cpp.
  }];
}

def BindSymbols : Pass<"dlc-bind-symbols", "::mlir::ModuleOp"> {
  let summary = "Replace size symbols by constants";
  let description = [{See passes/simplify/BindSymbols.cpp.}];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
  let options = [ListOption<"bindings", "bindings", "std::string",
                            "symbol=value, such as B=128">];
}

def Simplify : Dlc_Pass<"dlc-simplify"> {
  let summary = "Fold, merge equal values and rewrite until nothing changes";
  let description = [{
    After dlc-differentiate, before dlc-form-kernels. See passes/simplify/Simplify.cpp, and the
    headers of its neighbours for what each group of rewrites does.
  }];
  let options = [ListOption<"only", "only", "std::string",
                            "run these groups of rewrites alone, by name">];
}

def Recompute : Dlc_Pass<"dlc-recompute"> {
  let summary = "Compute cheap values again where they are used late instead of keeping them";
  let description = [{
    After dlc-simplify, before dlc-form-kernels; no CSE may run in between. See
    passes/recompute/Recompute.cpp.
  }];
}

def FoldBatchNorm : Pass<"dlc-fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Multiply filters that do not change by the factors of the normalisation behind";
  let description = [{
    After dlc-differentiate, before dlc-decompose. See passes/layout/FoldBatchNorm.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def DeriveVariables : Pass<"dlc-derive-variables", "::mlir::ModuleOp"> {
  let summary = "Compute what follows from unchanged variables once, in derived variables";
  let description = [{
    After dlc-recompute, before dlc-layout-variables. See passes/layout/DeriveVariables.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def Winograd : Pass<"dlc-winograd", "::mlir::ModuleOp"> {
  let summary = "Compute 3x3 convolutions without strides by minimal filtering where that pays";
  let description = [{
    After dlc-recompute, before dlc-derive-variables. See passes/layout/Winograd.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
  let options = [Option<"panelWidth", "panel-width", "int64_t", "64",
                        "columns of a panel, as dlc-layout-variables has it">];
}

def LayoutVariables : Pass<"dlc-layout-variables", "::mlir::ModuleOp"> {
  let summary = "Keep weights in panels where contractions and convolutions read them";
  let description = [{
    After dlc-derive-variables, before dlc-form-kernels. See passes/layout/LayoutVariables.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
  let options = [Option<"panelWidth", "panel-width", "int64_t", "64",
                        "columns of a panel: 64, or 16 for code with tiles of 16 columns only">];
}

def FormKernels : Pass<"dlc-form-kernels", "::mlir::ModuleOp"> {
  let summary = "Fuse ops into kernels";
  let description = [{
    Afterwards entries and regions hold kernels, reshapes and control flow only. See
    passes/fusion/FormKernels.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def OutlineKernels : Pass<"dlc-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "Move kernel bodies into functions, one for all equal ones";
  let description = [{See passes/fusion/OutlineKernels.cpp.}];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def PlanMemory : Pass<"dlc-plan-memory", "::mlir::ModuleOp"> {
  let summary = "Give every value a buffer and every buffer a lifetime";
  let description = [{See passes/memory/PlanMemory.cpp.}];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
}

def LimitMemory : Pass<"dlc-limit-memory", "::mlir::ModuleOp"> {
  let summary = "Compute values a second time so that temporaries take at most so many bytes";
  let description = [{
    Behind dlc-plan-memory, whose plan it replaces, for sizes that are constant or given. See
    passes/memory/LimitMemory.cpp.
  }];
  let dependentDialects = ["::dlc::ir::DlcDialect"];
  let options = [Option<"bytes", "bytes", "int64_t", "0", "what an entry's temporaries may take">,
                 ListOption<"bindings", "bindings", "std::string",
                            "values of symbols that the limit holds for, such as B=128">];
}

#endif // DLC_PASSES_TD
