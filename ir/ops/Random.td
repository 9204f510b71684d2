// Random numbers as pure functions of a key, a stream number and an element's index.
#ifndef DLC_OPS_RANDOM_TD
#define DLC_OPS_RANDOM_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_RandomFloat : AnyTypeOf<[F32, F64], "f32 or f64">;
def Dlc_RandomTensor : Dlc_TensorOf<Dlc_RandomFloat, Dlc_RandomFloat.summary>;

// Philox4x32-10 under the key words lo, hi of `seed`, with the counter {lo, hi of index / 4,
// stream, lo of step}; element `index` (row-major) takes word index % 4.
class Dlc_RandomOp<string mnemonic>
    : Dlc_Op<mnemonic, "Source", [Pure, Dlc_ZeroGradient]> {
  let results = (outs Dlc_RandomTensor:$y);
  let hasVerifier = 1;
}

def Dlc_RandomUniformOp : Dlc_RandomOp<"random_uniform"> {
  let summary = "Uniform random numbers in [0, 1)";
  let description = [{
    `y = (word >> 8) * 2^-24` of the element's Philox word: 24 random bits, never 1.

    Gradient: zero.

    Constraints:
    - random_uniform_c1: `stream` is within [0, 4294967295).
    - random_uniform_c2: `key` is tensor<2xi64>, {seed, step}; `y` is f32 or f64.
  }];
  let arguments = (ins Dlc_KeyTensor:$key, I64Attr:$stream);
  let assemblyFormat = "$key `stream` $stream attr-dict `:` functional-type(operands, results)";
}

def Dlc_RandomNormalOp : Dlc_RandomOp<"random_normal"> {
  let summary = "Random numbers of the standard normal distribution";
  let description = [{
    Box-Muller on the word pairs (0, 1) and (2, 3) of a Philox block:
    `u1 = ((w >> 8) + 1) * 2^-24`, `u2 = (w' >> 8) * 2^-24`, `r = sqrt(-2 ln u1)`; elements of
    even index take `r cos(2 pi u2)`, odd ones `r sin(2 pi u2)`. At most 5.77 in magnitude.

    Gradient: zero.

    Constraints:
    - random_normal_c1: `stream` is within [0, 4294967295).
    - random_normal_c2: `key` is tensor<2xi64>, {seed, step}; `y` is f32 or f64.
  }];
  let arguments = (ins Dlc_KeyTensor:$key, I64Attr:$stream);
  let assemblyFormat = "$key `stream` $stream attr-dict `:` functional-type(operands, results)";
}

def Dlc_RandomBernoulliOp : Dlc_RandomOp<"random_bernoulli"> {
  let summary = "True with a given probability";
  let description = [{
    `y = (word >> 8) < round(probability * 2^24)`, an integer comparison: 0 is never true, 1
    always; a probability outside [0, 1] acts as its nearer end, NaN as 0.

    Gradient: zero, also by `probability`.

    Constraints:
    - random_bernoulli_c1: `stream` is within [0, 4294967295).
    - random_bernoulli_c2: `key` is tensor<2xi64>, {seed, step}; `probability` is a scalar of
      f32 or f64; `y` is i1.
  }];
  let arguments = (ins Dlc_KeyTensor:$key, Dlc_ScalarOf<Dlc_RandomTensor>:$probability,
                       I64Attr:$stream);
  let results = (outs Dlc_BoolTensor:$y);
  let assemblyFormat = [{
    $key `,` $probability `stream` $stream attr-dict `:` functional-type(operands, results)
  }];
}

def Dlc_RandomFoldOp : Dlc_Op<"random_fold", "Source", [Pure, Dlc_ZeroGradient]> {
  let summary = "A key for one of many draws: a call site, an iteration";
  let description = [{
    The new seed is words 0 and 1 of the Philox block of `key` with the counter {lo, hi of `i`,
    0xFFFFFFFF, lo of step}; the step stays. The stream 0xFFFFFFFF is no other op's.

    Gradient: zero.

    Constraints:
    - random_fold_c1: `key` and the result are tensor<2xi64>, {seed, step}.
    - random_fold_c2: `i` is a scalar of i32 or i64.
  }];
  let arguments = (ins Dlc_KeyTensor:$key, Dlc_ScalarOf<Dlc_IndexTensor>:$i);
  let results = (outs Dlc_KeyTensor:$y);
  let assemblyFormat = "$key `,` $i attr-dict `:` functional-type(operands, results)";
}

#endif // DLC_OPS_RANDOM_TD
