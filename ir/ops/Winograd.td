// Convolutions by Winograd's minimal filtering, as two ops: a filter that is transformed once, and
// the convolution that reads it.
#ifndef DLC_OPS_WINOGRAD_TD
#define DLC_OPS_WINOGRAD_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_WinogradFilterOp
    : Dlc_Op<"winograd_filter", "Convolution", [Pure, Dlc_NonDifferentiable]> {
  let summary = "A 3x3 filter as winograd_conv reads it";
  let description = [{
    `filter` is [3, 3, C, O]; `panels` is [16, P, C, W], where P panels of W columns hold the O
    filters, the last ones padded with zeros:
    `panels[4 * i + j, p, c, w] = sum over s, t of G[i, s] * G[j, t] * filter[s, t, c, p * W + w]`
    with `G = [[1, 0, 0], [1/2, 1/2, 1/2], [1/2, -1/2, 1/2], [0, 0, 1]]` (Lavin and Gray, "Fast
    Algorithms for Convolutional Neural Networks", F(2x2, 3x3)).

    Gradient: not differentiable; `--dlc-winograd` writes it behind all gradients.

    Constraints:
    - winograd_filter_c1: `filter` has constant sizes [3, 3, C, O], none of them 0, and elements of
      type f32 or f64.
    - winograd_filter_c2: `panels` is [16, P, C, W] of the same element type, and P panels of W
      columns hold O filters, P - 1 do not.
  }];
  let arguments = (ins Dlc_FloatTensor:$filter);
  let results = (outs Dlc_FloatTensor:$panels);
  let assemblyFormat = "$filter attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "mlir::Value":$filter, "int64_t":$panelWidth)>];
  let hasVerifier = 1;
}

def Dlc_WinogradConvOp : Dlc_Op<"winograd_conv", "Convolution", [Pure, Dlc_NonDifferentiable]> {
  let summary = "A 3x3 convolution without strides in 4/9 of the multiplications";
  let description = [{
    `x` is [N, H, W, C], `panels` what `winograd_filter` made of a filter [3, 3, C, O], `y`
    [N, H + low + high - 2, W + low + high - 2, O]:
    `winograd_conv(x, winograd_filter(f)) = conv(x, f)` for strides and dilations of 1, up to
    rounding. Each 2x2 elements of a channel of y are sixteen sums over the channels of x, of
    differences of 4x4 elements of x times the panels. The error is no larger than that of the sums
    of conv, which have nine times as many terms. Where x is not finite, the elements of y that
    read it are what conv makes of them; with an infinite or NaN filter all that meet it are NaN.

    Gradient: not differentiable; `--dlc-winograd` writes it behind all gradients.

    Constraints:
    - winograd_conv_c1: `x` has rank 4, `panels` is [16, P, C, W] with as many channels C as x.
    - winograd_conv_c2: `pad_low` and `pad_high` have two entries, constants from 0 to 2.
    - winograd_conv_c3: `y` has the sizes above, and P panels of W columns hold its O channels,
      P - 1 do not.
    - winograd_conv_c4: all three have the same element type, f32 or f64.
  }];
  let arguments = (ins Dlc_FloatTensor:$x, Dlc_FloatTensor:$panels, Dlc_DimsAttr:$pad_low,
                       Dlc_DimsAttr:$pad_high);
  let results = (outs Dlc_FloatTensor:$y);
  let assemblyFormat = [{
    $x `,` $panels `low` custom<Sizes>($pad_low) `high` custom<Sizes>($pad_high) attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // DLC_OPS_WINOGRAD_TD
