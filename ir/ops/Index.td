// Ops that read or write elements where index operands say, and the sources of indices.
#ifndef DLC_OPS_INDEX_TD
#define DLC_OPS_INDEX_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_GatherOp : Dlc_Op<"gather", "Gather", [Pure, Dlc_Differentiable]> {
  let summary = "Slices of a tensor, picked by index";
  let description = [{
    NumPy's `take`: the sizes of `y` are those of `x` with `axis` replaced by all dimensions of
    `indices`; `y[.., i.., ..] = x[.., indices[i..], ..]`. An index outside the axis is clamped
    to its ends; reading an empty axis gives zeros.

    Gradient: `dx = scatter_add(zeros, clamped indices, dy)`.

    Constraints:
    - gather_c1: `axis` is within [0, rank of x).
    - gather_c2: `y` has the sizes above and the element type of `x`.
    - gather_c3: `indices` are i32 or i64.
  }];
  let arguments = (ins Dlc_Tensor:$x, Dlc_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = [{
    $x `,` $indices `axis` $axis attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$indices, "int64_t":$axis)>];
  let onnxName = "Gather";
  let onnxSince = 13;
  let hasVerifier = 1;
}

def Dlc_ScatterAddOp : Dlc_Op<"scatter_add", "Scatter", [Pure, Dlc_Differentiable]> {
  let summary = "A tensor plus updates at indices";
  let description = [{
    `y` is `x`, to which each slice of `updates` is added at the place along `axis` that its
    index says; the reverse of `gather`. An update whose index is outside the axis is dropped.
    Updates of one place are added in the order in which they stand, after each other, so that
    the result does not depend on the number of threads.

    Gradient: `dx = dy`, `dupdates = gather(dy, indices)`, zero where the index is outside.

    Constraints:
    - scatter_add_c1: `axis` is within [0, rank of x).
    - scatter_add_c2: `updates` has the sizes that `gather` would give, and the element type of `x`.
    - scatter_add_c3: `y` has the type of `x`.
    - scatter_add_c4: `indices` are i32 or i64, `x` are numbers.
  }];
  let arguments = (ins Dlc_NumberTensor:$x, Dlc_IndexTensor:$indices, Dlc_NumberTensor:$updates,
                       I64Attr:$axis);
  let results = (outs Dlc_NumberTensor:$y);
  let assemblyFormat = [{
    $x `,` $indices `,` $updates `axis` $axis attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$indices, "mlir::Value":$updates,
                                 "int64_t":$axis)>];
  let hasVerifier = 1;
}

def Dlc_OneHotOp : Dlc_Op<"one_hot", "Composite", [Pure, Dlc_ZeroGradient]> {
  let summary = "Rows of zeros with a one where an index says";
  let description = [{
    `y[i.., d] = 1 if indices[i..] = d, else 0`. An index outside the last dimension gives a row
    of zeros.

    Gradient: zero.

    Constraints:
    - one_hot_c1: `y` has the sizes of `indices` and one more dimension at the end.
    - one_hot_c2: `indices` are i32 or i64.
  }];
  let arguments = (ins Dlc_IndexTensor:$indices);
  let results = (outs Dlc_Tensor:$y);
  let assemblyFormat = "$indices attr-dict `:` type($indices) `->` type($y)";
  let hasVerifier = 1;
}

def Dlc_IotaOp : Dlc_Op<"iota", "Source", [Pure, Dlc_ZeroGradient]> {
  let summary = "Positions along an axis";
  let description = [{
    Every element is its index along `axis`, converted to the element type (integers wrap,
    floats round to nearest even).

    Gradient: zero.

    Constraints:
    - iota_c1: `axis` is within [0, rank).
    - iota_c2: the element type is a number.
  }];
  let arguments = (ins I64Attr:$axis);
  let results = (outs Dlc_NumberTensor:$y);
  let assemblyFormat = "$axis attr-dict `:` type($y)";
  let hasVerifier = 1;
}

#endif // DLC_OPS_INDEX_TD
