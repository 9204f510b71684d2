// Batch and layer normalisation: composites, spelled out by dlc-decompose.
#ifndef DLC_OPS_NORMALIZE_TD
#define DLC_OPS_NORMALIZE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_NormalizeOp<string mnemonic> : Dlc_Op<mnemonic, "Composite", [Pure, Dlc_Differentiable]> {
  let hasVerifier = 1;
}

def Dlc_BatchNormTrainingOp : Dlc_NormalizeOp<"batch_norm_training"> {
  let summary = "Normalisation of every channel by the batch's own mean and variance";
  let description = [{
    With the channels last and statistics over all other dimensions:
    `mean = mean of x`, `variance = mean of (x - mean)^2` (biased, in two passes),
    `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`. All three are NaN for a
    batch without elements. f16 and bf16 are computed in f32.

    Gradient: by `x`, `scale` and `offset`, from the cotangents of all three results.

    Constraints:
    - batch_norm_training_c1: `x` has rank 2 or more.
    - batch_norm_training_c2: `scale` and `offset` have rank 1, the size of the last dimension of
      `x` and its element type.
    - batch_norm_training_c3: `epsilon` is not negative.
    - batch_norm_training_c4: `y` has the type of `x`, `mean` and `variance` that of `scale`.
  }];
  let arguments = (ins Dlc_FloatTensor:$x, Dlc_FloatTensor:$scale, Dlc_FloatTensor:$offset,
                       F64Attr:$epsilon);
  let results = (outs Dlc_FloatTensor:$y, Dlc_FloatTensor:$mean, Dlc_FloatTensor:$variance);
  let assemblyFormat = [{
    $x `,` $scale `,` $offset `epsilon` $epsilon attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$scale, "mlir::Value":$offset,
                                 "double":$epsilon)>];
}

def Dlc_BatchNormInferenceOp : Dlc_NormalizeOp<"batch_norm_inference"> {
  let summary = "Normalisation of every channel by given statistics";
  let description = [{
    `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`, channels last. f16 and bf16
    are computed in f32.

    Gradient: by all five operands.

    Constraints:
    - batch_norm_inference_c1: `x` has rank 2 or more.
    - batch_norm_inference_c2: `scale`, `offset`, `mean` and `variance` have rank 1, the size of
      the last dimension of `x` and its element type.
    - batch_norm_inference_c3: `epsilon` is not negative.
    - batch_norm_inference_c4: `y` has the type of `x`.
  }];
  let arguments = (ins Dlc_FloatTensor:$x, Dlc_FloatTensor:$scale, Dlc_FloatTensor:$offset,
                       Dlc_FloatTensor:$mean, Dlc_FloatTensor:$variance, F64Attr:$epsilon);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = [{
    $x `,` $scale `,` $offset `,` $mean `,` $variance `epsilon` $epsilon attr-dict
    `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$scale, "mlir::Value":$offset,
      "mlir::Value":$mean, "mlir::Value":$variance, "double":$epsilon), [{
    build($_builder, $_state, x.getType(), x, scale, offset, mean, variance,
          $_builder.getF64FloatAttr(epsilon));
  }]>];
  let onnxName = "BatchNormalization";
  let onnxSince = 15;
}

def Dlc_LayerNormOp : Dlc_NormalizeOp<"layer_norm"> {
  let summary = "Normalisation of every row by its own mean and variance";
  let description = [{
    Over the last dimension, with `mean = mean of x`, `variance = mean of (x - mean)^2` (biased,
    in two passes): `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`. f16 and bf16
    are computed in f32.

    Gradient: by `x`, `scale` and `offset`.

    Constraints:
    - layer_norm_c1: `x` has rank 1 or more.
    - layer_norm_c2: `scale` and `offset` have rank 1, the size of the last dimension of `x` and
      its element type.
    - layer_norm_c3: `epsilon` is not negative.
    - layer_norm_c4: `y` has the type of `x`.
  }];
  let arguments = (ins Dlc_FloatTensor:$x, Dlc_FloatTensor:$scale, Dlc_FloatTensor:$offset,
                       F64Attr:$epsilon);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = [{
    $x `,` $scale `,` $offset `epsilon` $epsilon attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$scale, "mlir::Value":$offset,
      "double":$epsilon), [{
    build($_builder, $_state, x.getType(), x, scale, offset, $_builder.getF64FloatAttr(epsilon));
  }]>];
  let onnxName = "LayerNormalization";
  let onnxSince = 17;
}

#endif // DLC_OPS_NORMALIZE_TD
