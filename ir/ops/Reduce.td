// Reductions: the named axes are folded away.
#ifndef DLC_OPS_REDUCE_TD
#define DLC_OPS_REDUCE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_ReduceOp<string mnemonic, Type tensor = Dlc_NumberTensor>
    : Dlc_Op<mnemonic, "Reduce", [Pure, Dlc_Differentiable]> {
  let arguments = (ins tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs tensor:$y);
  let assemblyFormat = "$x `over` $axes attr-dict `:` type($x) `->` type($y)";
  let builders = [OpBuilder<(ins "mlir::Value":$x, "llvm::ArrayRef<int64_t>":$axes)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_SumOp : Dlc_ReduceOp<"sum"> {
  let summary = "Sum over axes";
  let description = [{
    `y = sum of x over axes`; 0 over an empty axis. f16 and bf16 accumulate in f32; integers
    wrap. The order of additions depends on shape only, never on the number of threads.

    Gradient: `dx = broadcast(dy)`.

    Constraints:
    - sum_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - sum_c2: `y` has the element type of `x` and its sizes without `axes`.
  }];
  let onnxName = "ReduceSum";
  let onnxSince = 13;
}

def Dlc_MeanOp : Dlc_ReduceOp<"mean", Dlc_FloatTensor> {
  let summary = "Mean over axes";
  let description = [{
    `y = sum of x over axes / number of elements`; NaN over an empty axis.

    Gradient: `dx = broadcast(dy / n)`.

    Constraints:
    - mean_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - mean_c2: `y` has the element type of `x` and its sizes without `axes`.
  }];
  let onnxName = "ReduceMean";
  let onnxSince = 13;
}

def Dlc_ProdOp : Dlc_ReduceOp<"prod"> {
  let summary = "Product over axes";
  let description = [{
    `y = product of x over axes`; 1 over an empty axis. Integers wrap.

    Gradient: `dx = dy * product of the other elements`, spelled as products of what stands before
    and after each element: without a division, so exact where elements are zero, to any order.

    Constraints:
    - prod_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - prod_c2: `y` has the element type of `x` and its sizes without `axes`.
  }];
  let onnxName = "ReduceProd";
  let onnxSince = 13;
}

def Dlc_ReduceMaxOp : Dlc_ReduceOp<"reduce_max"> {
  let summary = "Largest element over axes";
  let description = [{
    `y = max of x over axes`; NaN if any is NaN; over an empty axis -infinity, or the least
    integer. Of zeros of both signs either.

    Gradient: to the largest elements, shared equally among ties.

    Constraints:
    - reduce_max_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - reduce_max_c2: `y` has the element type of `x` and its sizes without `axes`.
  }];
  let onnxName = "ReduceMax";
  let onnxSince = 13;
}

def Dlc_ReduceMinOp : Dlc_ReduceOp<"reduce_min"> {
  let summary = "Smallest element over axes";
  let description = [{
    `y = min of x over axes`; NaN if any is NaN; over an empty axis infinity, or the largest
    integer. Of zeros of both signs either.

    Gradient: to the smallest elements, shared equally among ties.

    Constraints:
    - reduce_min_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - reduce_min_c2: `y` has the element type of `x` and its sizes without `axes`.
  }];
  let onnxName = "ReduceMin";
  let onnxSince = 13;
}

class Dlc_ArgReduceOp<string mnemonic> : Dlc_Op<mnemonic, "Reduce", [Pure, Dlc_ZeroGradient]> {
  let arguments = (ins Dlc_NumberTensor:$x, I64Attr:$axis);
  let results = (outs Dlc_IndexTensor:$y);
  let assemblyFormat = "$x `over` $axis attr-dict `:` type($x) `->` type($y)";
  let builders = [OpBuilder<(ins "mlir::Value":$x, "int64_t":$axis, "mlir::Type":$elementType)>];
  let hasVerifier = 1;
}

def Dlc_ArgmaxOp : Dlc_ArgReduceOp<"argmax"> {
  let summary = "Index of the largest element along an axis";
  let description = [{
    The first index of the largest element; a NaN counts as the largest. 0 over an empty axis.

    Gradient: zero.

    Constraints:
    - argmax_c1: `axis` is within [0, rank).
    - argmax_c2: `y` is i32 or i64 with the sizes of `x` without `axis`.
  }];
  let onnxName = "ArgMax";
  let onnxSince = 13;
}

def Dlc_ArgminOp : Dlc_ArgReduceOp<"argmin"> {
  let summary = "Index of the smallest element along an axis";
  let description = [{
    The first index of the smallest element; a NaN counts as the smallest. 0 over an empty axis.

    Gradient: zero.

    Constraints:
    - argmin_c1: `axis` is within [0, rank).
    - argmin_c2: `y` is i32 or i64 with the sizes of `x` without `axis`.
  }];
  let onnxName = "ArgMin";
  let onnxSince = 13;
}

#endif // DLC_OPS_REDUCE_TD
