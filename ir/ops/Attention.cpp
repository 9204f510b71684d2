#include "ir/ops/Attention.h"
#include <cmath>

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Attention.cpp.inc"

namespace dlc::ir {

Shape attentionScores(ArrayRef<SizeAttr> q, ArrayRef<SizeAttr> k, int64_t axis) {
  Shape scores;
  for (auto [i, size] : llvm::enumerate(q.drop_back()))
    if (int64_t(i) != axis)
      scores.push_back(size);
  scores.push_back(q[axis]);
  scores.push_back(k[axis]);
  return scores;
}

std::pair<RankedTensorType, RankedTensorType> attentionResults(RankedTensorType q,
                                                               RankedTensorType v) {
  Shape y = shapeOf(q);
  Type element = q.getElementType();
  bool narrow = element.isF16() || element.isBF16();
  Type wide = narrow ? Type(Float32Type::get(q.getContext())) : element;
  RankedTensorType lse = tensorType(q.getContext(), ArrayRef(y).drop_back(), wide);
  y.back() = shapeOf(v).back();
  return {tensorType(q.getContext(), y, element), lse};
}

// ---- Builders

static DenseI64ArrayAttr arrayAttr(OpBuilder &builder, ArrayRef<int64_t> values) {
  return builder.getDenseI64ArrayAttr(values);
}

void AttentionOp::build(OpBuilder &builder, OperationState &state, Value q, Value k, Value v,
                        Value mask, Value key, const AttentionGeometry &geometry) {
  auto [y, lse] =
      attentionResults(cast<RankedTensorType>(q.getType()), cast<RankedTensorType>(v.getType()));
  build(builder, state, y, lse, q, k, v, mask, key, arrayAttr(builder, geometry.maskDims),
        geometry.causal ? builder.getUnitAttr() : UnitAttr(),
        builder.getI64IntegerAttr(geometry.axis), builder.getF64FloatAttr(geometry.scale),
        builder.getF64FloatAttr(geometry.dropout));
}

void AttentionGradOp::build(OpBuilder &builder, OperationState &state, Value q, Value k, Value v,
                            Value lse, Value delta, Value dy, Value mask, Value key,
                            const AttentionGeometry &geometry) {
  build(builder, state, q.getType(), k.getType(), v.getType(), q, k, v, lse, delta, dy, mask, key,
        arrayAttr(builder, geometry.maskDims), geometry.causal ? builder.getUnitAttr() : UnitAttr(),
        builder.getI64IntegerAttr(geometry.axis), builder.getF64FloatAttr(geometry.scale),
        builder.getF64FloatAttr(geometry.dropout));
}

// ---- Verifiers

namespace {

/// What both ops ask of q, k, v, mask and key: attention_c1 to attention_c6, and attention_c8.
class OperandCheck {
public:
  OperandCheck(Operation *op, RankedTensorType q, RankedTensorType k, RankedTensorType v,
               RankedTensorType mask, bool hasKey, const AttentionGeometry &geometry)
      : op(op), q(q), k(k), v(v), mask(mask), hasKey(hasKey), geometry(geometry) {}

  LogicalResult run() {
    if (failed(checkRanks()) || failed(checkSizes()) || failed(checkMask()))
      return failure();
    if (!std::isfinite(geometry.scale)) // attention_c6
      return op->emitOpError("scale is not finite");
    if (!(geometry.dropout >= 0 && geometry.dropout < 1)) // attention_c8
      return op->emitOpError("dropout is ") << geometry.dropout << ", expected [0, 1)";
    if (geometry.dropout > 0 && !hasKey)
      return op->emitOpError("dropout needs a key");
    return success();
  }

private:
  LogicalResult checkRanks() {
    int64_t rank = q.getRank();
    if (rank < 2 || k.getRank() != rank || v.getRank() != rank) // attention_c1
      return op->emitOpError("q, k and v have ranks ")
             << rank << ", " << k.getRank() << " and " << v.getRank()
             << ", expected the same rank of at least 2";
    return checkAxes([&] { return op->emitOpError(); }, "axis", geometry.axis, rank - 1, true);
  }

  LogicalResult differs(StringRef what, int64_t dim, SizeAttr a, StringRef other, SizeAttr b) {
    return op->emitOpError() << "dimension " << dim << " of " << what << " has size "
                             << sizeToString(a) << ", of " << other << " " << sizeToString(b);
  }

  // attention_c2, attention_c3
  LogicalResult checkSizes() {
    Shape a = shapeOf(q), b = shapeOf(k), c = shapeOf(v);
    int64_t last = q.getRank() - 1;
    for (int64_t dim = 0; dim <= last; ++dim) {
      if (dim != geometry.axis && a[dim] != b[dim])
        return differs("k", dim, b[dim], "q", a[dim]);
      if (dim != last && b[dim] != c[dim])
        return differs("v", dim, c[dim], "k", b[dim]);
    }
    for (SizeAttr depth : {a.back(), c.back()})
      if (!depth.isConstant() || depth.getValue() < 1)
        return op->emitOpError("depth and width must be positive constants, got ")
               << sizeToString(a.back()) << " and " << sizeToString(c.back());
    if (q.getElementType() != k.getElementType() || q.getElementType() != v.getElementType())
      return op->emitOpError("q, k and v have element types ")
             << q.getElementType() << ", " << k.getElementType() << " and " << v.getElementType();
    return success();
  }

  // attention_c4, attention_c5
  LogicalResult checkMask() {
    ArrayRef<int64_t> dims = geometry.maskDims;
    int64_t rank = mask ? mask.getRank() : 0;
    if (int64_t(dims.size()) != rank)
      return op->emitOpError("mask has ") << rank << " dimensions, mask_dims " << dims.size();
    if (!mask)
      return success();
    Shape scores = attentionScores(shapeOf(q), shapeOf(k), geometry.axis), sizes = shapeOf(mask);
    if (failed(checkAxes([&] { return op->emitOpError(); }, "mask dimension", dims, scores.size(),
                         /*sorted=*/true)))
      return failure();
    for (auto [i, dim] : llvm::enumerate(dims))
      if (sizes[i] != scores[dim])
        return op->emitOpError("dimension ")
               << i << " of mask has size " << sizeToString(sizes[i]) << ", dimension " << dim
               << " of the scores " << sizeToString(scores[dim]);
    Type element = mask.getElementType();
    if (!element.isInteger(1) && element != q.getElementType())
      return op->emitOpError("mask has element type ")
             << element << ", expected i1 or " << q.getElementType();
    return success();
  }

  Operation *op;
  RankedTensorType q, k, v, mask;
  bool hasKey;
  const AttentionGeometry &geometry;
};

template <typename Op> LogicalResult checkOperands(Op op) {
  AttentionGeometry geometry = op.getGeometry();
  RankedTensorType mask;
  if (op.getMask())
    mask = cast<RankedTensorType>(op.getMask().getType());
  return OperandCheck(op, op.getQ().getType(), op.getK().getType(), op.getV().getType(), mask,
                      bool(op.getKey()), geometry)
      .run();
}

LogicalResult expectType(Operation *op, StringRef what, Type type, Type expected) {
  if (type == expected)
    return success();
  return op->emitOpError() << what << " has type " << typeToString(type) << ", expected "
                           << typeToString(expected);
}

} // namespace

LogicalResult AttentionOp::verify() {
  if (failed(checkOperands(*this)))
    return failure();
  auto [y, lse] = attentionResults(getQ().getType(), getV().getType());
  // attention_c7
  return success(succeeded(expectType(*this, "y", getY().getType(), y)) &&
                 succeeded(expectType(*this, "lse", getLse().getType(), lse)));
}

LogicalResult AttentionGradOp::verify() {
  if (failed(checkOperands(*this))) // attention_grad_c1
    return failure();
  auto [y, lse] = attentionResults(getQ().getType(), getV().getType());
  struct {
    StringRef what;
    Type type, expected;
  } const table[] = {{"lse", getLse().getType(), lse},
                     {"delta", getDelta().getType(), lse},        // c2
                     {"dy", getDy().getType(), y},                // c3
                     {"dq", getDq().getType(), getQ().getType()}, // c4
                     {"dk", getDk().getType(), getK().getType()},
                     {"dv", getDv().getType(), getV().getType()}};
  for (const auto &row : table)
    if (failed(expectType(*this, row.what, row.type, row.expected)))
      return failure();
  return success();
}

} // namespace dlc::ir
