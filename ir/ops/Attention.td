// Attention: softmax of scores times values, without the scores in memory.
#ifndef DLC_OPS_ATTENTION_TD
#define DLC_OPS_ATTENTION_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_AttentionBase<string mnemonic, dag operands, dag outputs, string text>
    : Dlc_Op<mnemonic, "Attention", [Pure, Dlc_Differentiable, AttrSizedOperandSegments]> {
  let arguments = !con(
      (ins Dlc_FloatTensor:$q, Dlc_FloatTensor:$k, Dlc_FloatTensor:$v), operands,
      (ins Optional<Dlc_Tensor>:$mask, Optional<Dlc_KeyTensor>:$key,
           DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$mask_dims, UnitAttr:$causal, I64Attr:$axis,
           F64Attr:$scale, DefaultValuedAttr<F64Attr, "0.0">:$dropout));
  let results = outputs;
  let assemblyFormat = "$q `,` $k `,` $v" # text # [{
    (`mask` $mask^ `over` $mask_dims)? (`drop` $dropout `by` $key^)? (`causal` $causal^)?
    `axis` $axis `scale` $scale attr-dict
    `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Mask, causality, axis, scale and dropout, as one value.
    AttentionGeometry getGeometry() {
      return {getMaskDims(), getCausal(), int64_t(getAxis()), getScale().convertToDouble(),
              getDropout().convertToDouble()};
    }
  }];
  let hasVerifier = 1;
}

def Dlc_AttentionOp : Dlc_AttentionBase<"attention", (ins),
    (outs Dlc_FloatTensor:$y, Dlc_FloatTensor:$lse), ""> {
  let summary = "Scaled dot-product attention";
  let description = [{
    `q` is [batch..., S, depth], `k` [batch..., T, depth], `v` [batch..., T, width]; the queries'
    and keys' dimension stands at `axis`, so that [batch, S, heads, depth] needs no transpose:

    `score[b, i, j] = scale * sum over d of q[b, i, d] * k[b, j, d]`, plus `mask` where that is a
    float; `lse[b, i] = ln(sum over j of e^score[b, i, j])`;
    `y[b, i] = sum over j of e^(score[b, i, j] - lse[b, i]) * v[b, j]`.

    The scores have the dimensions [batch..., S, T]; dimension i of `mask` is dimension
    `mask_dims[i]` of theirs, and it is repeated along all others. Where a boolean mask is false,
    query i does not see key j: the key has no part in the sums. `causal`: query i sees no key
    j > i. A query that sees no key, or of which every score is -infinity, has `y = 0` and
    `lse = -infinity`; a score that is NaN or infinity makes the query's results NaN. A key of
    weight 0 has no part, whatever its value. Scores and weights are rounded to the type of `lse`:
    f16 and bf16 are computed in f32. No target stores the scores: memory is linear in S and T.

    With a `key`, weights are dropped: e^(score - lse) of query i and key j of batch b counts 0, or
    1 / (1 - `dropout`) times where element `[b..., i, j]` of `random_bernoulli` is true, of stream
    0 with probability 1 - `dropout`, over the scores' dimensions with T rounded up to a multiple
    of 4. `lse` is of all of them.

    Gradient: `dq, dk, dv = attention_grad(q, k, v, lse, sum(dy * y) - dlse, dy)`; that of a float
    mask is spelled out in other ops, which do store the scores.

    Constraints:
    - attention_c1: `q`, `k` and `v` have the same rank, at least 2; `axis` is within
      [0, rank - 1).
    - attention_c2: besides `axis` and the last dimension, the three have the same sizes; `k` has
      the depth of `q` and `v` the keys of `k`; depth and width are constants, at least 1.
    - attention_c3: `q`, `k` and `v` have the same element type.
    - attention_c4: `mask_dims` are increasing dimensions of the scores, one for each dimension of
      `mask`, which has the scores' size there.
    - attention_c5: `mask` is i1 or has the element type of `q`.
    - attention_c6: `scale` is finite.
    - attention_c7: `y` has the sizes of `q` with the width of `v`, and its element type; `lse`
      the sizes of `q` without the depth, f32 for f16 and bf16.
    - attention_c8: `dropout` is within [0, 1), and above 0 only with a `key`.
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$q, "mlir::Value":$k, "mlir::Value":$v,
      "mlir::Value":$mask, "mlir::Value":$key, "const AttentionGeometry &":$geometry)>];
  let onnxName = "Attention";
  let onnxSince = 23;
}

def Dlc_AttentionGradOp : Dlc_AttentionBase<"attention_grad",
    (ins Dlc_FloatTensor:$lse, Dlc_FloatTensor:$delta, Dlc_FloatTensor:$dy),
    (outs Dlc_FloatTensor:$dq, Dlc_FloatTensor:$dk, Dlc_FloatTensor:$dv),
    "`,` $lse `,` $delta `,` $dy"> {
  let summary = "Gradient of attention by queries, keys and values";
  let description = [{
    With the scores of `attention` and `p[b, i, j] = e^(score[b, i, j] - lse[b, i])` for the keys
    that a query sees, 0 for others and for a query whose `lse` is -infinity:

    `ds[b, i, j] = p * (sum over e of dy[b, i, e] * v[b, j, e] - delta[b, i])`;
    `dq = scale * sum over j of ds * k`, `dk = scale * sum over i of ds * q`,
    `dv = sum over i of p * dy`. Where that attention drops weights, the sum of `ds` and the `p`
    of `dv` count 0, or 1 / (1 - `dropout`) times.

    `delta` is `sum(dy * y)` over the last dimension, less the cotangent of `lse`. The scores are
    computed once more, a block at a time. Where `p` is 0, query and key have no part in each
    other's sums.

    Gradient: spelled out in other ops, which store the scores.

    Constraints:
    - attention_grad_c1: `q`, `k`, `v`, `mask`, `key` and the attributes meet attention_c1 to
      attention_c6, and attention_c8.
    - attention_grad_c2: `lse` and `delta` have the type of that attention's `lse`.
    - attention_grad_c3: `dy` has the type of its `y`.
    - attention_grad_c4: `dq`, `dk` and `dv` have the types of `q`, `k` and `v`.
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$q, "mlir::Value":$k, "mlir::Value":$v,
      "mlir::Value":$lse, "mlir::Value":$delta, "mlir::Value":$dy, "mlir::Value":$mask,
      "mlir::Value":$key, "const AttentionGeometry &":$geometry)>];
}

#endif // DLC_OPS_ATTENTION_TD
