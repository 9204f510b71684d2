// Where attention's rows lie, what its queries see, and its scores: for the evaluator and for what
// bounds its error.
//
// A score is rounded to the type of lse, as every target keeps it, and so is a weight. Both the
// attention and its gradient must round: with scores of 1e18 in more digits than lse has, e^(score
// - lse) is 0 or infinity for the one key that a query sees, where the weight is 1.
#pragma once
#include "codegen/reference/Call.h"

namespace dlc::reference {

/// b counts batches, i queries, j keys.
class AttentionRows {
public:
  /// |operands|: of the op, which has |mask| and |key| behind all others, or not.
  AttentionRows(llvm::ArrayRef<const Tensor *> operands, bool mask, bool key,
                const ir::AttentionGeometry &geometry);

  /// The row of an operand that has `rows` of them per batch; in units of rows.
  int64_t row(int64_t b, int64_t i, int64_t rows) const {
    return (b / inner * rows + i) * inner + b % inner;
  }
  bool sees(int64_t b, int64_t i, int64_t j) const {
    if (geometry.causal && j > i)
      return false;
    return !mask || mask->isFloat() || mask->integer(maskAt(b, i, j));
  }
  /// What dropout leaves of a weight: 0, or 1 / (1 - dropout).
  double kept(int64_t b, int64_t i, int64_t j) const;
  /// What a float mask adds to a score.
  double added(int64_t b, int64_t i, int64_t j) const {
    return mask && mask->isFloat() ? mask->real(maskAt(b, i, j)) : 0;
  }
  /// The scores of one query; -infinity for the keys that it does not see.
  std::vector<double> scores(int64_t b, int64_t i) const;
  /// To the type of lse.
  double round(double x) const { return q.type() == DType::F64 ? x : double(float(x)); }

  static double product(const Tensor &x, int64_t xRow, const Tensor &y, int64_t yRow);

  const Tensor &q, &k, &v;
  const Tensor *mask, *key;
  ir::AttentionGeometry geometry;
  int64_t inner, batches, queries, keys;

private:
  int64_t maskAt(int64_t b, int64_t i, int64_t j) const;

  Dims scoreDims;
};

/// A query's weights, and ln(sum of e^score); all weights are 0 and that is -infinity where it sees
/// nothing.
struct AttentionWeights {
  std::vector<double> weights;
  double lse, sum;
};
AttentionWeights attentionWeights(const AttentionRows &rows, const std::vector<double> &scores);

/// The weight of a key for the gradient.
double attentionWeight(const AttentionRows &rows, double score, double lse);

} // namespace dlc::reference
