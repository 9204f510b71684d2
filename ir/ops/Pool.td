// Pools over windows and their gradients: channels last, 1 to 3 spatial dimensions.
#ifndef DLC_OPS_POOL_TD
#define DLC_OPS_POOL_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_WinnerTensor : Dlc_TensorOf<I8, "i8">;

class Dlc_WindowOp<string mnemonic, Trait gradient, list<Type> types, list<string> operands,
                   Type resultType, string result>
    : Dlc_Op<mnemonic, "Window", [Pure, gradient]> {
  let arguments = !con(
      !dag(ins, types, operands),
      (ins DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides, Dlc_DimsAttr:$pad_low,
           Dlc_DimsAttr:$pad_high));
  let results = !dag(outs, [resultType], [result]);
  let assemblyFormat = !interleave(!foreach(name, operands, "$" # name), " `,` ") # [{
    `window` $window `strides` $strides `low` custom<Sizes>($pad_low)
    `high` custom<Sizes>($pad_high) attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Window, strides and padding, as one value.
    PoolGeometry getGeometry() {
      return {getWindow(), getStrides(), getPadLow().getSizes(), getPadHigh().getSizes()};
    }
  }];
  let hasVerifier = 1;
}

class Dlc_PoolBase<string mnemonic, list<string> operands, string result>
    : Dlc_WindowOp<mnemonic, Dlc_Differentiable, !foreach(name, operands, Dlc_FloatTensor),
                   operands, Dlc_FloatTensor, result>;

class Dlc_PoolOp<string mnemonic> : Dlc_PoolBase<mnemonic, ["x"], "y"> {
  let builders = [
    OpBuilder<(ins "mlir::Value":$x, "llvm::ArrayRef<int64_t>":$window,
        "llvm::ArrayRef<int64_t>":$strides, "llvm::ArrayRef<SizeAttr>":$padLow,
        "llvm::ArrayRef<SizeAttr>":$padHigh)>,
    OpBuilder<(ins "mlir::Value":$x, "const PoolGeometry &":$geometry)>];
  let hasFolder = 1;
}

def Dlc_MaxPoolOp : Dlc_PoolOp<"max_pool"> {
  let summary = "Largest element of every window";
  let description = [{
    `x` is [N, spatial..., C], `y` [N, out..., C] with
    `out = floor((size + pad_low + pad_high - window) / stride) + 1`. Padding takes no part; NaN
    if any element is NaN; -infinity where a window holds no element (an empty dimension).

    Gradient: `dx = max_pool_scatter(max_pool_winners(x), dy)`: to the first largest element.
    Windows of one element, and of more than a byte counts, take `max_pool_grad(x, dy)`.

    Constraints:
    - max_pool_c1: `x` has rank 3 to 5.
    - max_pool_c2: `window`, `strides`, `pad_low`, `pad_high` have one entry per spatial dimension.
    - max_pool_c3: windows and strides are at least 1; constant padding is not negative and
      smaller than the window.
    - max_pool_c4: no constant output size is negative.
    - max_pool_c5: `y` has the sizes above and the element type of `x`.
  }];
  let onnxName = "MaxPool";
  let onnxSince = 12;
}

def Dlc_AvgPoolOp : Dlc_PoolOp<"avg_pool"> {
  let summary = "Mean of every window";
  let description = [{
    As `max_pool`, with the sum of a window's elements divided by their number: padding is not
    counted. NaN where a window holds no element (an empty dimension). f16 and bf16 accumulate
    in f32.

    Gradient: `dx = avg_pool_grad(dy)`.

    Constraints:
    - avg_pool_c1: `x` has rank 3 to 5.
    - avg_pool_c2: `window`, `strides`, `pad_low`, `pad_high` have one entry per spatial dimension.
    - avg_pool_c3: windows and strides are at least 1; constant padding is not negative and
      smaller than the window.
    - avg_pool_c4: no constant output size is negative.
    - avg_pool_c5: `y` has the sizes above and the element type of `x`.
  }];
  let onnxName = "AveragePool";
  let onnxSince = 11;
}

def Dlc_MaxPoolGradOp : Dlc_PoolBase<"max_pool_grad", ["x", "dy"], "dx"> {
  let summary = "Gradient of max_pool";
  let description = [{
    Every element of `dy` is added to `dx` at the first largest element (in row-major order) of
    its window in `x`; the first NaN counts as the largest. Other elements are 0, and a window
    without elements adds nothing.

    Gradient: `ddy` takes the elements of `ddx` at the same places; by `x` it is zero, since the
    places change on a set of measure zero only.

    Constraints:
    - max_pool_grad_c1: `x` and the attributes meet max_pool_c1 to max_pool_c4.
    - max_pool_grad_c2: `dy` has the sizes of that pool's result and the element type of `x`.
    - max_pool_grad_c3: `dx` has the type of `x`.
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "mlir::Value":$dy,
                                 "const PoolGeometry &":$geometry)>];
}

def Dlc_MaxPoolWinnersOp : Dlc_WindowOp<"max_pool_winners", Dlc_ZeroGradient, [Dlc_FloatTensor],
                                        ["x"], Dlc_WinnerTensor, "winners"> {
  let summary = "Which element of every window max_pool takes";
  let description = [{
    For every element of `max_pool(x)` the number, within its window, of the first largest
    element; the first NaN counts as the largest. Positions of a window are numbered in row-major
    order, padding included, so that `window = [3, 3]` has 0 to 8 and the one in the middle is 4.
    -1 where a window holds no element (an empty dimension).

    A byte for each window is all that the gradient of `max_pool` needs to keep of `x`. One kernel
    computes both.

    Gradient: zero.

    Constraints:
    - max_pool_winners_c1: `x` and the attributes meet max_pool_c1 to max_pool_c4.
    - max_pool_winners_c2: a window has at most 128 positions.
    - max_pool_winners_c3: `winners` has the sizes of that pool's result.
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$x, "const PoolGeometry &":$geometry)>];
}

def Dlc_MaxPoolScatterOp
    : Dlc_WindowOp<"max_pool_scatter", Dlc_Differentiable, [Dlc_WinnerTensor, Dlc_FloatTensor],
                   ["winners", "dy"], Dlc_FloatTensor, "dx"> {
  let summary = "Gradient of max_pool from what max_pool_winners kept";
  let description = [{
    Every element of `dy` is added to `dx` at the position of its window that `winners` says.
    Other elements are 0. A number that names no position, or one in the padding, adds nothing.

    Gradient: `ddy` takes the elements of `ddx` at the same places.

    Constraints:
    - max_pool_scatter_c1: `dx` and the attributes meet max_pool_c1 to max_pool_c4.
    - max_pool_scatter_c2: a window has at most 128 positions.
    - max_pool_scatter_c3: `dy` has the sizes of that pool's result and the element type of `dx`.
    - max_pool_scatter_c4: `winners` has the sizes of `dy`.
  }];
  let builders = [OpBuilder<(ins "mlir::Type":$dx, "mlir::Value":$winners, "mlir::Value":$dy,
                                 "const PoolGeometry &":$geometry)>];
}

def Dlc_AvgPoolGradOp : Dlc_PoolBase<"avg_pool_grad", ["dy"], "dx"> {
  let summary = "Gradient of avg_pool";
  let description = [{
    Every element of `dy`, divided by the number of elements in its window, is added to each of
    them in `dx`.

    Gradient: `ddy = avg_pool(ddx)`.

    Constraints:
    - avg_pool_grad_c1: `dx` and the attributes meet avg_pool_c1 to avg_pool_c4.
    - avg_pool_grad_c2: `dy` has the sizes of that pool's result and the element type of `dx`.
  }];
  let builders = [OpBuilder<(ins "mlir::Type":$dx, "mlir::Value":$dy,
                                 "const PoolGeometry &":$geometry)>];
}

#endif // DLC_OPS_POOL_TD
