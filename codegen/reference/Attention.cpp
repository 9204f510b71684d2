// Attention and its gradient: one query at a time, all of its scores in double.
#include "codegen/reference/Call.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace dlc::reference {
namespace {

/// Where things are: b counts batches, i queries, j keys.
class Attention {
public:
  Attention(const Call &call, const ir::AttentionGeometry &geometry)
      : q(call.in(0)), k(call.in(1)), v(call.in(2)), mask(nullptr), geometry(geometry) {
    inner = 1;
    for (int64_t d = geometry.axis + 1; d + 1 < q.rank(); ++d)
      inner *= q.dim(size_t(d));
    batches = inner;
    for (int64_t d = 0; d < geometry.axis; ++d)
      batches *= q.dim(size_t(d));
    queries = q.dim(size_t(geometry.axis));
    keys = k.dim(size_t(geometry.axis));
    depth = q.dims().back();
    width = v.dims().back();
    for (int64_t d = 0; d + 1 < q.rank(); ++d)
      if (d != geometry.axis)
        scoreDims.push_back(q.dim(size_t(d)));
    scoreDims.push_back(queries);
    scoreDims.push_back(keys);
  }

  /// The row of an operand that has `rows` of them per batch; in units of rows.
  int64_t row(int64_t b, int64_t i, int64_t rows) const {
    return (b / inner * rows + i) * inner + b % inner;
  }

  /// The scores of one query; -infinity for the keys that it does not see.
  std::vector<double> scores(int64_t b, int64_t i) const {
    std::vector<double> row;
    for (int64_t j = 0; j < keys; ++j)
      row.push_back(sees(b, i, j) ? score(b, i, j) : -std::numeric_limits<double>::infinity());
    return row;
  }

  const Tensor &q, &k, &v;
  const Tensor *mask;
  int64_t inner, batches, queries, keys, depth, width;

  double product(const Tensor &x, int64_t xRow, const Tensor &y, int64_t yRow) const {
    double sum = 0;
    for (int64_t d = 0, count = x.dims().back(); d < count; ++d)
      sum += x.real(xRow * count + d) * y.real(yRow * count + d);
    return sum;
  }

private:
  int64_t maskAt(int64_t b, int64_t i, int64_t j) const {
    Dims index(scoreDims.size());
    index[index.size() - 1] = j;
    index[index.size() - 2] = i;
    for (size_t d = index.size() - 2; d-- > 0; b /= scoreDims[d])
      index[d] = b % scoreDims[d];
    Dims strides = stridesOf(mask->dims());
    int64_t at = 0;
    for (size_t d = 0; d < geometry.maskDims.size(); ++d)
      at += index[size_t(geometry.maskDims[d])] * strides[d];
    return at;
  }
  bool sees(int64_t b, int64_t i, int64_t j) const {
    if (geometry.causal && j > i)
      return false;
    return !mask || mask->isFloat() || mask->integer(maskAt(b, i, j));
  }
  double score(int64_t b, int64_t i, int64_t j) const {
    double scaled = geometry.scale * product(q, row(b, i, queries), k, row(b, j, keys));
    return mask && mask->isFloat() ? scaled + mask->real(maskAt(b, i, j)) : scaled;
  }

  ir::AttentionGeometry geometry;
  Dims scoreDims;
};

/// ln(sum of e^score); -infinity for a row of nothing but that.
double logSum(const std::vector<double> &scores) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (double score : scores) {
    if (std::isnan(score))
      return score;
    largest = std::max(largest, score);
  }
  if (std::isinf(largest)) // +infinity: infinity - infinity
    return largest < 0 ? largest : std::numeric_limits<double>::quiet_NaN();
  for (double score : scores)
    sum += std::exp(score - largest);
  return largest + std::log(sum);
}

double probability(double score, double lse) {
  double never = -std::numeric_limits<double>::infinity();
  return score == never || lse == never ? 0 : std::exp(score - lse);
}

void add(std::vector<double> &sums, int64_t row, double factor, const Tensor &x, int64_t xRow) {
  int64_t count = x.dims().back();
  if (factor != 0 || std::isnan(factor))
    for (int64_t d = 0; d < count; ++d)
      sums[size_t(row * count + d)] += factor * x.real(xRow * count + d);
}

void round(Tensor &out, const std::vector<double> &sums) {
  for (int64_t i = 0; i < out.count(); ++i)
    out.setReal(i, sums[size_t(i)]);
}

} // namespace

llvm::Error evaluate(ir::AttentionOp op, Call &call) {
  Attention a(call, op.getGeometry());
  a.mask = op.getMask() ? call.operands.back() : nullptr;
  Tensor &y = call.out(0), &lse = call.out(1);
  std::vector<double> sums(size_t(y.count()));
  for (int64_t b = 0; b < a.batches; ++b)
    for (int64_t i = 0; i < a.queries; ++i) {
      std::vector<double> scores = a.scores(b, i);
      int64_t row = a.row(b, i, a.queries);
      double total = logSum(scores);
      lse.setReal(row, total);
      for (int64_t j = 0; j < a.keys; ++j)
        add(sums, row, probability(scores[size_t(j)], total), a.v, a.row(b, j, a.keys));
    }
  round(y, sums);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::AttentionGradOp op, Call &call) {
  Attention a(call, op.getGeometry());
  a.mask = op.getMask() ? call.operands.back() : nullptr;
  const Tensor &lse = call.in(3), &delta = call.in(4), &dy = call.in(5);
  std::vector<double> dq(size_t(a.q.count())), dk(size_t(a.k.count())), dv(size_t(a.v.count()));
  double scale = op.getGeometry().scale;
  for (int64_t b = 0; b < a.batches; ++b)
    for (int64_t i = 0; i < a.queries; ++i) {
      std::vector<double> scores = a.scores(b, i);
      int64_t query = a.row(b, i, a.queries);
      for (int64_t j = 0; j < a.keys; ++j) {
        int64_t key = a.row(b, j, a.keys);
        double p = probability(scores[size_t(j)], lse.real(query));
        if (p == 0)
          continue;
        double ds = p * (a.product(dy, query, a.v, key) - delta.real(query));
        add(dq, query, scale * ds, a.k, key);
        add(dk, key, scale * ds, a.q, query);
        add(dv, key, p, dy, query);
      }
    }
  round(call.out(0), dq);
  round(call.out(1), dk);
  round(call.out(2), dv);
  return llvm::Error::success();
}

} // namespace dlc::reference
