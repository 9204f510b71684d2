// Kernels: what passes/fusion forms, passes/memory places and codegen compiles.
#ifndef DLC_OPS_KERNEL_TD
#define DLC_OPS_KERNEL_TD

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_KernelRoot : Dlc_Enum<"KernelRoot", "the op that decides a kernel's loops", [
  I32EnumAttrCase<"pointwise", 0>, I32EnumAttrCase<"reduce", 1>,
  I32EnumAttrCase<"contract", 2>, I32EnumAttrCase<"conv", 3>,
  I32EnumAttrCase<"window", 4>, I32EnumAttrCase<"scatter", 5>,
  I32EnumAttrCase<"update", 6>, I32EnumAttrCase<"list", 7>,
  I32EnumAttrCase<"attention", 8>]>;
def Dlc_KernelRootAttr : EnumAttr<Dlc_Dialect, Dlc_KernelRoot, "kernel_root">;

def Dlc_KernelOp : Dlc_Op<"kernel", "Opaque",
    [Pure, IsolatedFromAbove, SingleBlock, Dlc_NonDifferentiable]> {
  let summary = "A fused region: one dispatch of one or more phases";
  let description = [{
    `dlc.kernel contract(%x, %W, %b) : (...) -> ... { ^bb0(...): ... dlc.yield ... }`. The body
    holds primitive ops; what runs in which phase is the emitter's business. `schedules` says how
    it is emitted (ir/DlcSchedules.td): the first one whose guard holds runs. Without a list
    `--dlc-choose-schedules` writes one; a list that is there stays.

    Gradient: not applicable (kernels are formed after differentiation).

    Constraints:
    - kernel_c1: block arguments have the types of the operands.
    - kernel_c2: yielded values have the types of the results.
    - kernel_c3: `schedules` is a list of schedules, each guarded by `#dlc.when` but the last.
    - kernel_c4: guards use symbols that its types and sizes use.
  }];
  let arguments = (ins Dlc_KernelRootAttr:$root, Variadic<Dlc_Tensor>:$inputs,
                       OptionalAttr<ArrayAttr>:$schedules);
  let results = (outs Variadic<Dlc_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $root `(` $inputs `)` (`schedules` $schedules^)? attr-dict-with-keyword
    `:` functional-type($inputs, $outputs) $body
  }];
  let hasVerifier = 1;
}

def Dlc_KernelFuncOp : Dlc_Op<"kernel_func", "Opaque",
    [Symbol, IsolatedFromAbove, SingleBlock, Dlc_NonDifferentiable]> {
  let summary = "The body of one or more equal kernels";
  let description = [{
    What `--dlc-outline-kernels` makes of `dlc.kernel`; equal bodies share one function.
    `symbols` names the size symbols of its types, in the order in which a dispatch passes their
    values.

    Gradient: not applicable.

    Constraints:
    - kernel_func_c1: every symbol in the types and attributes of the body is listed.
    - kernel_func_c2: `schedules` is a list of schedules, each guarded by `#dlc.when` but the last.
    - kernel_func_c3: guards use listed symbols.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Dlc_KernelRootAttr:$root, StrArrayAttr:$symbols,
                       OptionalAttr<ArrayAttr>:$schedules);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name $root `symbols` $symbols (`schedules` $schedules^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Dlc_DispatchOp : Dlc_Op<"dispatch", "Opaque",
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>, Dlc_NonDifferentiable]> {
  let summary = "A call of an outlined kernel";
  let description = [{
    Gradient: not applicable.

    Constraints:
    - dispatch_c1: `kernel` names a `dlc.kernel_func` with the types of the operands and results.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<Dlc_Tensor>:$inputs);
  let results = (outs Variadic<Dlc_Tensor>:$outputs);
  let assemblyFormat = [{
    $kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)
  }];
}

#endif // DLC_OPS_KERNEL_TD
