// Attention and its gradient: one query at a time, sums in double.
#include "codegen/reference/Attention.h"
#include "codegen/reference/Random.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace dlc::reference {

static const double kNever = -std::numeric_limits<double>::infinity();

AttentionRows::AttentionRows(ArrayRef<const Tensor *> operands, bool mask, bool key,
                             const ir::AttentionGeometry &geometry)
    : q(*operands[0]), k(*operands[1]), v(*operands[2]),
      mask(mask ? operands.drop_back(key).back() : nullptr), key(key ? operands.back() : nullptr),
      geometry(geometry), inner(1) {
  for (int64_t d = geometry.axis + 1; d + 1 < q.rank(); ++d)
    inner *= q.dim(size_t(d));
  batches = inner;
  for (int64_t d = 0; d < geometry.axis; ++d)
    batches *= q.dim(size_t(d));
  queries = q.dim(size_t(geometry.axis));
  keys = k.dim(size_t(geometry.axis));
  for (int64_t d = 0; d + 1 < q.rank(); ++d)
    if (d != geometry.axis)
      scoreDims.push_back(q.dim(size_t(d)));
  scoreDims.push_back(queries);
  scoreDims.push_back(keys);
}

int64_t AttentionRows::maskAt(int64_t b, int64_t i, int64_t j) const {
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

double AttentionRows::kept(int64_t b, int64_t i, int64_t j) const {
  if (!key)
    return 1;
  double keep = 1 - geometry.dropout;
  int64_t element = (b * queries + i) * ((keys + 3) / 4 * 4) + j;
  return randomBits(*key, element, 0) < std::nearbyint(std::ldexp(keep, 24)) ? 1 / keep : 0;
}

double AttentionRows::product(const Tensor &x, int64_t xRow, const Tensor &y, int64_t yRow) {
  double sum = 0;
  for (int64_t d = 0, count = x.dims().back(); d < count; ++d)
    sum += x.real(xRow * count + d) * y.real(yRow * count + d);
  return sum;
}

std::vector<double> AttentionRows::scores(int64_t b, int64_t i) const {
  std::vector<double> all;
  for (int64_t j = 0; j < keys; ++j) {
    if (!sees(b, i, j)) {
      all.push_back(kNever);
      continue;
    }
    double scaled = round(geometry.scale * product(q, row(b, i, queries), k, row(b, j, keys)));
    all.push_back(mask && mask->isFloat() ? round(scaled + added(b, i, j)) : scaled);
  }
  return all;
}

AttentionWeights attentionWeights(const AttentionRows &rows, const std::vector<double> &scores) {
  double largest = kNever;
  bool isNan = false;
  for (double score : scores) {
    isNan |= std::isnan(score) || score == -kNever; // infinity - infinity
    largest = std::max(largest, score);
  }
  if (isNan) {
    double nan = std::numeric_limits<double>::quiet_NaN();
    return {std::vector<double>(scores.size(), nan), nan, nan};
  }
  AttentionWeights result{std::vector<double>(scores.size(), 0), kNever, 0};
  if (largest == kNever)
    return result;
  for (double score : scores)
    result.sum += std::exp(score - largest);
  result.lse = largest + std::log(result.sum);
  for (auto [weight, score] : llvm::zip(result.weights, scores))
    weight = rows.round(std::exp(score - largest) / result.sum);
  return result;
}

double attentionWeight(const AttentionRows &rows, double score, double lse) {
  return score == kNever || lse == kNever ? 0 : rows.round(std::exp(score - lse));
}

namespace {

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
  AttentionRows a(call.operands, bool(op.getMask()), bool(op.getKey()), op.getGeometry());
  Tensor &y = call.out(0), &lse = call.out(1);
  std::vector<double> sums(size_t(y.count()));
  for (int64_t b = 0; b < a.batches; ++b)
    for (int64_t i = 0; i < a.queries; ++i) {
      AttentionWeights row = attentionWeights(a, a.scores(b, i));
      int64_t query = a.row(b, i, a.queries);
      lse.setReal(query, row.lse);
      for (int64_t j = 0; j < a.keys; ++j)
        if (double kept = a.kept(b, i, j); kept != 0 || std::isnan(row.lse))
          add(sums, query, row.weights[size_t(j)] * kept, a.v, a.row(b, j, a.keys));
    }
  round(y, sums);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::AttentionGradOp op, Call &call) {
  AttentionRows a(call.operands, bool(op.getMask()), bool(op.getKey()), op.getGeometry());
  const Tensor &lse = call.in(3), &delta = call.in(4), &dy = call.in(5);
  std::vector<double> dq(size_t(a.q.count())), dk(size_t(a.k.count())), dv(size_t(a.v.count()));
  double scale = op.getGeometry().scale;
  for (int64_t b = 0; b < a.batches; ++b)
    for (int64_t i = 0; i < a.queries; ++i) {
      std::vector<double> scores = a.scores(b, i);
      int64_t query = a.row(b, i, a.queries);
      for (int64_t j = 0; j < a.keys; ++j) {
        int64_t key = a.row(b, j, a.keys);
        double p = attentionWeight(a, scores[size_t(j)], lse.real(query));
        if (p == 0)
          continue;
        double kept = a.kept(b, i, j);
        double change = kept != 0 ? kept * a.product(dy, query, a.v, key) : 0;
        double ds = p * (change - delta.real(query));
        add(dq, query, scale * ds, a.k, key);
        add(dk, key, scale * ds, a.q, query);
        if (kept != 0)
          add(dv, key, p * kept, dy, query);
      }
    }
  round(call.out(0), dq);
  round(call.out(1), dk);
  round(call.out(2), dv);
  return llvm::Error::success();
}

} // namespace dlc::reference
