// Attention once more, query by query, with bounds beside the numbers.
#include "tools/check/AttentionNoise.h"
#include "codegen/reference/Attention.h"
#include <cmath>
#include <limits>

using namespace dlc::reference;

namespace dlc::check {
namespace {

const double kNever = -std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();

/// A number, and how far it may be off.
struct Rough {
  double value = 0, off = 0;
};

/// A sum in any order: its terms, and what those are off by.
class Sum {
public:
  void add(double term, double off) {
    ++count;
    value += term;
    if (std::isfinite(term))
      (term < 0 ? negative : positive) += std::fabs(term);
    if (off > 0) // 0 * infinity is none
      error += off;
  }
  /// |unit|: the distance of 1 to the next value, |most|: the largest number of the type.
  Rough take(double unit, double most) const {
    // With a margin of a half: sums that nearly overflow.
    bool mayOverflow = positive + negative > most / 2;
    bool surely = std::fabs(value) > 2 * most && std::min(positive, negative) < most / 2;
    if (mayOverflow && !surely)
      return {value, std::numeric_limits<double>::infinity()};
    double smallest = most > 1e300 ? 5e-324 : 0x1p-149;
    return {value, error + 4 * std::sqrt(double(count)) * unit * (positive + negative) +
                       double(count) * smallest};
  }

private:
  int64_t count = 0;
  double value = 0, positive = 0, negative = 0, error = 0;
};

class Noise {
public:
  template <typename Op>
  Noise(const Executed &executed, Op op, uint64_t probe)
      : a(executed.operands, bool(op.getMask()), bool(op.getKey()), op.getGeometry()), probe(probe),
        wide(a.q.type() == DType::F64), unit(epsilonOf(wide ? DType::F64 : DType::F32)),
        most(wide ? std::numeric_limits<double>::max()
                  : double(std::numeric_limits<float>::max())) {}

  void forward(const Executed &executed);
  void gradient(const Executed &executed);

private:
  // Moved scores of one query, what each was moved by at most, and the weights that follow.
  struct Row {
    std::vector<double> scores, bounds, weights;
    double lse = 0, sum = 0;
  };

  uint64_t hash(int64_t x, int64_t y, int64_t z) const {
    uint64_t state = probe;
    for (int64_t part : {x, y, z}) {
      state = (state + uint64_t(part) + 1) * 0x9e3779b97f4a7c15;
      state = (state ^ (state >> 29)) * 0xbf58476d1ce4e5b9;
      state ^= state >> 32;
    }
    return state;
  }
  /// The first run moves everything the same way and takes what is in doubt for NaN.
  double sign(int64_t x, int64_t y, int64_t z) const {
    return probe == 1 || hash(x, y, z) % 2 ? 1 : -1;
  }
  Rough doubtful(Rough rough) const {
    if (!std::isinf(rough.off))
      return rough;
    bool other = probe == 1;
    return {other != std::isnan(rough.value) ? kNan : std::isnan(rough.value) ? 0 : rough.value, 0};
  }
  Rough product(const Tensor &x, int64_t xRow, const Tensor &y, int64_t yRow) const {
    Sum sum;
    for (int64_t d = 0, count = x.dims().back(); d < count; ++d)
      sum.add(x.real(xRow * count + d) * y.real(yRow * count + d), 0);
    return doubtful(sum.take(unit, most));
  }
  Row move(int64_t b, int64_t i) const;
  std::vector<double> weightBounds(const std::vector<double> &weights, const Row &row) const;
  void give(Tensor &result, int64_t row, const std::vector<Sum> &sums, int64_t salt) const;
  /// The number and what it may be off by, further away from the result without noise.
  void give(Tensor &result, int64_t at, Rough rough, int64_t salt) const;

  AttentionRows a;
  uint64_t probe;
  bool wide;
  double unit, most;
};

Noise::Row Noise::move(int64_t b, int64_t i) const {
  Row row;
  double scale = a.geometry.scale;
  for (int64_t j = 0; j < a.keys; ++j) {
    row.bounds.push_back(0);
    row.scores.push_back(kNever);
    if (!a.sees(b, i, j))
      continue;
    Rough sum = product(a.q, a.row(b, i, a.queries), a.k, a.row(b, j, a.keys));
    double added = a.added(b, i, j), score = a.round(a.round(scale * sum.value) + added);
    if (std::isfinite(score)) {
      row.bounds.back() =
          std::fabs(scale) * sum.off + 2 * unit * (std::fabs(score) + std::fabs(added));
      score = a.round(score + sign(b, i, j) * row.bounds.back());
    }
    row.scores.back() = score;
  }
  AttentionWeights weights = attentionWeights(a, row.scores);
  row.weights = weights.weights;
  row.lse = weights.lse;
  row.sum = weights.sum;
  return row;
}

/// The first order: p_j * sum over k of |[j = k] - p_k| e_k.
std::vector<double> Noise::weightBounds(const std::vector<double> &weights, const Row &row) const {
  double mean = 0;
  for (auto [weight, bound] : llvm::zip(weights, row.bounds))
    mean += bound > 0 && weight > 0 ? weight * bound : 0;
  std::vector<double> bounds;
  for (auto [weight, bound] : llvm::zip(weights, row.bounds)) {
    double own = bound > 0 && weight > 0 ? weight * bound : 0;
    double change = std::fabs(1 - weight) * bound + std::max(0.0, mean - own);
    bounds.push_back(weight > 0 && change > 0 ? weight * change : 0);
  }
  return bounds;
}

void Noise::give(Tensor &result, int64_t at, Rough rough, int64_t salt) const {
  rough = doubtful(rough);
  double off = std::isfinite(rough.value) ? rough.off : 0;
  DType type = result.type();
  if (type == DType::F16 || type == DType::BF16)
    off += epsilonOf(type) * std::max(std::fabs(rough.value), type == DType::F16 ? 6e-5 : 1e-38);
  double before = result.real(at), by = rough.value - before;
  bool up = by == 0 || !std::isfinite(by) ? hash(salt, at, -1) % 2 : by > 0;
  result.setReal(at, rough.value + (up ? off : -off));
}

void Noise::give(Tensor &result, int64_t row, const std::vector<Sum> &sums, int64_t salt) const {
  for (size_t e = 0; e < sums.size(); ++e)
    give(result, row * int64_t(sums.size()) + int64_t(e), sums[e].take(unit, most), salt);
}

void Noise::forward(const Executed &executed) {
  Tensor &y = executed.results[0], &lse = executed.results[1];
  int64_t width = a.v.dims().back();
  for (int64_t b = 0; b < a.batches; ++b)
    for (int64_t i = 0; i < a.queries; ++i) {
      Row row = move(b, i);
      std::vector<double> bounds = weightBounds(row.weights, row);
      std::vector<Sum> sums{size_t(width)};
      double square = 0; // of weights: 1 where one key has all
      for (int64_t j = 0; j < a.keys; ++j) {
        double p = row.weights[size_t(j)];
        square += p * p;
        double kept = a.kept(b, i, j);
        if (p == 0 || (kept == 0 && !std::isnan(p)))
          continue;
        double off = kept * (bounds[size_t(j)] + 8 * unit * p);
        for (int64_t e = 0; e < width; ++e) {
          double v = a.v.real(a.row(b, j, a.keys) * width + e);
          sums[size_t(e)].add(kept * p * v, off * std::fabs(v));
        }
      }
      int64_t query = a.row(b, i, a.queries);
      give(y, query, sums, 0);
      // The logarithm of a sum that is 1 is exact.
      double log = row.sum > 0 ? std::log(row.sum) : 0;
      double off = square == 1 ? 0 : unit * (4 + 4 * std::fabs(log) + 4 * std::sqrt(a.keys));
      give(lse, query, {row.lse, std::isfinite(off) ? off : 0}, 1);
    }
}

void Noise::gradient(const Executed &executed) {
  const Tensor &lse = *executed.operands[3], &delta = *executed.operands[4],
               &dy = *executed.operands[5];
  int64_t depth = a.q.dims().back(), width = a.v.dims().back();
  double scale = a.geometry.scale;
  auto times = [](double off, double x) { return off > 0 ? off * std::fabs(x) : 0; };
  auto addRow = [&](std::vector<Sum> &sums, int64_t to, Rough factor, const Tensor &x,
                    int64_t from) {
    for (int64_t e = 0, count = x.dims().back(); e < count; ++e) {
      double term = x.real(from * count + e);
      sums[size_t(to * count + e)].add(factor.value * term, times(factor.off, term));
    }
  };
  for (int64_t b = 0; b < a.batches; ++b) {
    std::vector<Sum> dk(size_t(a.keys * depth)), dv(size_t(a.keys * width));
    for (int64_t i = 0; i < a.queries; ++i) {
      Row row = move(b, i);
      int64_t query = a.row(b, i, a.queries);
      double shift = lse.real(query);
      std::vector<double> weights;
      for (double score : row.scores)
        weights.push_back(attentionWeight(a, score, shift));
      std::vector<double> bounds = weightBounds(weights, row);
      std::vector<Sum> dq{size_t(depth)};
      for (int64_t j = 0; j < a.keys; ++j) {
        Rough p{weights[size_t(j)], bounds[size_t(j)]};
        if (p.value == 0)
          continue;
        p.off += times(unit * (4 + std::fabs(row.scores[size_t(j)] - shift)), p.value);
        int64_t key = a.row(b, j, a.keys);
        double kept = a.kept(b, i, j);
        Rough change = kept != 0 ? product(dy, query, a.v, key) : Rough();
        change = {kept * change.value, kept * change.off};
        change.value -= delta.real(query);
        change.off += unit * (std::fabs(change.value) + 2 * std::fabs(delta.real(query)));
        Rough ds{a.round(a.round(p.value * scale) * change.value)};
        ds.off = std::fabs(scale) * (times(p.off, change.value) + times(change.off, p.value)) +
                 2 * unit * std::fabs(ds.value);
        addRow(dq, 0, ds, a.k, key);
        addRow(dk, j, ds, a.q, query);
        if (kept != 0)
          addRow(dv, j, {kept * p.value, kept * p.off + 2 * unit * std::fabs(p.value)}, dy, query);
      }
      give(executed.results[0], query, dq, 2);
    }
    for (int64_t j = 0; j < a.keys; ++j) {
      int64_t key = a.row(b, j, a.keys);
      for (int64_t e = 0; e < depth; ++e)
        give(executed.results[1], key * depth + e, dk[size_t(j * depth + e)].take(unit, most), 3);
      for (int64_t e = 0; e < width; ++e)
        give(executed.results[2], key * width + e, dv[size_t(j * width + e)].take(unit, most), 4);
    }
  }
}

} // namespace

void disturbAttention(const Executed &executed, uint64_t probe) {
  if (auto op = llvm::dyn_cast<ir::AttentionOp>(executed.op))
    return Noise(executed, op, probe).forward(executed);
  auto op = llvm::cast<ir::AttentionGradOp>(executed.op);
  Noise(executed, op, probe).gradient(executed);
}

} // namespace dlc::check
