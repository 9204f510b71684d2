// Softmax and its logarithm: composites, spelled out by dlc-decompose.
#ifndef DLC_OPS_SOFTMAX_TD
#define DLC_OPS_SOFTMAX_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_SoftmaxBase<string mnemonic>
    : Dlc_Op<mnemonic, "Composite", [Pure, SameOperandsAndResultType, Dlc_Differentiable]> {
  let arguments = (ins Dlc_FloatTensor:$x, I64Attr:$axis);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` type($x)";
  let hasVerifier = 1;
}

def Dlc_SoftmaxOp : Dlc_SoftmaxBase<"softmax"> {
  let summary = "Exponentials along an axis, scaled to sum 1";
  let description = [{
    `y = e^(x - m) / sum of e^(x - m) over axis`, m the largest element along `axis`, so that
    nothing overflows. An element of -infinity has probability 0; a row with a NaN, with
    infinity or of nothing but -infinity is NaN. f16 and bf16 are computed in f32.

    Gradient: `dx = (dy - sum(dy * y)) * y`, from the result.

    Constraints:
    - softmax_c1: `x` and `y` have the same type.
    - softmax_c2: the element type is a float.
    - softmax_c3: `axis` is within [0, rank).
  }];
  let onnxName = "Softmax";
  let onnxSince = 13;
}

def Dlc_LogSoftmaxOp : Dlc_SoftmaxBase<"log_softmax"> {
  let summary = "Logarithm of softmax";
  let description = [{
    `y = (x - m) - ln(sum of e^(x - m) over axis)`, m the largest element along `axis`:
    accurate where the probability underflows. An element of -infinity gives -infinity; a row
    with a NaN, with infinity or of nothing but -infinity is NaN. f16 and bf16 are computed in
    f32.

    Gradient: `dx = dy - e^y * sum(dy)`, from the result.

    Constraints:
    - log_softmax_c1: `x` and `y` have the same type.
    - log_softmax_c2: the element type is a float.
    - log_softmax_c3: `axis` is within [0, rank).
  }];
  let onnxName = "LogSoftmax";
  let onnxSince = 13;
}

#endif // DLC_OPS_SOFTMAX_TD
