// State and entries: the only ops that name variables, and the ones that mark gradients.
#ifndef DLC_OPS_STATE_TD
#define DLC_OPS_STATE_TD

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_VariableOp : Dlc_Op<"variable", "Opaque", [Symbol, Dlc_NonDifferentiable]> {
  let summary = "A named tensor that outlives a call";
  let description = [{
    `dlc.variable @"dense/kernel" weight : tensor<784x64xf32>`. Its first value comes from the
    entry `initialize` or from a weight file. It has no `trainable`: a gradient's targets
    decide what an entry trains.

    A derived variable is another form of `source`, refreshed before the next run that reads it
    once the source has got a new value, and never saved: `dlc.variable @"dense/kernel.t" derived : tensor<64x784xf32> from
    @"dense/kernel" by @transpose_kernel`, where the symbol names an entry that maps one to the other.

    Gradient: not applicable; entries receive its value as an argument.

    Constraints:
    - variable_c1: a derived variable, and no other, names its source and the entry that derives it.
    - variable_c2: the type's sizes are static or symbols of the module.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Dlc_VariableRoleAttr:$role, TypeAttr:$type,
                       OptionalAttr<FlatSymbolRefAttr>:$source,
                       OptionalAttr<FlatSymbolRefAttr>:$derivation);
  let assemblyFormat = [{
    $sym_name $role `:` $type (`from` $source^ `by` $derivation)? attr-dict
  }];
  let builders = [OpBuilder<(ins "llvm::StringRef":$name, "VariableRole":$role,
                                 "mlir::RankedTensorType":$type)>];
  let hasVerifier = 1;
}

def Dlc_EntryOp : Dlc_Op<"entry", "Opaque",
    [FunctionOpInterface, IsolatedFromAbove, Symbol, Dlc_NonDifferentiable]> {
  let summary = "A function that the program offers to its caller";
  let description = [{
    Arguments are inputs (`dlc.name`) or values of variables (`dlc.state`); results are outputs
    (`dlc.name`) or new values of variables (`dlc.state`), at most one for each. Everything
    inside is pure.

    Gradient: not applicable.

    Constraints:
    - entry_c1: every argument and result has exactly one of `dlc.name` and `dlc.state`.
    - entry_c2: names are distinct among inputs and among outputs.
    - entry_c3: `dlc.state` names a variable of the same type, at most once among the arguments
      and at most once among the results.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let builders = [OpBuilder<(ins "llvm::StringRef":$name, "mlir::FunctionType":$type)>];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    llvm::ArrayRef<mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    llvm::ArrayRef<mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    mlir::Region *getCallableRegion() { return &getBody(); }

    /// The name of an input or output, or an empty string for a variable's value.
    llvm::StringRef getArgName(unsigned index);
    llvm::StringRef getResultName(unsigned index);
    /// The variable whose value the argument or result is, or null.
    mlir::FlatSymbolRefAttr getArgState(unsigned index);
    mlir::FlatSymbolRefAttr getResultState(unsigned index);
    void setArg(unsigned index, llvm::StringRef inputName);
    void setArg(unsigned index, mlir::FlatSymbolRefAttr variable);
    void setResult(unsigned index, llvm::StringRef outputName);
    void setResult(unsigned index, mlir::FlatSymbolRefAttr variable);
  }];
}

def Dlc_ReturnOp : Dlc_Op<"return", "Opaque",
    [Pure, HasParent<"EntryOp">, Terminator, Dlc_NonDifferentiable]> {
  let summary = "The results of an entry";
  let description = [{
    Gradient: not applicable.

    Constraints:
    - return_c1: the operands' types are the entry's result types.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let hasVerifier = 1;
}

def Dlc_YieldOp : Dlc_Op<"yield", "Opaque", [Pure, Terminator, Dlc_NonDifferentiable]> {
  let summary = "The results of a region";
  let description = [{
    Ends the regions of control flow and of kernels; the enclosing op checks the types.

    Gradient: by the enclosing op.

    Constraints:
    - yield_c1: the enclosing op is a region op of dlc.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let hasVerifier = 1;
}

def Dlc_WatchOp : Dlc_Op<"watch", "Opaque", [Pure, SameOperandsAndResultType, Dlc_Differentiable,
                                   Dlc_GradientMarker]> {
  let summary = "Identity that marks a value as the target of a gradient";
  let description = [{
    No rewrite crosses or merges it before `--dlc-differentiate` removes it: the number makes
    watches of the same value distinct.

    Gradient: `dx = dy`.

    Constraints:
    - watch_c1: `x` and `y` have the same type.
  }];
  let arguments = (ins I64Attr:$number, Dlc_Tensor:$x);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$number $x attr-dict `:` type($x)";
}

def Dlc_GradientOp : Dlc_Op<"gradient", "Opaque", [Pure, Dlc_NonDifferentiable]> {
  let summary = "Derivatives of a scalar by values that it was computed from";
  let description = [{
    One result per target, of the target's type. Expanded by `--dlc-differentiate`; a gradient
    of a gradient is expanded innermost first, so this op itself is never differentiated.
    A target that `loss` does not depend on is an error, or zeros with `allow_unused`.

    Gradient: by expansion.

    Constraints:
    - gradient_c1: `loss` is a scalar of floats.
    - gradient_c2: each target is a tensor of floats, and its derivative has its type.
    - gradient_c3: there is one result per target, at least one.
  }];
  let arguments = (ins Dlc_ScalarOf<Dlc_FloatTensor>:$loss, Variadic<Dlc_FloatTensor>:$targets,
                       UnitAttr:$allow_unused);
  let results = (outs Variadic<Dlc_FloatTensor>:$gradients);
  let assemblyFormat = [{
    $loss `wrt` `(` $targets `)` (`allow_unused` $allow_unused^)? attr-dict
    `:` type($loss) `->` custom<GradientTypes>(type($targets), type($gradients))
  }];
  let hasVerifier = 1;
}

def Dlc_SeamOp : Dlc_Op<"seam", "View", [Pure, SameOperandsAndResultType, Dlc_Differentiable]> {
  let summary = "Identity that marks where a variable's gradient becomes its update";
  let description = [{
    `dlc.seam %dW of @"dense/kernel" : !W`. `--dlc-differentiate` puts it behind the gradient by a
    variable's value, and it stays until `--dlc-form-kernels`: the place where a pass sums
    gradients over machines or over micro-batches. Rewrites do not move ops across it.

    Gradient: `dx = dy`.

    Constraints:
    - seam_c1: `x` and `y` have the same type.
    - seam_c2: inside an entry, `variable` is one whose value the entry receives.
  }];
  let arguments = (ins Dlc_FloatTensor:$x, FlatSymbolRefAttr:$variable);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = "$x `of` $variable attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Dlc_StopGradientOp : Dlc_Op<"stop_gradient", "Pointwise",
    [Pure, SameOperandsAndResultType, Dlc_ZeroGradient, Dlc_GradientMarker]> {
  let summary = "Identity with derivative zero";
  let description = [{
    Gradient: zero.

    Constraints:
    - stop_gradient_c1: `x` and `y` have the same type.
  }];
  let arguments = (ins Dlc_Tensor:$x);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif // DLC_OPS_STATE_TD
