// Gradients of attention: its own op for queries, keys and values; for masks, and for gradients of
// the gradient, the scores are spelled out.
#include "ir/ops/Attention.h"
#include "ir/ops/Compare.h"
#include "ir/ops/Contract.h"
#include "ir/ops/Index.h"
#include "ir/ops/Random.h"
#include "ir/ops/Shape.h"
#include "ir/support/Formula.h"
#include "mlir/IR/TypeUtilities.h"
#include <limits>

using namespace mlir;

namespace dlc::ir {
namespace {

using Dims = SmallVector<int64_t>;

/// Attention in primitive ops, with everything of the sizes of the scores in memory. Products are
/// in the element type of lse.
class SpelledOut {
public:
  template <typename Op>
  SpelledOut(OpBuilder &builder, Op op)
      : builder(builder), loc(op.getLoc()), f(builder, loc), geometry(op.getGeometry()),
        type(getElementTypeOrSelf(op.getLse().getType())), q(wide(op.getQ())), k(wide(op.getK())),
        v(wide(op.getV())), lse(op.getLse()), mask(op.getMask()), key(op.getKey()) {
    rank = cast<RankedTensorType>(q.getType()).getRank();
    for (int64_t dim = 0; dim + 1 < rank; ++dim)
      if (dim != geometry.axis)
        batches.push_back(dim);
    scores = tensorType(builder.getContext(),
                        attentionScores(shapeOf(q), shapeOf(k), geometry.axis), type);
  }

  Value wide(Value x) { return f.cast(x, type); }
  Value scaled(Value x) { return f.mul(x, f.splat(x, geometry.scale)); }

  /// [batch..., queries, keys]: products of rows of `a` and rows of `b`, both laid out like q.
  Value rowProducts(Value a, Value b) {
    return ContractOp::create(builder, loc, a, b, batches, batches, {rank - 1}, {rank - 1});
  }
  /// Sums over keys (`byKeys`) or over queries of a factor like the scores and rows like q.
  Value weighted(Value factors, Value rows, bool byKeys) {
    Dims leading = llvm::to_vector(llvm::seq<int64_t>(0, rank - 2));
    Value product = ContractOp::create(builder, loc, factors, rows, leading, batches,
                                       {byKeys ? rank - 1 : rank - 2}, {geometry.axis});
    // [batch..., rows, depth] to the layout of q.
    Dims permutation = fromQueriesLast();
    permutation.push_back(rank - 1);
    return llvm::is_sorted(permutation) ? product : f.transpose(product, permutation);
  }
  /// A value per query, laid out like lse, for all keys.
  Value perQuery(Value x) {
    return f.broadcast(permuteQueries(x), scores, llvm::to_vector(llvm::seq<int64_t>(0, rank - 1)));
  }
  /// Sums over keys, laid out like lse.
  Value sumOverKeys(Value x) {
    Dims permutation = fromQueriesLast();
    Value sums = f.sum(x, {rank - 1});
    return llvm::is_sorted(permutation) ? sums : f.transpose(sums, permutation);
  }
  /// Sums over the dimensions that the mask lacks, in its type.
  Value sumToMask(Value x) {
    Dims others = otherAxes(rank, geometry.maskDims);
    Value sums = others.empty() ? x : f.sum(x, others);
    return f.cast(sums, getElementTypeOrSelf(mask.getType()));
  }

  /// e^(score - lse) for the keys that a query sees, else 0.
  Value probabilities() {
    Value score = scaled(rowProducts(q, k)), shift = perQuery(lse);
    Value seen = f.compare(ComparePredicate::gt, shift,
                           f.splat(shift, -std::numeric_limits<double>::infinity()));
    // NaN must stay NaN: it is not greater, and neither is it equal.
    Value isNan = f.compare(ComparePredicate::ne, shift, shift);
    if (mask && isFloatTensor(mask.getType()))
      score = f.add(score, f.broadcast(wide(mask), scores, geometry.maskDims));
    Value zero = f.zeros(scores);
    Value p = f.exp(f.sub(score, shift));
    p = f.select(seen, p, f.select(isNan, shift, zero));
    if (mask && !isFloatTensor(mask.getType()))
      p = f.select(
          f.broadcast(mask, withElementType(scores, builder.getI1Type()), geometry.maskDims), p,
          zero);
    return geometry.causal ? f.select(notAfter(), p, zero) : p;
  }

  /// What of factors like the scores is left: 0 where a weight is dropped, others scaled up.
  Value kept(Value factors) {
    if (!key)
      return factors;
    Shape sizes = shapeOf(factors), padded = sizes;
    padded.back() = sizeMul(sizeCeilDiv(sizes.back(), sizeConstant(builder.getContext(), 4)), 4);
    Value chance = buildScalar(builder, loc, builder.getF64Type(), 1 - geometry.dropout);
    auto bits = tensorType(builder.getContext(), padded, builder.getI1Type());
    Value keep = RandomBernoulliOp::create(builder, loc, bits, key, chance, 0);
    if (padded.back() != sizes.back()) {
      Shape zeros(sizes.size(), sizeConstant(builder.getContext(), 0));
      keep =
          SliceOp::create(builder, loc, keep, zeros, sizes, SmallVector<int64_t>(sizes.size(), 1));
    }
    Value scaledUp = f.mul(factors, f.splat(factors, 1 / (1 - geometry.dropout)));
    return f.select(keep, scaledUp, f.zeros(factors.getType()));
  }

  OpBuilder &builder;
  Location loc;
  Formula f;
  AttentionGeometry geometry;
  Type type;
  Value q, k, v, lse, mask, key;

private:
  /// From [batch..., queries] to the layout of lse.
  Dims fromQueriesLast() {
    Dims permutation;
    for (int64_t dim = 0; dim + 1 < rank; ++dim)
      permutation.push_back(dim == geometry.axis ? rank - 2 : dim < geometry.axis ? dim : dim - 1);
    return permutation;
  }
  Value permuteQueries(Value x) {
    Dims permutation = batches;
    permutation.push_back(geometry.axis);
    return llvm::is_sorted(permutation) ? x : f.transpose(x, permutation);
  }
  /// i1: key j <= query i.
  Value notAfter() {
    RankedTensorType positions = withElementType(scores, builder.getI64Type());
    Value query = IotaOp::create(builder, loc, positions, rank - 2);
    Value key = IotaOp::create(builder, loc, positions, rank - 1);
    return f.compare(ComparePredicate::le, key, query);
  }

  int64_t rank;
  Dims batches;
  RankedTensorType scores;
};

} // namespace

SmallVector<Value> AttentionOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Formula f(builder, getLoc());
  Type wide = getElementTypeOrSelf(getLse().getType());
  Value dy = cotangents[0] ? cotangents[0] : f.zeros(getY().getType());
  int64_t last = getQ().getType().getRank() - 1;
  Value delta = f.sum(f.mul(f.cast(dy, wide), f.cast(getY(), wide)), {last});
  if (cotangents[1])
    delta = f.sub(delta, cotangents[1]);
  auto grad = AttentionGradOp::create(builder, getLoc(), getQ(), getK(), getV(), getLse(), delta,
                                      dy, getMask(), getKey(), getGeometry());
  SmallVector<Value> gradients(grad.getResults());
  if (getMask()) {
    gradients.push_back(Value());
    if (isFloatTensor(getMask().getType())) {
      // ds of attention_grad, summed over what the mask is repeated along.
      SpelledOut a(builder, *this);
      Value change = f.sub(a.kept(a.rowProducts(f.cast(dy, wide), a.v)), a.perQuery(delta));
      gradients.back() = a.sumToMask(f.mul(a.probabilities(), change));
    }
  }
  if (getKey())
    gradients.push_back(Value());
  return gradients;
}

// With p, w = dy v^T and ds = p (K(w) - delta), and cotangents of dq = scale ds k, dk = scale ds^T
// q and dv = K(p)^T dy; K(x) keeps of x what dropout leaves of it.
SmallVector<Value> AttentionGradOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  SpelledOut a(builder, *this);
  Formula &f = a.f;
  auto given = [&](unsigned i) {
    return a.wide(cotangents[i] ? cotangents[i] : f.zeros(getResult(i).getType()));
  };
  Value cq = a.scaled(given(0)), ck = a.scaled(given(1)), cv = given(2);
  Value dy = a.wide(getDy()), p = a.probabilities();
  Value change = f.sub(a.kept(a.rowProducts(dy, a.v)), a.perQuery(getDelta()));
  Value ds = f.mul(p, change);

  Value ofDs = f.add(a.rowProducts(cq, a.k), a.rowProducts(a.q, ck));
  Value ofChange = f.mul(ofDs, p), ofW = a.kept(ofChange);
  Value ofP = f.add(a.kept(a.rowProducts(dy, cv)), f.mul(ofDs, change));
  Value ofScore = f.mul(ofP, p);

  auto narrow = [&](Value x, Value like) { return f.cast(x, getElementTypeOrSelf(like)); };
  Value ofQ = f.add(a.scaled(a.weighted(ofScore, a.k, true)), a.weighted(ds, ck, true));
  Value ofK = f.add(a.scaled(a.weighted(ofScore, a.q, false)), a.weighted(ds, cq, false));
  Value ofV = a.weighted(ofW, dy, false);
  Value ofDy = f.add(a.weighted(ofW, a.v, true), a.weighted(a.kept(p), cv, true));
  SmallVector<Value> gradients{narrow(ofQ, getQ()),
                               narrow(ofK, getK()),
                               narrow(ofV, getV()),
                               f.neg(a.sumOverKeys(ofScore)),
                               f.neg(a.sumOverKeys(ofChange)),
                               narrow(ofDy, getDy())};
  if (getMask())
    gradients.push_back(isFloatTensor(getMask().getType()) ? a.sumToMask(ofScore) : Value());
  if (getKey())
    gradients.push_back(Value());
  return gradients;
}

} // namespace dlc::ir
