// Cross entropies from logits: composites, spelled out by dlc-decompose.
#ifndef DLC_OPS_LOSS_TD
#define DLC_OPS_LOSS_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_SparseSoftmaxCrossEntropyOp
    : Dlc_Op<"sparse_softmax_cross_entropy", "Composite", [Pure, Dlc_Differentiable]> {
  let summary = "Cross entropy of softmax against the index of the true class";
  let description = [{
    Over the last dimension of `logits`: `y = ln(sum of e^(logits - m)) + (m - logits[label])`, m
    the row's largest element. Infinity where the true class has logit -infinity; NaN for a row
    with a NaN, with infinity or of nothing but -infinity. A label outside [0, classes) picks
    0 in place of `logits[label]`, as the row of zeros that `one_hot` makes of it. f16 and bf16
    are computed in f32.

    Gradient: `dlogits = (softmax(logits) - one_hot(labels)) * dy`.

    Constraints:
    - sparse_softmax_cross_entropy_c1: `logits` has rank 1 or more.
    - sparse_softmax_cross_entropy_c2: `labels` has the sizes of `logits` without the last.
    - sparse_softmax_cross_entropy_c3: `y` has these sizes and the element type of `logits`.
  }];
  let arguments = (ins Dlc_FloatTensor:$logits, Dlc_IndexTensor:$labels);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "mlir::Value":$logits, "mlir::Value":$labels)>];
  let hasVerifier = 1;
}

def Dlc_SoftmaxCrossEntropyOp
    : Dlc_Op<"softmax_cross_entropy", "Composite", [Pure, Dlc_Differentiable]> {
  let summary = "Cross entropy of softmax against probabilities";
  let description = [{
    Over the last dimension: `y = -sum of labels * log_softmax(logits)`, where a label of 0
    contributes 0 whatever its logit. f16 and bf16 are computed in f32.

    Gradient: `dlogits = (softmax(logits) * sum(labels) - labels) * dy`,
    `dlabels = -log_softmax(logits) * dy`.

    Constraints:
    - softmax_cross_entropy_c1: `logits` has rank 1 or more.
    - softmax_cross_entropy_c2: `labels` has the type of `logits`.
    - softmax_cross_entropy_c3: `y` has the sizes of `logits` without the last and its element type.
  }];
  let arguments = (ins Dlc_FloatTensor:$logits, Dlc_FloatTensor:$labels);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "mlir::Value":$logits, "mlir::Value":$labels)>];
  let hasVerifier = 1;
}

def Dlc_SigmoidCrossEntropyOp
    : Dlc_Op<"sigmoid_cross_entropy", "Composite",
             [Pure, SameOperandsAndResultType, Dlc_Differentiable]> {
  let summary = "Binary cross entropy of sigmoid, element by element";
  let description = [{
    `y = -labels * ln(sigmoid(x)) - (1 - labels) * ln(1 - sigmoid(x))` for logits x, computed as
    `|x| * w + log1p(e^-|x|)` with w = 1 - labels for x > 0, else labels; a w of 0 contributes 0
    also for an infinite x. NaN stays NaN. f16 and bf16 are computed in f32.

    Gradient: `dlogits = (sigmoid(x) - labels) * dy`, `dlabels = -x * dy`.

    Constraints:
    - sigmoid_cross_entropy_c1: `logits`, `labels` and `y` have the same type.
    - sigmoid_cross_entropy_c2: the element type is a float.
  }];
  let arguments = (ins Dlc_FloatTensor:$logits, Dlc_FloatTensor:$labels);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = "$logits `,` $labels attr-dict `:` type($logits)";
}

#endif // DLC_OPS_LOSS_TD
