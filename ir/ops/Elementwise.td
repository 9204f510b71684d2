// Elementwise arithmetic and math. Operands and result have one type: sizes never broadcast.
#ifndef DLC_OPS_ELEMENTWISE_TD
#define DLC_OPS_ELEMENTWISE_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_UnaryOp<string mnemonic, Type tensor, list<Trait> traits>
    : Dlc_Op<mnemonic, "Pointwise", !listconcat([Pure, SameOperandsAndResultType], traits)> {
  let arguments = (ins tensor:$x);
  let results = (outs tensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
class Dlc_FloatUnaryOp<string mnemonic, list<Trait> traits = [Dlc_Differentiable]>
    : Dlc_UnaryOp<mnemonic, Dlc_FloatTensor, traits>;
class Dlc_NumberUnaryOp<string mnemonic, list<Trait> traits = [Dlc_Differentiable]>
    : Dlc_UnaryOp<mnemonic, Dlc_NumberTensor, traits>;

class Dlc_BinaryOp<string mnemonic, Type tensor, list<Trait> traits>
    : Dlc_Op<mnemonic, "Pointwise", !listconcat([Pure, SameOperandsAndResultType], traits)> {
  let arguments = (ins tensor:$a, tensor:$b);
  let results = (outs tensor:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}
class Dlc_NumberBinaryOp<string mnemonic, list<Trait> traits = [Dlc_Differentiable]>
    : Dlc_BinaryOp<mnemonic, Dlc_NumberTensor, traits>;

def Dlc_NegOp : Dlc_NumberUnaryOp<"neg"> {
  let summary = "Negation of every element";
  let description = [{
    `y = -x`; flips the sign of zeros and NaNs too. Integers wrap.

    Gradient: `dx = -dy`.

    Constraints:
    - neg_c1: `x` and `y` have the same type.
    - neg_c2: the element type is a number.
  }];
  let onnxName = "Neg";
  let onnxSince = 6;
  let hasFolder = 1;
}

def Dlc_AbsOp : Dlc_NumberUnaryOp<"abs"> {
  let summary = "Magnitude of every element";
  let description = [{
    `y = |x|`; NaN stays NaN, |-0| is 0. The least signed integer wraps to itself.

    Gradient: `dx = dy * sign(x)`, 0 at 0.

    Constraints:
    - abs_c1: `x` and `y` have the same type.
    - abs_c2: the element type is a number.
  }];
  let onnxName = "Abs";
  let onnxSince = 6;
  let hasFolder = 1;
}

def Dlc_SignOp : Dlc_NumberUnaryOp<"sign", [Dlc_ZeroGradient]> {
  let summary = "Sign of every element: -1, 0 or 1";
  let description = [{
    `y = -1, 0 or 1`; zeros keep their sign, NaN stays NaN.

    Gradient: zero.

    Constraints:
    - sign_c1: `x` and `y` have the same type.
    - sign_c2: the element type is a number.
  }];
  let onnxName = "Sign";
  let onnxSince = 9;
  let hasFolder = 1;
}

def Dlc_ExpOp : Dlc_FloatUnaryOp<"exp"> {
  let summary = "Exponential of every element";
  let description = [{
    `y = e^x`. Overflows to infinity above 88.72 in f32, goes through subnormals to 0 below
    -87.33; NaN stays NaN.

    Gradient: `dx = dy * y`, from the result.

    Constraints:
    - exp_c1: `x` and `y` have the same type.
    - exp_c2: the element type is a float.
  }];
  let onnxName = "Exp";
  let onnxSince = 6;
}

def Dlc_Expm1Op : Dlc_FloatUnaryOp<"expm1"> {
  let summary = "Exponential minus one";
  let description = [{
    `y = e^x - 1`, accurate near 0; -1 for very negative x; NaN stays NaN.

    Gradient: `dx = dy * (y + 1)`, from the result.

    Constraints:
    - expm1_c1: `x` and `y` have the same type.
    - expm1_c2: the element type is a float.
  }];
}

def Dlc_LogOp : Dlc_FloatUnaryOp<"log"> {
  let summary = "Natural logarithm of every element";
  let description = [{
    `y = ln x`; -infinity at zeros, NaN below zero and for NaN, infinity at infinity.
    Subnormal arguments are exact to the stated accuracy.

    Gradient: `dx = dy / x`.

    Constraints:
    - log_c1: `x` and `y` have the same type.
    - log_c2: the element type is a float.
  }];
  let onnxName = "Log";
  let onnxSince = 6;
}

def Dlc_Log1pOp : Dlc_FloatUnaryOp<"log1p"> {
  let summary = "Logarithm of one plus every element";
  let description = [{
    `y = ln(1 + x)`, accurate near 0; -infinity at -1, NaN below.

    Gradient: `dx = dy / (1 + x)`.

    Constraints:
    - log1p_c1: `x` and `y` have the same type.
    - log1p_c2: the element type is a float.
  }];
}

def Dlc_SqrtOp : Dlc_FloatUnaryOp<"sqrt"> {
  let summary = "Square root of every element";
  let description = [{
    `y = sqrt(x)`, correctly rounded; sqrt(-0) is -0, NaN below zero.

    Gradient: `dx = dy / (2 * y)`, from the result; infinite at 0.

    Constraints:
    - sqrt_c1: `x` and `y` have the same type.
    - sqrt_c2: the element type is a float.
  }];
  let onnxName = "Sqrt";
  let onnxSince = 6;
}

def Dlc_RsqrtOp : Dlc_FloatUnaryOp<"rsqrt"> {
  let summary = "Reciprocal square root of every element";
  let description = [{
    `y = 1 / sqrt(x)`: infinity at 0 (-infinity at -0), 0 at infinity, NaN below zero.

    Gradient: `dx = -dy * y * y * y / 2`, from the result.

    Constraints:
    - rsqrt_c1: `x` and `y` have the same type.
    - rsqrt_c2: the element type is a float.
  }];
}

def Dlc_ReciprocalOp : Dlc_FloatUnaryOp<"reciprocal"> {
  let summary = "Reciprocal of every element";
  let description = [{
    `y = 1 / x`, correctly rounded; infinities of the zero's sign at zeros.

    Gradient: `dx = -dy * y * y`, from the result.

    Constraints:
    - reciprocal_c1: `x` and `y` have the same type.
    - reciprocal_c2: the element type is a float.
  }];
  let onnxName = "Reciprocal";
  let onnxSince = 6;
}

def Dlc_TanhOp : Dlc_FloatUnaryOp<"tanh"> {
  let summary = "Hyperbolic tangent of every element";
  let description = [{
    `y = tanh(x)`. Saturates to exactly 1 or -1 for |x| > 9.02 in f32; NaN stays NaN.

    Gradient: `dx = dy * (1 - y*y)`, from the result, so `x` need not be kept.

    Constraints:
    - tanh_c1: `x` and `y` have the same type.
    - tanh_c2: the element type is a float.
  }];
  let onnxName = "Tanh";
  let onnxSince = 6;
}

def Dlc_SigmoidOp : Dlc_FloatUnaryOp<"sigmoid"> {
  let summary = "Logistic function of every element";
  let description = [{
    `y = 1 / (1 + e^-x)`; 1 for large x, through subnormals to 0 for very negative x; NaN stays NaN.

    Gradient: `dx = dy * y * (1 - y)`, from the result.

    Constraints:
    - sigmoid_c1: `x` and `y` have the same type.
    - sigmoid_c2: the element type is a float.
  }];
  let onnxName = "Sigmoid";
  let onnxSince = 6;
}

def Dlc_ErfOp : Dlc_FloatUnaryOp<"erf"> {
  let summary = "Error function of every element";
  let description = [{
    `y = 2/sqrt(pi) * integral of e^(-t*t) from 0 to x`; +-1 beyond |x| > 3.92 in f32; NaN stays NaN.

    Gradient: `dx = dy * 2/sqrt(pi) * e^(-x*x)`.

    Constraints:
    - erf_c1: `x` and `y` have the same type.
    - erf_c2: the element type is a float.
  }];
  let onnxName = "Erf";
  let onnxSince = 9;
}

def Dlc_SinOp : Dlc_FloatUnaryOp<"sin"> {
  let summary = "Sine of every element";
  let description = [{
    `y = sin(x)`, x in radians, reduced exactly for every finite x; NaN at infinities.

    Gradient: `dx = dy * cos(x)`.

    Constraints:
    - sin_c1: `x` and `y` have the same type.
    - sin_c2: the element type is a float.
  }];
  let onnxName = "Sin";
  let onnxSince = 7;
}

def Dlc_CosOp : Dlc_FloatUnaryOp<"cos"> {
  let summary = "Cosine of every element";
  let description = [{
    `y = cos(x)`, x in radians, reduced exactly for every finite x; NaN at infinities.

    Gradient: `dx = -dy * sin(x)`.

    Constraints:
    - cos_c1: `x` and `y` have the same type.
    - cos_c2: the element type is a float.
  }];
  let onnxName = "Cos";
  let onnxSince = 7;
}

class Dlc_RoundingOp<string mnemonic> : Dlc_FloatUnaryOp<mnemonic, [Dlc_ZeroGradient]>;

def Dlc_FloorOp : Dlc_RoundingOp<"floor"> {
  let summary = "Largest integer not above every element";
  let description = [{
    `y = floor(x)`; zeros, infinities and NaN stay.

    Gradient: zero.

    Constraints:
    - floor_c1: `x` and `y` have the same type.
    - floor_c2: the element type is a float.
  }];
  let onnxName = "Floor";
  let onnxSince = 6;
  let hasFolder = 1;
}

def Dlc_CeilOp : Dlc_RoundingOp<"ceil"> {
  let summary = "Smallest integer not below every element";
  let description = [{
    `y = ceil(x)`; zeros, infinities and NaN stay.

    Gradient: zero.

    Constraints:
    - ceil_c1: `x` and `y` have the same type.
    - ceil_c2: the element type is a float.
  }];
  let onnxName = "Ceil";
  let onnxSince = 6;
  let hasFolder = 1;
}

def Dlc_RoundOp : Dlc_RoundingOp<"round"> {
  let summary = "Nearest integer, halves to the even one";
  let description = [{
    `y = round(x)`, ties to even; zeros, infinities and NaN stay.

    Gradient: zero.

    Constraints:
    - round_c1: `x` and `y` have the same type.
    - round_c2: the element type is a float.
  }];
  let onnxName = "Round";
  let onnxSince = 11;
  let hasFolder = 1;
}

def Dlc_ReluOp : Dlc_NumberUnaryOp<"relu"> {
  let summary = "Rectified linear unit";
  let description = [{
    `y = max(x, 0)`; NaN stays NaN, -0 gives 0.

    Gradient: `dx = dy where x > 0, else 0`; 0 at 0.

    Constraints:
    - relu_c1: `x` and `y` have the same type.
    - relu_c2: the element type is a number.
  }];
  let onnxName = "Relu";
  let onnxSince = 6;
  let hasFolder = 1;
}

def Dlc_AddOp : Dlc_NumberBinaryOp<"add", [Commutative, Dlc_Differentiable]> {
  let summary = "Sum of elements";
  let description = [{
    `y = a + b`. Integers wrap.

    Gradient: `da = db = dy`.

    Constraints:
    - add_c1: `a`, `b` and `y` have the same type.
    - add_c2: the element type is a number.
  }];
  let onnxName = "Add";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_SubOp : Dlc_NumberBinaryOp<"sub"> {
  let summary = "Difference of elements";
  let description = [{
    `y = a - b`. Integers wrap.

    Gradient: `da = dy`, `db = -dy`.

    Constraints:
    - sub_c1: `a`, `b` and `y` have the same type.
    - sub_c2: the element type is a number.
  }];
  let onnxName = "Sub";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_MulOp : Dlc_NumberBinaryOp<"mul", [Commutative, Dlc_Differentiable]> {
  let summary = "Product of elements";
  let description = [{
    `y = a * b`. Integers wrap.

    Gradient: `da = dy * b`, `db = dy * a`.

    Constraints:
    - mul_c1: `a`, `b` and `y` have the same type.
    - mul_c2: the element type is a number.
  }];
  let onnxName = "Mul";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_DivOp : Dlc_NumberBinaryOp<"div"> {
  let summary = "Quotient of elements";
  let description = [{
    `y = a / b`. Integers truncate toward zero; an integer divided by 0 gives 0, and the
    least integer divided by -1 wraps to itself.

    Gradient: `da = dy / b`, `db = -dy * y / b`.

    Constraints:
    - div_c1: `a`, `b` and `y` have the same type.
    - div_c2: the element type is a number.
  }];
  let onnxName = "Div";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_MaxOp : Dlc_NumberBinaryOp<"max", [Commutative, Dlc_Differentiable]> {
  let summary = "Larger of two elements";
  let description = [{
    `y = max(a, b)`; NaN if either is NaN; +0 is larger than -0.

    Gradient: to the larger operand, half to each at a tie.

    Constraints:
    - max_c1: `a`, `b` and `y` have the same type.
    - max_c2: the element type is a number.
  }];
  let onnxName = "Max";
  let onnxSince = 8;
  let hasFolder = 1;
}

def Dlc_MinOp : Dlc_NumberBinaryOp<"min", [Commutative, Dlc_Differentiable]> {
  let summary = "Smaller of two elements";
  let description = [{
    `y = min(a, b)`; NaN if either is NaN; -0 is smaller than +0.

    Gradient: to the smaller operand, half to each at a tie.

    Constraints:
    - min_c1: `a`, `b` and `y` have the same type.
    - min_c2: the element type is a number.
  }];
  let onnxName = "Min";
  let onnxSince = 8;
  let hasFolder = 1;
}

def Dlc_PowOp : Dlc_NumberBinaryOp<"pow"> {
  let summary = "Power";
  let description = [{
    `y = a^b` with the special cases of C's pow (`pow(x, 0) = 1` for every x). Integers: by
    squaring, wrapping; a negative exponent gives 1 / a^|b| truncated (0 unless |a| is 1; 0 for a = 0).

    Gradient: `da = dy * b * a^(b-1)`, 0 where b is 0; `db = dy * y * ln(a)`, 0 where a is 0
    and where a is negative (there the power is defined at isolated b only).

    Constraints:
    - pow_c1: `a`, `b` and `y` have the same type.
    - pow_c2: the element type is a number.
  }];
  let onnxName = "Pow";
  let onnxSince = 7;
}

def Dlc_RemOp : Dlc_NumberBinaryOp<"rem"> {
  let summary = "Remainder of the truncated quotient";
  let description = [{
    `y = a - b * trunc(a / b)`, exact, with the sign of `a` (C's fmod). NaN for b = 0 or an
    infinite a; an integer's remainder by 0 is a.

    Gradient: `da = dy`, `db = -dy * trunc(a / b)`.

    Constraints:
    - rem_c1: `a`, `b` and `y` have the same type.
    - rem_c2: the element type is a number.
  }];
}

def Dlc_AndOp : Dlc_BinaryOp<"and", Dlc_BoolTensor, [Commutative, Dlc_ZeroGradient]> {
  let summary = "Logical conjunction";
  let description = [{
    `y = a and b`.

    Gradient: none (boolean).

    Constraints:
    - and_c1: `a`, `b` and `y` have the same type.
    - and_c2: the element type is i1.
  }];
  let onnxName = "And";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_OrOp : Dlc_BinaryOp<"or", Dlc_BoolTensor, [Commutative, Dlc_ZeroGradient]> {
  let summary = "Logical disjunction";
  let description = [{
    `y = a or b`.

    Gradient: none (boolean).

    Constraints:
    - or_c1: `a`, `b` and `y` have the same type.
    - or_c2: the element type is i1.
  }];
  let onnxName = "Or";
  let onnxSince = 7;
  let hasFolder = 1;
}

def Dlc_XorOp : Dlc_BinaryOp<"xor", Dlc_BoolTensor, [Commutative, Dlc_ZeroGradient]> {
  let summary = "Logical exclusive disjunction";
  let description = [{
    `y = a xor b`.

    Gradient: none (boolean).

    Constraints:
    - xor_c1: `a`, `b` and `y` have the same type.
    - xor_c2: the element type is i1.
  }];
  let onnxName = "Xor";
  let onnxSince = 7;
}

def Dlc_NotOp : Dlc_UnaryOp<"not", Dlc_BoolTensor, [Dlc_ZeroGradient]> {
  let summary = "Logical negation";
  let description = [{
    `y = not x`.

    Gradient: none (boolean).

    Constraints:
    - not_c1: `x` and `y` have the same type.
    - not_c2: the element type is i1.
  }];
  let onnxName = "Not";
  let onnxSince = 1;
  let hasFolder = 1;
}

#endif // DLC_OPS_ELEMENTWISE_TD
