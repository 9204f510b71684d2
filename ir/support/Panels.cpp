#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace dlc::ir {
namespace {

constexpr llvm::StringLiteral kPack = "pack", kUnpack = "unpack";

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

SmallVector<int64_t> permuted(ArrayRef<int64_t> sizes, ArrayRef<int64_t> permutation) {
  return llvm::map_to_vector(permutation, [&](int64_t dim) { return sizes[dim]; });
}

SmallVector<int64_t> inverseOf(ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> inverse(permutation.size());
  for (auto [i, dim] : llvm::enumerate(permutation))
    inverse[dim] = i;
  return inverse;
}

/// Appends the steps of a chain, leaving out those that change nothing.
class ChainBuilder {
public:
  ChainBuilder(OpBuilder &builder, Location loc, Value value, StringRef mark)
      : builder(builder), loc(loc), value(value), mark(builder.getStringAttr(mark)) {}

  void reshape(ArrayRef<int64_t> sizes) {
    if (llvm::equal(sizes, type().getShape()))
      return;
    append(ReshapeOp::create(builder, loc, RankedTensorType::get(sizes, type().getElementType()),
                             value));
  }

  void transpose(ArrayRef<int64_t> permutation) {
    append(TransposeOp::create(builder, loc, value, permutation));
  }

  /// Zeros behind the last dimension, up to `size`.
  void pad(int64_t size) {
    int64_t missing = size - type().getShape().back();
    if (missing == 0)
      return;
    SmallVector<int64_t> none(type().getRank(), 0), high(none);
    high.back() = missing;
    Value zero = buildScalar(builder, loc, type().getElementType(), 0);
    zero.getDefiningOp()->setAttr(kPanelsAttr, mark);
    append(PadOp::create(builder, loc, value, zero, sizes(none), sizes(high), none));
  }

  /// The first `size` elements of the last dimension.
  void cut(int64_t size) {
    if (size == type().getShape().back())
      return;
    SmallVector<int64_t> limits(type().getShape()), none(limits.size(), 0);
    limits.back() = size;
    append(SliceOp::create(builder, loc, value, sizes(none), sizes(limits),
                           SmallVector<int64_t>(limits.size(), 1)));
  }

  Value result() { return value; }

private:
  template <typename Op> void append(Op op) {
    op->setAttr(kPanelsAttr, mark);
    value = op.getResult();
  }
  RankedTensorType type() { return cast<RankedTensorType>(value.getType()); }
  SmallVector<SizeAttr> sizes(ArrayRef<int64_t> values) {
    MLIRContext *context = builder.getContext();
    return llvm::map_to_vector(values, [&](int64_t size) { return sizeConstant(context, size); });
  }

  OpBuilder &builder;
  Location loc;
  Value value;
  StringAttr mark;
};

/// `dims`, with the number of matrices in front if there are several.
SmallVector<int64_t> withSlices(const PanelForm &form, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> sizes;
  if (form.slices() != 1)
    sizes.push_back(form.slices());
  llvm::append_range(sizes, dims);
  return sizes;
}

/// `permutation` of the dimensions behind the number of matrices, if that is there.
SmallVector<int64_t> behindSlices(const PanelForm &form, ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> all;
  int64_t first = form.slices() == 1 ? 0 : 1;
  if (first)
    all.push_back(0);
  for (int64_t dim : permutation)
    all.push_back(first + dim);
  return all;
}

/// From [rows, panels, width] to [panels, rows, width]; with pairs, from
/// [rows / 2, 2, panels, width] to [panels, rows / 2, width, 2].
SmallVector<int64_t> panelsFirst(const PanelForm &form) {
  return form.pairs ? behindSlices(form, {2, 0, 3, 1}) : behindSlices(form, {1, 0, 2});
}

int64_t panelCount(const PanelForm &form) {
  return llvm::divideCeilSigned(form.columns(), form.width);
}

/// The dimensions that panelsFirst permutes.
SmallVector<int64_t> rowsFirstSizes(const PanelForm &form) {
  if (form.pairs)
    return withSlices(form, {form.rows() / 2, 2, panelCount(form), form.width});
  return withSlices(form, {form.rows(), panelCount(form), form.width});
}

std::optional<PanelForm> formOf(ContractOp contract) {
  RankedTensorType type = contract.getB().getType();
  ArrayRef<int64_t> batch = contract.getBBatch();
  SmallVector<int64_t> reduced(contract.getBReduce()), free = contract.getBFree();
  // Batches run in the order of the op; another than the tensor's would make a form of its own.
  if (free.empty() || !llvm::is_sorted(batch))
    return std::nullopt;
  llvm::sort(reduced); // panels must not depend on the operand that they meet
  size_t columns = 1;
  while (columns < free.size() &&
         free[free.size() - columns - 1] + 1 == free[free.size() - columns])
    ++columns;
  PanelForm form;
  form.split.assign(type.getShape().begin(), type.getShape().end());
  llvm::append_range(form.permutation, batch);
  llvm::append_range(form.permutation, ArrayRef(free).drop_back(columns));
  form.outer = form.permutation.size();
  form.reduced = reduced.size();
  llvm::append_range(form.permutation, reduced);
  llvm::append_range(form.permutation, ArrayRef(free).take_back(columns));
  // No loop over one dimension of the reduction may end within a pair.
  form.pairs = type.getElementType().isBF16() && !reduced.empty() &&
               type.getShape()[reduced.back()] % 2 == 0;
  return form;
}

/// [window.., channels / groups, filters]: filters are columns, or channels for the input gradient.
std::optional<PanelForm> formOf(RankedTensorType filter, int64_t groups, bool inputGrad) {
  ArrayRef<int64_t> shape = filter.getShape();
  int64_t rank = shape.size(), channels = rank - 2, group = rank - 1, filters = rank;
  if (groups > 1 && shape[channels] == 1 && shape.back() == groups)
    return std::nullopt; // depthwise: a stencil, not a matrix
  PanelForm form;
  llvm::append_range(form.split, shape.drop_back());
  llvm::append_range(form.split, ArrayRef<int64_t>{groups, shape.back() / groups});
  form.permutation.push_back(group);
  llvm::append_range(form.permutation, llvm::seq<int64_t>(0, channels));
  llvm::append_range(form.permutation, inputGrad ? ArrayRef<int64_t>{filters, channels}
                                                 : ArrayRef<int64_t>{channels, filters});
  form.outer = 1;
  form.reduced = rank - 1;
  // A pair lies within one tap: runs of taps may begin and end anywhere.
  int64_t run = inputGrad ? shape.back() / groups : shape[channels];
  form.pairs = filter.getElementType().isBF16() && run % 2 == 0;
  if (groups > 1)
    return form;
  form.split.erase(form.split.begin() + group);
  form.permutation.erase(form.permutation.begin());
  form.outer = 0;
  for (int64_t &dim : form.permutation)
    dim -= dim == filters;
  return form;
}

} // namespace

int64_t PanelForm::product(unsigned first, unsigned last) const {
  int64_t count = 1;
  for (unsigned i = first; i < last; ++i)
    count *= split[permutation[i]];
  return count;
}

std::optional<PanelForm> panelFormOf(OpOperand &operand, int64_t width) {
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  if (!type || operand.getOperandNumber() != 1 || !type.hasStaticShape() ||
      !isa<FloatType>(type.getElementType()) || type.getNumElements() == 0)
    return std::nullopt;
  Operation *op = operand.getOwner();
  std::optional<PanelForm> form;
  if (auto contract = dyn_cast<ContractOp>(op))
    form = formOf(contract);
  else if (auto conv = dyn_cast<ConvOp>(op))
    form = formOf(type, conv.getGeometry().groups, /*inputGrad=*/false);
  else if (auto grad = dyn_cast<ConvInputGradOp>(op))
    form = formOf(type, grad.getGeometry().groups, /*inputGrad=*/true);
  if (form)
    form->width = width;
  return form;
}

RankedTensorType panelsType(const PanelForm &form, Type elementType) {
  int64_t together = form.pairs ? 2 : 1;
  return RankedTensorType::get(
      withSlices(form, {panelCount(form), form.rows() / together, form.width * together}),
      elementType);
}

Value buildPacking(OpBuilder &builder, Location loc, Value tensor, const PanelForm &form) {
  ChainBuilder chain(builder, loc, tensor, kPack);
  if (form.isPermuted()) {
    chain.reshape(form.split);
    chain.transpose(form.permutation);
  }
  chain.reshape(withSlices(form, {form.rows(), form.columns()}));
  chain.pad(panelCount(form) * form.width);
  chain.reshape(rowsFirstSizes(form));
  chain.transpose(panelsFirst(form));
  auto element = cast<RankedTensorType>(tensor.getType()).getElementType();
  chain.reshape(panelsType(form, element).getShape());
  return chain.result();
}

Value buildUnpacking(OpBuilder &builder, Location loc, Value panels, const PanelForm &form,
                     RankedTensorType type) {
  ChainBuilder chain(builder, loc, panels, kUnpack);
  chain.reshape(permuted(rowsFirstSizes(form), panelsFirst(form)));
  chain.transpose(inverseOf(panelsFirst(form)));
  chain.reshape(withSlices(form, {form.rows(), panelCount(form) * form.width}));
  chain.cut(form.columns());
  if (form.isPermuted()) {
    chain.reshape(permuted(form.split, form.permutation));
    chain.transpose(inverseOf(form.permutation));
  }
  chain.reshape(type.getShape());
  return chain.result();
}

bool isPacking(Operation *op) { return hasMark(op, kPack); }
bool isUnpacking(Operation *op) { return hasMark(op, kUnpack); }

bool arePairs(Value panels) {
  return cast<RankedTensorType>(panels.getType()).getShape().back() == 2 * panelWidth(panels);
}

int64_t panelWidth(Value panels) {
  int64_t row = cast<RankedTensorType>(panels.getType()).getShape().back();
  return row < kPanelWidth ? kNarrowPanelWidth : kPanelWidth;
}

Value packedTensor(Value panels) { return startOf(panels, kPack); }

PanelForm packedForm(Value panels) {
  Value tensor = packedTensor(panels);
  PanelForm form;
  auto type = cast<RankedTensorType>(tensor.getType());
  form.split.assign(type.getShape().begin(), type.getShape().end());
  form.permutation = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  form.pairs = arePairs(panels);
  form.width = panelWidth(panels);
  // The last transpose puts panels first; one before it is the form's.
  Value value = panels;
  while (!value.getDefiningOp<TransposeOp>())
    value = value.getDefiningOp()->getOperand(0);
  value = value.getDefiningOp()->getOperand(0);
  int64_t rank = cast<RankedTensorType>(panels.getType()).getRank();
  for (; value != tensor; value = value.getDefiningOp()->getOperand(0))
    if (auto transpose = value.getDefiningOp<TransposeOp>()) {
      ArrayRef<int64_t> split = transpose.getX().getType().getShape();
      form.split.assign(split.begin(), split.end());
      form.permutation.assign(transpose.getPermutation().begin(), transpose.getPermutation().end());
      break;
    }
  // How many dimensions are matrices and how many rows follows from their products.
  ArrayRef<int64_t> shape = cast<RankedTensorType>(panels.getType()).getShape();
  int64_t slices = rank == 4 ? shape[0] : 1, rows = shape[rank - 2] * (form.pairs ? 2 : 1);
  while (form.slices() < slices)
    ++form.outer;
  while (form.rows() < rows)
    ++form.reduced;
  return form;
}

Value unpackedPanels(Value tensor) { return startOf(tensor, kUnpack); }

} // namespace dlc::ir
