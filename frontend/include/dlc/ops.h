// Operations on values. Each is checked when it is called.
//
// Elementwise operations on operands of different shapes broadcast as NumPy does: shapes are
// aligned at their last dimension, and a size of 1 stretches. A symbol never stretches, even
// where it might be 1 when the program runs. Numbers take the type of the other operand.
//
// Axes count from 0; negative ones count from the last dimension. Operations return poisoned
// values after reporting an error; they never throw.
#ifndef DLC_OPS_H
#define DLC_OPS_H

#include "dlc/value.h"

#include <functional>

namespace dlc {

// Elementwise operations of one type: exp, tanh, add, max, logicalAnd, stopGradient, ...
#include "dlc/elementwise.inc"

inline Value operator+(Operand a, Operand b) { return add(a, b); }
inline Value operator-(Operand a, Operand b) { return sub(a, b); }
inline Value operator*(Operand a, Operand b) { return mul(a, b); }
inline Value operator/(Operand a, Operand b) { return div(a, b); }
inline Value operator-(Operand x) { return neg(x); }

/// Comparisons, as Bool. NaN is unequal to everything, itself included.
Value equal(Operand a, Operand b);
Value notEqual(Operand a, Operand b);
Value less(Operand a, Operand b);
Value lessEqual(Operand a, Operand b);
Value greater(Operand a, Operand b);
Value greaterEqual(Operand a, Operand b);
inline Value operator<(Operand a, Operand b) { return less(a, b); }
inline Value operator<=(Operand a, Operand b) { return lessEqual(a, b); }
inline Value operator>(Operand a, Operand b) { return greater(a, b); }
inline Value operator>=(Operand a, Operand b) { return greaterEqual(a, b); }

/// |onTrue| where |predicate| (Bool) holds, else |onFalse|. All three broadcast.
Value select(Operand predicate, Operand onTrue, Operand onFalse);
/// Conversion of elements: float to integer truncates toward zero and saturates, NaN becomes 0.
Value cast(Operand x, DType type);
/// min(max(x, low), high).
Value clip(Operand x, double low, double high, Site at = Site::current());
/// x * x.
Value square(Operand x);
/// x * 0 + |number|: a tensor of one number, with the shape and type of |x|.
Value fullLike(Operand x, double number);

/// The same elements, row-major, under other sizes. One size may be -1: what is left over.
Value reshape(Operand x, const Shape &shape);
/// Dimension i of the result is dimension permutation[i] of |x|; empty reverses all.
Value transpose(Operand x, std::vector<int64_t> permutation = {});
/// |x| stretched to |shape|, aligned at the last dimension.
Value broadcastTo(Operand x, const Shape &shape);
/// A new dimension of size 1 before |axis| of the result.
Value expandDims(Operand x, int64_t axis);
/// Without the dimensions |axes|, which must have size 1.
Value squeeze(Operand x, std::vector<int64_t> axes);
/// Elements start, start + stride, ... < limit of each dimension; |strides| default to 1.
Value slice(Operand x, const Shape &starts, const Shape &limits, std::vector<int64_t> strides = {});
/// A part of size |sizes| that begins at scalar indices, one for each dimension (clamped).
Value dynamicSlice(Operand x, std::vector<Operand> indices, const Shape &sizes);
/// |x| with |update| written at scalar indices, one for each dimension (clamped).
Value dynamicUpdateSlice(Operand x, Operand update, std::vector<Operand> indices);
/// |low| elements before and |high| after each dimension, |interior| between neighbours, all equal
/// to |number|.
Value pad(Operand x, const Shape &low, const Shape &high, double number = 0,
          std::vector<int64_t> interior = {});
/// Tensors one after the other along |axis|.
Value concat(std::vector<Operand> inputs, int64_t axis);
/// Tensors of one shape along a new dimension |axis|.
Value stack(std::vector<Operand> inputs, int64_t axis);
/// Elements in opposite order along |axes|.
Value reverse(Operand x, std::vector<int64_t> axes);

/// Reductions over |axes| (all when empty); |keepDims| leaves them with size 1.
Value sum(Operand x, std::vector<int64_t> axes = {}, bool keepDims = false);
Value mean(Operand x, std::vector<int64_t> axes = {}, bool keepDims = false);
Value prod(Operand x, std::vector<int64_t> axes = {}, bool keepDims = false);
Value reduceMax(Operand x, std::vector<int64_t> axes = {}, bool keepDims = false);
Value reduceMin(Operand x, std::vector<int64_t> axes = {}, bool keepDims = false);
/// Index of the first largest or smallest element along |axis|, as I32 or I64.
Value argmax(Operand x, int64_t axis, DType type = DType::I32);
Value argmin(Operand x, int64_t axis, DType type = DType::I32);

/// Pairs of dimensions of `contract`.
struct ContractOptions {
  std::vector<int64_t> aBatch = {}, bBatch = {};
  std::vector<int64_t> aReduce = {}, bReduce = {};
  /// Element type of the result when it is not that of the operands: F32 for F16 and BF16, which
  /// are summed in it anyway.
  std::optional<DType> result = {};
};
/// Sum of products: dimensions of the result are the batch dimensions, the rest of |a|, the rest
/// of |b|.
Value contract(Operand a, Operand b, ContractOptions options);
/// NumPy's matmul: the last dimension of |a| with the last but one of |b| (the last of a vector).
/// Leading dimensions of both, when there are any, must be equal. |result|: as of ContractOptions.
Value matmul(Operand a, Operand b, std::optional<DType> result = {});

/// How a window moves. Empty lists mean 1 (strides, dilations) and 0 (padding) everywhere.
struct WindowOptions {
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilations = {};
  /// "valid", "same" (ceil(n / stride) results; the odd element of padding at the end), "causal"
  /// (all padding before; one spatial dimension) or "explicit" (padLow, padHigh).
  std::string padding = "valid";
  Shape padLow = {}, padHigh = {};
  /// Of convolutions: as of ContractOptions.
  std::optional<DType> result = {};
};
/// Cross-correlation of |x| [N, spatial..., C] with |filter| [k..., C / groups, O].
Value conv(Operand x, Operand filter, WindowOptions options = {}, int64_t groups = 1);
/// The transpose of `conv`, from |x| [N, out..., O] to [N, sizes..., C]: conv(result, filter, options,
/// groups) has the shape of |x|, and every element of |x| adds its filter to what it would read.
Value convTranspose(Operand x, Operand filter, const Shape &sizes, WindowOptions options = {},
                    int64_t groups = 1);
/// Largest element, or mean of the real (not padded) elements, of windows over [N, spatial..., C].
/// Strides default to the window.
Value maxPool(Operand x, std::vector<int64_t> window, WindowOptions options = {});
Value avgPool(Operand x, std::vector<int64_t> window, WindowOptions options = {});

Value softmax(Operand x, int64_t axis = -1);
Value logSoftmax(Operand x, int64_t axis = -1);

struct BatchNormResult {
  Value y, mean, variance;
};
/// Normalisation of each channel (last dimension) over all other dimensions, with the batch's mean
/// and biased variance.
BatchNormResult batchNormTraining(Operand x, Operand scale, Operand offset, double epsilon);
Value batchNormInference(Operand x, Operand scale, Operand offset, Operand mean, Operand variance,
                         double epsilon);
/// Normalisation over the last dimension.
Value layerNorm(Operand x, Operand scale, Operand offset, double epsilon);

/// Cross entropy of each row of |logits| [..., classes] and integer |labels| [...].
Value sparseSoftmaxCrossEntropy(Operand logits, Operand labels);
/// Cross entropy of each row of |logits| and of probabilities of the same shape.
Value softmaxCrossEntropy(Operand logits, Operand labels);

/// np.take: |x| at integer |indices| along |axis|; indices outside are clamped.
Value gather(Operand x, Operand indices, int64_t axis = 0);
/// |x| plus |updates| added at |indices| along |axis|; indices outside are dropped.
Value scatterAdd(Operand x, Operand indices, Operand updates, int64_t axis = 0);
/// A new last dimension of size |depth|: 1 at the index, else 0 (all 0 for an index outside).
Value oneHot(Operand indices, const Dim &depth, DType type = DType::F32);

/// Numbers in [0, 1) or of the standard normal distribution, from the entry's random key; each
/// call draws its own. Only inside an entry: |like| says which, and gives the shape when |shape| is
/// not given.
Value randomUniform(Operand like, std::optional<Shape> shape = {}, DType type = DType::F32);
Value randomNormal(Operand like, std::optional<Shape> shape = {}, DType type = DType::F32);
/// Bool with the shape of |like|, true with probability |probability|.
Value randomBernoulli(Operand like, double probability);

/// Derivatives of the scalar |loss| by each of |targets|. A target that |loss| does not depend on
/// is an error when the program is compiled, or zeros with |allowUnused|.
Values gradient(Operand loss, const Values &targets, bool allowUnused = false);

/// What |forward| computes of |inputs|, with a derivative of the caller's own: |backward| gets the
/// inputs, the results and the cotangents of the results, and returns one gradient for each input
/// of floats. Both may use their arguments only.
Values customGradient(const Values &inputs, const std::function<Values(Values)> &forward,
                      const std::function<Values(Values inputs, Values outputs, Values cotangents)>
                          &backward,
                      Site at = Site::current());

/// Results of `scan`: the last carries, and what each step yielded, stacked along dimension 0.
struct ScanResult {
  Values carries, stacked;
};
struct ScanOptions {
  /// Number of steps when nothing is scanned over.
  std::optional<Dim> trip = {};
  /// From the last step to the first.
  bool reverse = false;
};
/// Runs |body| once for each index of dimension 0 of |xs|: it gets the index (scalar I64), the
/// carries and the slices, and returns new carries followed by values to stack. Other values of
/// the entry may be used inside.
ScanResult scan(const Values &inits, const Values &xs,
                const std::function<Values(Value index, Values carries, Values slices)> &body,
                ScanOptions options = {}, Site at = Site::current());
/// Runs |body| while |condition| yields true (scalar Bool). A gradient through it needs |maxTrip|.
Values whileLoop(const Values &inits, const std::function<Value(Values)> &condition,
                 const std::function<Values(Values)> &body, int64_t maxTrip = 0,
                 Site at = Site::current());
/// The results of one of two functions, by a scalar Bool; both return values of the same types.
Values cond(Operand predicate, const std::function<Values()> &onTrue,
            const std::function<Values()> &onFalse);

namespace detail {
/// What generated functions call.
Value elementwise(const char *mnemonic, std::vector<Operand> operands);
} // namespace detail

} // namespace dlc

#endif
