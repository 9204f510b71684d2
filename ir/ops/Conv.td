// Convolutions and their two gradients: channels last, 1 to 3 spatial dimensions.
#ifndef DLC_OPS_CONV_TD
#define DLC_OPS_CONV_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

// Attributes, text and accessors that the three ops share. `first` and `second` are operands.
class Dlc_ConvBase<string mnemonic, string first, string second, string result>
    : Dlc_Op<mnemonic, "Convolution", [Pure, Dlc_Differentiable]> {
  let arguments = !con(
      !dag(ins, [Dlc_FloatTensor, Dlc_FloatTensor], [first, second]),
      (ins DenseI64ArrayAttr:$strides, Dlc_DimsAttr:$pad_low, Dlc_DimsAttr:$pad_high,
           DenseI64ArrayAttr:$dilations, DefaultValuedAttr<I64Attr, "1">:$groups));
  let results = !dag(outs, [Dlc_FloatTensor], [result]);
  let assemblyFormat = "$" # first # " `,` $" # second # [{
    `strides` $strides `low` custom<Sizes>($pad_low) `high` custom<Sizes>($pad_high)
    `dilations` $dilations (`groups` $groups^)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Strides, padding, dilations and groups, as one value.
    ConvGeometry getGeometry() {
      return {getStrides(), getDilations(), getPadLow().getSizes(), getPadHigh().getSizes(),
              int64_t(getGroups())};
    }
  }];
  let hasVerifier = 1;
}

def Dlc_ConvOp : Dlc_ConvBase<"conv", "x", "filter", "y"> {
  let summary = "Convolution (cross-correlation)";
  let description = [{
    `x` is [N, spatial..., C], `filter` [k..., C / groups, O], `y` [N, out..., O]:
    `y[n, p, o] = sum over t, c of x[n, p * stride + t * dilation - pad_low, g * C/groups + c] *
    filter[t, c, o]`, where g is the group of filter o. Padding is not part of the sum: only terms
    whose position of x exists are added. That equals zeros around x for every finite filter, and
    lets no NaN or infinity of the filter through where it meets padding alone. Both gradients
    are sums of the same terms.
    `out = floor((size + pad_low + pad_high - (k - 1) * dilation - 1) / stride) + 1`.
    f16 and bf16 accumulate in f32 and round once; the result may be stated as f32.

    Gradient: `dx = conv_input_grad(dy, filter)`, `dfilter = conv_filter_grad(x, dy)`.

    Constraints:
    - conv_c1: `x` has rank 3 to 5, and `filter` the same rank.
    - conv_c2: `strides`, `dilations`, `pad_low`, `pad_high` have one entry per spatial dimension.
    - conv_c3: strides and dilations are at least 1, constant padding is not negative.
    - conv_c4: the filter's spatial sizes are constants, at least 1.
    - conv_c5: `x` has `groups` times the channels of the filter; `groups` divides the number of
      filters, which is constant for more than one group.
    - conv_c6: the window fits: no constant output size is negative.
    - conv_c7: `x` and `filter` have the same element type.
    - conv_c8: `y` has the sizes above and the element type of `x`, or f32 for f16 and bf16.
  }];
  let builders = [
    OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$filter, "llvm::ArrayRef<int64_t>":$strides,
        "llvm::ArrayRef<SizeAttr>":$padLow, "llvm::ArrayRef<SizeAttr>":$padHigh,
        "llvm::ArrayRef<int64_t>":$dilations, CArg<"int64_t", "1">:$groups,
        CArg<"mlir::Type", "{}">:$elementType)>,
    OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$filter, "const ConvGeometry &":$geometry,
        CArg<"mlir::Type", "{}">:$elementType)>];
  let onnxName = "Conv";
  let onnxSince = 11;
}

def Dlc_ConvInputGradOp : Dlc_ConvBase<"conv_input_grad", "dy", "filter", "dx"> {
  let summary = "Gradient of a convolution by its input; transposed convolution";
  let description = [{
    The transpose of `x -> conv(x, filter)` applied to `dy`: every element of `dy` adds its
    filter to `dx` where the convolution read. Elements of `dx` that no window covers are 0, and
    no element of `dy` or `filter` has a part in an element of `dx` by way of padding or stride.

    Gradient: `ddy = conv(ddx, filter)`, `dfilter = conv_filter_grad(ddx, dy)`.

    Constraints:
    - conv_input_grad_c1: `dx` and `filter` meet conv_c1 to conv_c6 as operands of `conv`.
    - conv_input_grad_c2: `dy` has the sizes of that convolution's result.
    - conv_input_grad_c3: `dy` and `filter` have the same element type.
    - conv_input_grad_c4: `dx` has that element type, or f32 for f16 and bf16.
  }];
  let builders = [OpBuilder<(ins "mlir::Type":$dx, "mlir::Value":$dy, "mlir::Value":$filter,
      "const ConvGeometry &":$geometry)>];
}

def Dlc_ConvFilterGradOp : Dlc_ConvBase<"conv_filter_grad", "x", "dy", "dfilter"> {
  let summary = "Gradient of a convolution by its filter";
  let description = [{
    `dfilter[t, c, o] = sum over n, p of x[n, p * stride + t * dilation - pad_low, c] *
    dy[n, p, o]`, within groups as `conv`, over the terms whose position of x exists; 0 for an
    empty batch.

    Gradient: `dx = conv_input_grad(dy, ddfilter)`, `ddy = conv(x, ddfilter)`.

    Constraints:
    - conv_filter_grad_c1: `x` and `dfilter` meet conv_c1 to conv_c6 as operands of `conv`.
    - conv_filter_grad_c2: `dy` has the sizes of that convolution's result.
    - conv_filter_grad_c3: `x` and `dy` have the same element type.
    - conv_filter_grad_c4: `dfilter` has that element type, or f32 for f16 and bf16.
  }];
  let builders = [OpBuilder<(ins "mlir::Type":$dfilter, "mlir::Value":$x, "mlir::Value":$dy,
      "const ConvGeometry &":$geometry)>];
}

#endif // DLC_OPS_CONV_TD
