// Comparison, selection and conversion of elements.
#ifndef DLC_OPS_COMPARE_TD
#define DLC_OPS_COMPARE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_CompareOp : Dlc_Op<"compare", "Pointwise", [Pure, Dlc_ZeroGradient]> {
  let summary = "Comparison of elements";
  let description = [{
    `y = a <predicate> b` as i1, predicate one of eq, ne, lt, le, gt, ge. Floats compare as
    IEEE 754 does: NaN is unequal to everything, and only `ne` is true for it. i1 orders
    false below true.

    Gradient: zero.

    Constraints:
    - compare_c1: `a` and `b` have the same type.
    - compare_c2: `y` is i1 with the sizes of `a`.
  }];
  let arguments = (ins Dlc_ComparePredicateAttr:$predicate, Dlc_Tensor:$a, Dlc_Tensor:$b);
  let results = (outs Dlc_BoolTensor:$y);
  let assemblyFormat = "$predicate $a `,` $b attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "ComparePredicate":$predicate, "mlir::Value":$a, "mlir::Value":$b)>];
  let hasVerifier = 1;
}

def Dlc_SelectOp : Dlc_Op<"select", "Pointwise", [Pure, Dlc_Differentiable]> {
  let summary = "Choice between two elements";
  let description = [{
    `y = predicate ? on_true : on_false`, element by element; the element that is not chosen
    has no influence (a NaN there is dropped).

    Gradient: `dy` goes to the chosen operand, zero to the other.

    Constraints:
    - select_c1: `on_true`, `on_false` and `y` have the same type.
    - select_c2: `predicate` is i1 with the sizes of `y`.
  }];
  let arguments = (ins Dlc_BoolTensor:$predicate, Dlc_Tensor:$on_true, Dlc_Tensor:$on_false);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $predicate `,` $on_true `,` $on_false attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$predicate, "mlir::Value":$onTrue, "mlir::Value":$onFalse)>];
  let onnxName = "Where";
  let onnxSince = 9;
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_CastOp : Dlc_Op<"cast", "Pointwise", [Pure, Dlc_Differentiable]> {
  let summary = "Conversion to another element type";
  let description = [{
    Float to float and integer to float round to nearest even. Float to integer truncates
    toward zero and saturates at the ends of the range; NaN gives 0. Integer to integer
    wraps; i1 is 0 or 1. Anything to i1 is `x != 0` (true for NaN).

    Gradient: `dx = cast(dy)` between floats; zero otherwise.

    Constraints:
    - cast_c1: `x` and `y` have the same sizes.
  }];
  let arguments = (ins Dlc_Tensor:$x);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Type":$elementType)>];
  let onnxName = "Cast";
  let onnxSince = 9;
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // DLC_OPS_COMPARE_TD
