// Ops that move elements without computing, and the sources of constants and sizes.
#ifndef DLC_OPS_SHAPE_TD
#define DLC_OPS_SHAPE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_ViewOp<string mnemonic, list<Trait> traits = [Dlc_Differentiable]>
    : Dlc_Op<mnemonic, "View", !listconcat([Pure], traits)>;

def Dlc_ReshapeOp : Dlc_ViewOp<"reshape"> {
  let summary = "The same elements under other sizes";
  let description = [{
    Elements keep their row-major order.

    Gradient: `dx = reshape(dy)`.

    Constraints:
    - reshape_c1: `x` and `y` have the same number of elements, as expressions.
    - reshape_c2: `x` and `y` have the same element type.
  }];
  let arguments = (ins Dlc_Tensor:$x);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x) `->` type($y)";
  let onnxName = "Reshape";
  let onnxSince = 14;
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_TransposeOp : Dlc_ViewOp<"transpose"> {
  let summary = "Dimensions in another order";
  let description = [{
    Dimension i of `y` is dimension `permutation[i]` of `x`.

    Gradient: transposes back.

    Constraints:
    - transpose_c1: `permutation` has each of 0 .. rank-1 once.
    - transpose_c2: `y` has the element type of `x` and its sizes permuted.
  }];
  let arguments = (ins Dlc_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x $permutation attr-dict `:` type($x) `->` type($y)";
  let builders = [OpBuilder<(ins "mlir::Value":$x, "llvm::ArrayRef<int64_t>":$permutation)>];
  let onnxName = "Transpose";
  let onnxSince = 13;
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_BroadcastOp : Dlc_ViewOp<"broadcast"> {
  let summary = "Repetition along new dimensions";
  let description = [{
    Dimension i of `x` becomes dimension `dims[i]` of `y`; along all others elements repeat.
    `broadcast %s to [] : tensor<f32> -> ...` fills a tensor with a scalar.

    Gradient: `dx = sum(dy)` over the new dimensions.

    Constraints:
    - broadcast_c1: `dims` has one entry per dimension of `x`, increasing, within the rank of `y`.
    - broadcast_c2: dimension `dims[i]` of `y` has the size of dimension i of `x`.
    - broadcast_c3: `x` and `y` have the same element type.
  }];
  let arguments = (ins Dlc_Tensor:$x, DenseI64ArrayAttr:$dims);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x `to` $dims attr-dict `:` type($x) `->` type($y)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_SliceOp : Dlc_ViewOp<"slice"> {
  let summary = "A rectangular part, with strides";
  let description = [{
    Element i along a dimension is element `start + i * stride` of `x`; there are
    `ceil((limit - start) / stride)` of them.

    Gradient: `dy` padded with zeros (stride - 1 between elements).

    Constraints:
    - slice_c1: `starts`, `limits` and `strides` have one entry per dimension.
    - slice_c2: strides are at least 1.
    - slice_c3: 0 <= start <= limit <= size where all three are constants.
    - slice_c4: `y` has the sizes above and the element type of `x`.
  }];
  let arguments = (ins Dlc_Tensor:$x, Dlc_DimsAttr:$starts, Dlc_DimsAttr:$limits,
                       DenseI64ArrayAttr:$strides);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $x `from` custom<Sizes>($starts) `to` custom<Sizes>($limits) `by` $strides attr-dict `:` type($x) `->` type($y)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "llvm::ArrayRef<SizeAttr>":$starts,
      "llvm::ArrayRef<SizeAttr>":$limits, "llvm::ArrayRef<int64_t>":$strides)>];
  let onnxName = "Slice";
  let onnxSince = 13;
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_DynamicSliceOp : Dlc_ViewOp<"dynamic_slice"> {
  let summary = "A part that begins where index operands say";
  let description = [{
    The sizes are those of `y`; each start is clamped to [0, size of x - size of y].

    Gradient: `dx = dynamic_update_slice(zeros, dy)`.

    Constraints:
    - dynamic_slice_c1: there is one scalar index per dimension.
    - dynamic_slice_c2: `y` has the rank and element type of `x`.
    - dynamic_slice_c3: no constant size of `y` exceeds that of `x`.
  }];
  let arguments = (ins Dlc_Tensor:$x, Variadic<Dlc_ScalarOf<Dlc_IndexTensor>>:$indices);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $x `at` `(` $indices `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_DynamicUpdateSliceOp : Dlc_Op<"dynamic_update_slice", "Update", [Pure, Dlc_Differentiable]> {
  let summary = "A tensor with a part replaced";
  let description = [{
    `y` is `x` with `update` at the starts that the index operands say, clamped to [0, size of
    x - size of update]. The planner makes it in place when `x` is not read afterwards.

    Gradient: `dx = dy` with zeros in the part, `dupdate = dynamic_slice(dy)`.

    Constraints:
    - dynamic_update_slice_c1: there is one scalar index per dimension.
    - dynamic_update_slice_c2: `update` has the rank and element type of `x`.
    - dynamic_update_slice_c3: no constant size of `update` exceeds that of `x`.
    - dynamic_update_slice_c4: `y` has the type of `x`.
  }];
  let arguments = (ins Dlc_Tensor:$x, Dlc_Tensor:$update,
                       Variadic<Dlc_ScalarOf<Dlc_IndexTensor>>:$indices);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $update `at` `(` $indices `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_PadOp : Dlc_ViewOp<"pad"> {
  let summary = "A border, and gaps between elements";
  let description = [{
    `low` elements before, `high` after and `interior` between each two elements of a
    dimension, all equal to the scalar `value`.

    Gradient: `dx = slice(dy)`, `dvalue = sum(dy) - sum(dx)`.

    Constraints:
    - pad_c1: `low`, `high` and `interior` have one entry per dimension.
    - pad_c2: constant amounts are not negative.
    - pad_c3: `value` has the element type of `x`.
    - pad_c4: `y` has size low + n + max(n - 1, 0) * interior + high and the element type of `x`.
  }];
  let arguments = (ins Dlc_Tensor:$x, Dlc_ScalarOf<Dlc_Tensor>:$value, Dlc_DimsAttr:$low,
                       Dlc_DimsAttr:$high, DenseI64ArrayAttr:$interior);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $value `low` custom<Sizes>($low) `high` custom<Sizes>($high) `interior` $interior attr-dict
    `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$value,
      "llvm::ArrayRef<SizeAttr>":$low, "llvm::ArrayRef<SizeAttr>":$high,
      "llvm::ArrayRef<int64_t>":$interior)>];
  let hasVerifier = 1;
}

def Dlc_ConcatOp : Dlc_ViewOp<"concat"> {
  let summary = "Tensors one after the other along an axis";
  let description = [{
    The size along `axis` is the sum of the operands' sizes.

    Gradient: each operand takes its slice of `dy`.

    Constraints:
    - concat_c1: `axis` is within [0, rank).
    - concat_c2: there is at least one input; all have the same element type and rank.
    - concat_c3: all sizes but those along `axis` are equal.
    - concat_c4: `y` has the sizes above.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $inputs `axis` $axis attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::ValueRange":$inputs, "int64_t":$axis)>];
  let onnxName = "Concat";
  let onnxSince = 13;
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_ReverseOp : Dlc_ViewOp<"reverse"> {
  let summary = "Elements in opposite order along axes";
  let description = [{
    Element i along each of `axes` is element `size - 1 - i` of `x`.

    Gradient: reverses back.

    Constraints:
    - reverse_c1: `axes` are within [0, rank), in increasing order, without repetition.
    - reverse_c2: `x` and `y` have the same type.
  }];
  let arguments = (ins Dlc_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$x `over` $axes attr-dict `:` type($x) `->` type($y)";
  let builders = [OpBuilder<(ins "mlir::Value":$x, "llvm::ArrayRef<int64_t>":$axes)>];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dlc_ConstantOp : Dlc_Op<"constant", "Source",
    [Pure, ConstantLike, AllTypesMatch<["value", "y"]>, Dlc_ZeroGradient]> {
  let summary = "A constant of static shape";
  let description = [{
    Only small ones are written inline; a tensor of one value is a scalar constant that is
    broadcast, for static and symbolic sizes alike.

    Gradient: zero.

    Constraints:
    - constant_c1: `y` has the type of `value`.
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "attr-dict $value";
  let builders = [OpBuilder<(ins "mlir::ElementsAttr":$value),
                            [{ build($_builder, $_state, value.getType(), value); }]>];
  let onnxName = "Constant";
  let onnxSince = 13;
  let hasFolder = 1;
}

def Dlc_SizeOp : Dlc_Op<"size", "Source", [Pure, Dlc_ZeroGradient]> {
  let summary = "A size, as a value";
  let description = [{
    The product of the sizes `dims`, converted to the element type of `y`; 1 for none.

    Gradient: zero.

    Constraints:
    - size_c1: `y` is a scalar of f32, f64, i32 or i64.
  }];
  let arguments = (ins Dlc_DimsAttr:$dims);
  let results = (outs Dlc_ScalarOf<Dlc_TensorOf<AnyTypeOf<[F32, F64, I32, I64]>, "f32, f64, i32 or i64">>:$y);
  let assemblyFormat = "custom<Sizes>($dims) attr-dict `:` type($y)";
  let hasFolder = 1;
}

#endif // DLC_OPS_SHAPE_TD
