#include "ir/ops/Contract.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Contract.cpp.inc"

namespace dlc::ir {
namespace {

SmallVector<int64_t> freeDims(int64_t rank, ArrayRef<int64_t> batch, ArrayRef<int64_t> reduce) {
  SmallVector<int64_t> free;
  for (int64_t dim = 0; dim < rank; ++dim)
    if (!llvm::is_contained(batch, dim) && !llvm::is_contained(reduce, dim))
      free.push_back(dim);
  return free;
}

RankedTensorType resultType(RankedTensorType a, RankedTensorType b, ArrayRef<int64_t> aBatch,
                            ArrayRef<int64_t> bBatch, ArrayRef<int64_t> aReduce,
                            ArrayRef<int64_t> bReduce, Type elementType) {
  Shape aShape = shapeOf(a), bShape = shapeOf(b), shape;
  for (int64_t dim : aBatch)
    shape.push_back(aShape[dim]);
  for (int64_t dim : freeDims(a.getRank(), aBatch, aReduce))
    shape.push_back(aShape[dim]);
  for (int64_t dim : freeDims(b.getRank(), bBatch, bReduce))
    shape.push_back(bShape[dim]);
  return tensorType(a.getContext(), shape, elementType);
}

} // namespace

void ContractOp::build(OpBuilder &builder, OperationState &state, Value a, Value b,
                       ArrayRef<int64_t> aBatch, ArrayRef<int64_t> bBatch,
                       ArrayRef<int64_t> aReduce, ArrayRef<int64_t> bReduce, Type elementType) {
  auto aType = cast<RankedTensorType>(a.getType());
  if (!elementType)
    elementType = aType.getElementType();
  build(builder, state,
        resultType(aType, cast<RankedTensorType>(b.getType()), aBatch, bBatch, aReduce, bReduce,
                   elementType),
        a, b, aBatch, bBatch, aReduce, bReduce);
}

SmallVector<int64_t> ContractOp::getAFree() {
  return freeDims(getA().getType().getRank(), getABatch(), getAReduce());
}

SmallVector<int64_t> ContractOp::getBFree() {
  return freeDims(getB().getType().getRank(), getBBatch(), getBReduce());
}

static LogicalResult checkPairs(Operation *op, StringRef what, Shape a, Shape b,
                                ArrayRef<int64_t> aDims, ArrayRef<int64_t> bDims) {
  if (aDims.size() != bDims.size())
    return op->emitOpError() << "pairs " << aDims.size() << " " << what << " dimensions of a with "
                             << bDims.size() << " of b";
  for (auto [x, y] : llvm::zip(aDims, bDims))
    if (a[x] != b[y])
      return op->emitOpError() << what << " dimension " << x << " of a has size "
                               << sizeToString(a[x]) << ", dimension " << y << " of b has size "
                               << sizeToString(b[y]);
  return success();
}

LogicalResult ContractOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  RankedTensorType a = getA().getType(), b = getB().getType();
  SmallVector<int64_t> aDims(getABatch()), bDims(getBBatch());
  llvm::append_range(aDims, getAReduce());
  llvm::append_range(bDims, getBReduce());
  // contract_c1
  if (failed(checkAxes(emitError, "dimension of a", aDims, a.getRank(), false)) ||
      failed(checkAxes(emitError, "dimension of b", bDims, b.getRank(), false)))
    return failure();
  // contract_c2, contract_c3
  if (failed(checkPairs(*this, "batch", shapeOf(a), shapeOf(b), getABatch(), getBBatch())) ||
      failed(checkPairs(*this, "reduced", shapeOf(a), shapeOf(b), getAReduce(), getBReduce())))
    return failure();
  if (a.getElementType() != b.getElementType()) // contract_c4
    return emitOpError("operands have element types ") << a.getElementType() << " and "
                                                       << b.getElementType();
  Type element = getType().getElementType();
  bool widened = element.isF32() && (a.getElementType().isF16() || a.getElementType().isBF16());
  RankedTensorType expected = resultType(a, b, getABatch(), getBBatch(), getAReduce(), getBReduce(),
                                         widened ? element : a.getElementType());
  if (getType() != expected) // contract_c5
    return emitOpError("result has type ") << typeToString(getType()) << ", expected "
                                           << typeToString(expected);
  return success();
}

} // namespace dlc::ir
