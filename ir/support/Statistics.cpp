#include "ir/support/Statistics.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/Reduce.h"

using namespace mlir;

namespace dlc::ir {

Type computeType(Type elementType) {
  bool isHalf = elementType.isF16() || elementType.isBF16();
  return isHalf ? Type(Float32Type::get(elementType.getContext())) : elementType;
}

Statistics::Statistics(OpBuilder &builder, Location loc, Type type, ArrayRef<int64_t> axes)
    : builder(builder), loc(loc), f(builder, loc), type(cast<RankedTensorType>(type)),
      axes(axes) {}

Value Statistics::sum(Value x) { return f.sum(x, axes); }
Value Statistics::max(Value x) { return ReduceMaxOp::create(builder, loc, x, axes); }
Value Statistics::mean(Value x) { return overCount(sum(x)); }

Value Statistics::overCount(Value statistic) {
  Shape sizes = shapeOf(type), reduced;
  for (int64_t axis : axes)
    reduced.push_back(sizes[axis]);
  Value count = f.size(reduced, type.getElementType());
  return f.div(statistic, f.broadcast(count, statistic.getType(), {}));
}

Value Statistics::repeat(Value statistic) { return f.restoreAxes(statistic, type, axes); }

Value Statistics::inverseDeviation(Value variance, double epsilon) {
  return RsqrtOp::create(builder, loc, f.add(variance, f.splat(variance, epsilon)));
}

} // namespace dlc::ir
