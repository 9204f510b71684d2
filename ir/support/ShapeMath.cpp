#include "ir/support/ShapeMath.h"
#include "ir/ops/Shape.h"

using namespace mlir;

namespace dlc::ir {

Shape shapeOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (auto dims = dyn_cast_or_null<DimsAttr>(tensor.getEncoding()))
    return llvm::to_vector<4>(dims.getSizes());
  Shape shape;
  for (int64_t dim : tensor.getShape())
    shape.push_back(sizeConstant(type.getContext(), dim));
  return shape;
}

Shape shapeOf(Value value) { return shapeOf(value.getType()); }

RankedTensorType tensorType(MLIRContext *context, ArrayRef<SizeAttr> shape, Type elementType) {
  SmallVector<int64_t> dims;
  for (SizeAttr size : shape)
    dims.push_back(size.isConstant() ? size.getValue() : ShapedType::kDynamic);
  bool isStatic = llvm::all_of(shape, [](SizeAttr size) { return size.isConstant(); });
  return RankedTensorType::get(dims, elementType,
                               isStatic ? Attribute() : DimsAttr::get(context, shape));
}

RankedTensorType withElementType(Type type, Type elementType) {
  return cast<RankedTensorType>(type).clone(elementType);
}

RankedTensorType scalarType(Type elementType) { return RankedTensorType::get({}, elementType); }

SizeAttr elementCount(Type type) { return sizeProduct(type.getContext(), shapeOf(type)); }

std::string typeToString(Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto tensor = cast<RankedTensorType>(type);
  os << tensor.getElementType() << ' ' << sizesToString(shapeOf(type));
  return text;
}

LogicalResult checkAxes(EmitError emitError, StringRef what, ArrayRef<int64_t> axes, int64_t rank,
                        bool sorted) {
  llvm::SmallDenseSet<int64_t> seen;
  int64_t previous = -1;
  for (int64_t axis : axes) {
    if (axis < 0 || axis >= rank)
      return emitError() << what << " " << axis << " is outside [0, " << rank
                         << ") for an operand of rank " << rank;
    if (!seen.insert(axis).second)
      return emitError() << what << " " << axis << " is given twice";
    if (sorted && axis < previous)
      return emitError() << what << " " << axis << " comes after " << previous
                         << ", expected increasing order";
    previous = axis;
  }
  return success();
}

SizeAttr windowOutput(SizeAttr size, int64_t window, int64_t stride, int64_t dilation,
                      SizeAttr padLow, SizeAttr padHigh) {
  SizeAttr padded = sizeAdd(sizeAdd(size, padLow), padHigh);
  int64_t effective = (window - 1) * dilation + 1;
  return sizeAdd(sizeFloorDiv(sizeAdd(padded, -effective), stride), 1);
}

std::pair<SizeAttr, SizeAttr> samePadding(SizeAttr size, int64_t window, int64_t stride,
                                          int64_t dilation) {
  MLIRContext *context = size.getContext();
  int64_t effective = (window - 1) * dilation + 1;
  SizeAttr total;
  if (stride == 1) {
    total = sizeConstant(context, effective - 1);
  } else {
    SizeAttr out = sizeCeilDiv(size, sizeConstant(context, stride));
    SizeAttr needed = sizeSub(sizeAdd(sizeMul(sizeAdd(out, -1), stride), effective), size);
    total = sizeMax(needed, sizeConstant(context, 0));
  }
  SizeAttr low = sizeFloorDiv(total, 2);
  return {low, sizeSub(total, low)};
}

Value buildScalar(OpBuilder &builder, Location loc, Type elementType, double value) {
  Attribute element;
  if (auto floatType = dyn_cast<FloatType>(elementType))
    element = builder.getFloatAttr(floatType, value);
  else
    element = builder.getIntegerAttr(elementType, int64_t(value));
  auto attr = DenseElementsAttr::get(scalarType(elementType), element);
  return ConstantOp::create(builder, loc, attr);
}

Value buildSplat(OpBuilder &builder, Location loc, RankedTensorType type, double value) {
  Value scalar = buildScalar(builder, loc, type.getElementType(), value);
  if (type.getRank() == 0)
    return scalar;
  return BroadcastOp::create(builder, loc, type, scalar, ArrayRef<int64_t>{});
}

} // namespace dlc::ir
