#include "ir/support/KernelCost.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

namespace dlc::ir {

SizeAttr flopsOf(Operation *op) {
  MLIRContext *context = op->getContext();
  FusionKind kind = cast<Fusible>(op).getFusionKind();
  if (auto contract = dyn_cast<ContractOp>(op)) {
    SizeAttr depth = sizeConstant(context, 1);
    Shape a = shapeOf(contract.getA());
    for (int64_t dim : contract.getAReduce())
      depth = sizeMul(depth, a[dim]);
    return sizeMul(sizeMul(elementCount(contract.getType()), depth), 2);
  }
  if (auto conv = dyn_cast<WinogradConvOp>(op)) {
    Shape x = shapeOf(conv.getX()), y = shapeOf(conv.getType());
    SizeAttr products = sizeMul(sizeMul(winogradTiles(y), kWinogradSums), sizeMul(x[3], y[3]));
    return sizeMul(products, 2);
  }
  if (isa<WinogradFilterOp>(op))
    return elementCount(op->getResult(0).getType());
  if (kind == FusionKind::Convolution) {
    // Each element of y meets every element of one filter.
    Value y = isa<ConvOp>(op) ? op->getResult(0)
                              : op->getOperand(isa<ConvInputGradOp>(op) ? 0 : 1);
    Type filter = isa<ConvFilterGradOp>(op) ? op->getResult(0).getType()
                                            : op->getOperand(1).getType();
    SizeAttr perFilter = sizeProduct(context, ArrayRef(shapeOf(filter)).drop_back());
    return sizeMul(sizeMul(elementCount(y.getType()), perFilter), 2);
  }
  if (kind == FusionKind::Attention) {
    // Every element of q and of y (of the gradients, for the gradient) meets every key.
    bool gradient = isa<AttentionGradOp>(op);
    auto axis = op->getAttrOfType<IntegerAttr>("axis").getInt();
    Shape q = shapeOf(op->getOperand(0)), v = shapeOf(op->getOperand(2));
    SizeAttr perRow = sizeAdd(sizeMul(q.back(), gradient ? 3 : 1), sizeMul(v.back(), gradient ? 2 : 1));
    SizeAttr rows = sizeProduct(context, ArrayRef(q).drop_back());
    SizeAttr flops = sizeMul(sizeMul(sizeMul(rows, v[axis]), perRow), 2);
    return op->hasAttr("causal") ? sizeFloorDiv(flops, 2) : flops;
  }
  if (kind == FusionKind::Pointwise)
    return elementCount(op->getResult(0).getType());
  if (kind == FusionKind::Reduce)
    return elementCount(op->getOperand(0).getType());
  return sizeConstant(context, 0);
}

SizeAttr storedBytesOf(Type type) {
  Type element = cast<ShapedType>(type).getElementType();
  return sizeMul(elementCount(type), std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8));
}

} // namespace dlc::ir
