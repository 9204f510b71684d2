#include "codegen/cpu/emit/FragmentBody.h"
#include "codegen/lower/Pointwise.h"
#include "codegen/lower/SizeCode.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {

Size SizeScope::operator()(SizeAttr size) {
  if (size.isConstant())
    return size.getValue();
  return emitSize(k.builder(), k.loc(), size, [&](StringRef name) -> Value {
    for (auto [i, symbol] : llvm::enumerate(symbols))
      if (cast<StringAttr>(symbol).getValue() == name)
        return phase.sizes[i];
    llvm_unreachable("dlc.kernel_func lists every symbol that it uses");
  });
}

SmallVector<Size> SizeScope::operator()(ArrayRef<SizeAttr> sizes) {
  return llvm::map_to_vector(sizes, [&](SizeAttr size) { return (*this)(size); });
}

EpilogueMode FragmentBody::modeFor(KernelFuncOp func) {
  if (llvm::any_of(func.getBody().front(), [](Operation &op) { return sumsColumns(&op); }))
    return EpilogueMode::Columns;
  bool math = llvm::any_of(func.getBody().front(), [](Operation &op) {
    return isa<ExpOp, Expm1Op, LogOp, Log1pOp, TanhOp, SigmoidOp, ErfOp, SinOp, CosOp, PowOp,
               RemOp>(op);
  });
  return math ? EpilogueMode::Rolled : EpilogueMode::Inline;
}

// A fragment is a cache line or less of each. With other operands beside the result, into L2: rows
// of a tile lie a power of two apart, often, and the lines of three tensors push each other out of
// a few sets of L1 before they are used. 1x1 input gradients of 32 images with a residual and the
// mask of a relu, 64 to 256 channels of 56x56 64 -> 73 GFLOP/s, 256 to 1024 of 14x14 78 -> 90. A
// result alone is in L1 in time (1x1 of 28x28x128 to 512, dX: from L2 2 % slower).
void FragmentBody::fetchAhead(KernelBuilder &k, const Fragment &fragment) {
  Block &body = func.getBody().front();
  auto isRead = [&](BlockArgument argument) {
    return isFull(argument) && llvm::any_of(argument.getUsers(), [&](Operation *user) {
             return user != root && !isa<BroadcastOp>(user);
           });
  };
  bool alone = llvm::none_of(body.getArguments(), isRead);
  auto fetch = [&](Value value, Value pointer) {
    Type element = kernelElement(cast<RankedTensorType>(value.getType()).getElementType());
    if (alone)
      return prefetch(k, element, pointer, fragment.index, /*write=*/true);
    prefetchIntoL2(k, element, k.address(element, pointer, fragment.index));
  };
  for (BlockArgument argument : body.getArguments())
    if (isRead(argument))
      fetch(argument, phase.pointers[argument.getArgNumber()]);
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands()))
    if (isFull(value))
      fetch(value, phase.pointers[body.getNumArguments() + i]);
}

bool FragmentBody::isFull(Value value) {
  Shape shape = shapeOf(root->getResult(0));
  return shapeOf(value) == shape && !shape.empty();
}

void FragmentBody::store(KernelBuilder &k, const Fragment &fragment) {
  if (fragment.rows == 0)
    return sums.begin(k, fragment, partial);
  if (!fragment.value)
    return fetchAhead(k, fragment);
  Known known;
  Type element = kernelElement(cast<ShapedType>(root->getResult(0).getType()).getElementType());
  known[root->getResult(0)] = k.convert(fragment.value, element);
  Block &body = func.getBody().front();
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands())) {
    if (!sums.empty() && !isFull(value))
      continue;
    Value result = at(k, fragment, value, known), to = phase.pointers[body.getNumArguments() + i];
    if (fragment.goesAround && value == root->getResult(0))
      k.storeNonTemporal(result, to, fragment.index);
    else
      k.maskedStore(result, to, fragment.index, fragment.mask);
  }
  if (!sums.empty())
    addTerms(k, fragment, llvm::map_to_vector(sums.terms(), [&](Value term) {
               return at(k, fragment, term, known);
             }));
}

// Rows of a tile come one after the other: the last one adds them all.
void FragmentBody::addTerms(KernelBuilder &k, const Fragment &fragment, ArrayRef<Value> terms) {
  for (auto [rows, term] : llvm::zip(pending, terms))
    rows.push_back(term);
  if (int64_t(pending.front().size()) < fragment.rows)
    return;
  sums.add(k, fragment, partial, pending);
  for (SmallVector<Value> &rows : pending)
    rows.clear();
}

Value FragmentBody::at(KernelBuilder &k, const Fragment &fragment, Value value, Known &known) {
  if (Value found = known.lookup(value))
    return found;
  int64_t lanes = KernelBuilder::lanesOf(fragment.value.getType());
  auto type = cast<RankedTensorType>(value.getType());
  Value result;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    VectorType vector = k.vectorType(kernelElement(type.getElementType()), lanes);
    result = k.maskedLoad(vector, phase.pointers[argument.getArgNumber()], fragment.index,
                          fragment.mask);
  } else if (auto op = value.getDefiningOp<BroadcastOp>()) {
    result = broadcast(k, fragment, op, known);
  } else if (type.getRank() == 0) {
    result = k.splat(scalar(k, value, known), lanes);
  } else {
    SmallVector<Value> operands;
    for (Value operand : value.getDefiningOp()->getOperands())
      operands.push_back(at(k, fragment, operand, known));
    result = *emitPointwise(k.builder(), value.getDefiningOp(), operands);
  }
  return known[value] = result;
}

Value FragmentBody::broadcast(KernelBuilder &k, const Fragment &fragment, BroadcastOp op,
                              Known &known) {
  auto type = cast<RankedTensorType>(op.getX().getType());
  int64_t lanes = KernelBuilder::lanesOf(fragment.value.getType());
  if (type.getRank() == 0)
    return k.splat(scalar(k, op.getX(), known), lanes);
  // Only values in memory have dimensions here: KernelGroups lets no other op into an epilogue.
  Value pointer = phase.pointers[cast<BlockArgument>(op.getX()).getArgNumber()];
  Type element = kernelElement(type.getElementType());
  // Columns are the last dimension, or all free dimensions of a contraction's second operand: then
  // KernelGroups sees to it that the operand lies along all of them or none.
  auto contract = dyn_cast<ContractOp>(root);
  int64_t columns = contract ? std::max<int64_t>(contract.getBFree().size(), 1) : 1;
  Shape result = shapeOf(op.getY());
  int64_t first = result.size() - columns;
  // Where the row's other coordinates lie in the operand.
  SmallVector<Size> extents = scope(shapeOf(op.getX()));
  SmallVector<Size> leading = scope(ArrayRef(result).drop_back(columns));
  SmallVector<Size> coordinates;
  if (!leading.empty())
    coordinates = k.delinearize(fragment.row, leading);
  Size base = 0;
  bool alongColumns = false;
  for (auto [i, dim] : llvm::enumerate(op.getDims())) {
    base = k.mul(base, extents[i]);
    if (dim < first)
      base = k.add(base, coordinates[dim]);
    alongColumns |= dim >= first;
  }
  if (alongColumns) {
    base = k.add(base, fragment.column);
    return k.maskedLoad(k.vectorType(element, lanes), pointer, base, fragment.mask);
  }
  return k.splat(k.load(element, pointer, base), lanes);
}

Value FragmentBody::scalar(KernelBuilder &k, Value value, Known &known) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = kernelElement(type.getElementType());
  if (auto argument = dyn_cast<BlockArgument>(value))
    return k.load(element, phase.pointers[argument.getArgNumber()], 0);
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    auto dense = cast<DenseElementsAttr>(constant.getValue());
    if (isa<FloatType>(element))
      return k.floatConstant(element, dense.getSplatValue<APFloat>().convertToDouble());
    return k.intConstant(element, dense.getSplatValue<APInt>().getSExtValue());
  }
  if (auto size = dyn_cast<SizeOp>(op)) {
    Value count = k.value(scope(sizeProduct(op->getContext(), size.getDims().getSizes())));
    return emitCast(k.builder(), k.loc(), count, k.i64(), element);
  }
  if (auto inner = dyn_cast<BroadcastOp>(op))
    return scalar(k, inner.getX(), known);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(scalar(k, operand, known));
  return *emitPointwise(k.builder(), op, operands);
}

} // namespace dlc::codegen::cpu
