#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace dlc::ir {
namespace {

constexpr llvm::StringLiteral kPack = "pack", kUnpack = "unpack";

template <typename Op> Value marked(Op op, StringRef what) {
  op->setAttr(kPanelsAttr, StringAttr::get(op.getContext(), what));
  return op.getResult();
}

bool hasMark(Operation *op, StringRef what) {
  auto mark = op ? op->getAttrOfType<StringAttr>(kPanelsAttr) : StringAttr();
  return mark && mark.getValue() == what;
}

/// Goes up a chain of marked ops.
Value startOf(Value value, StringRef what) {
  if (!hasMark(value.getDefiningOp(), what))
    return {};
  while (hasMark(value.getDefiningOp(), what))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

SmallVector<SizeAttr> sizes(MLIRContext *context, ArrayRef<int64_t> values) {
  return llvm::map_to_vector(values, [&](int64_t value) { return sizeConstant(context, value); });
}

} // namespace

RankedTensorType panelsType(RankedTensorType matrix, bool transposed) {
  int64_t k = matrix.getDimSize(transposed), n = matrix.getDimSize(!transposed);
  return RankedTensorType::get({llvm::divideCeilSigned(n, kPanelWidth), k, kPanelWidth},
                               matrix.getElementType());
}

Value buildPacking(OpBuilder &builder, Location loc, Value matrix, bool transposed) {
  auto type = cast<RankedTensorType>(matrix.getType());
  RankedTensorType panels = panelsType(type, transposed);
  int64_t columns = transposed ? 0 : 1;
  int64_t missing = panels.getDimSize(0) * kPanelWidth - type.getDimSize(columns);
  if (missing) {
    int64_t high[2] = {0, 0};
    high[columns] = missing;
    Value zero = buildScalar(builder, loc, type.getElementType(), 0);
    zero.getDefiningOp()->setAttr(kPanelsAttr, builder.getStringAttr(kPack));
    MLIRContext *context = builder.getContext();
    matrix = marked(PadOp::create(builder, loc, matrix, zero, sizes(context, {0, 0}),
                                  sizes(context, high), ArrayRef<int64_t>{0, 0}),
                    kPack);
  }
  int64_t count = panels.getDimSize(0), k = panels.getDimSize(1);
  SmallVector<int64_t> split = transposed ? SmallVector<int64_t>{count, kPanelWidth, k}
                                          : SmallVector<int64_t>{k, count, kPanelWidth};
  auto splitType = RankedTensorType::get(split, type.getElementType());
  matrix = marked(ReshapeOp::create(builder, loc, splitType, matrix), kPack);
  SmallVector<int64_t> permutation =
      transposed ? SmallVector<int64_t>{0, 2, 1} : SmallVector<int64_t>{1, 0, 2};
  return marked(TransposeOp::create(builder, loc, matrix, permutation), kPack);
}

Value buildUnpacking(OpBuilder &builder, Location loc, Value panels, int64_t columns) {
  auto type = cast<RankedTensorType>(panels.getType());
  int64_t k = type.getDimSize(1), padded = type.getDimSize(0) * kPanelWidth;
  Value value =
      marked(TransposeOp::create(builder, loc, panels, ArrayRef<int64_t>{1, 0, 2}), kUnpack);
  auto flat = RankedTensorType::get({k, padded}, type.getElementType());
  value = marked(ReshapeOp::create(builder, loc, flat, value), kUnpack);
  if (columns == padded)
    return value;
  MLIRContext *context = builder.getContext();
  return marked(SliceOp::create(builder, loc, value, sizes(context, {0, 0}),
                                sizes(context, {k, columns}), ArrayRef<int64_t>{1, 1}),
                kUnpack);
}

bool isPacking(Operation *op) { return hasMark(op, kPack); }
bool isUnpacking(Operation *op) { return hasMark(op, kUnpack); }

Value packedMatrix(Value panels) { return startOf(panels, kPack); }

bool packsTransposed(Value panels) {
  return panels.getDefiningOp<TransposeOp>().getPermutation().front() == 0;
}

Value unpackedPanels(Value matrix) { return startOf(matrix, kUnpack); }

} // namespace dlc::ir
