#include "ir/ops/Control.h"
#include "ir/ops/Assembly.h"
#include "ir/ops/State.h"
#include "ir/support/Formula.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "ir/ops/Control.cpp.inc"

namespace dlc::ir {
namespace {

std::string typesToString(TypeRange types) {
  std::string text = "(";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(types, os, [&](Type type) { os << typeToString(type); });
  return text + ")";
}

/// The types that a region's block takes.
LogicalResult expectArguments(Operation *op, StringRef region, Region &body, TypeRange expected) {
  if (body.hasOneBlock() && llvm::equal(body.getArgumentTypes(), expected))
    return success();
  return op->emitOpError(region) << " takes " << typesToString(body.getArgumentTypes())
                                 << ", expected " << typesToString(expected);
}

/// The types that a region yields.
LogicalResult expectYields(Operation *op, StringRef region, Region &body, TypeRange expected) {
  auto yield = dyn_cast<YieldOp>(body.front().back());
  if (!yield)
    return op->emitOpError(region) << " does not end in dlc.yield";
  if (llvm::equal(yield.getValues().getTypes(), expected))
    return success();
  return op->emitOpError(region) << " yields " << typesToString(yield.getValues().getTypes())
                                 << ", expected " << typesToString(expected);
}

SmallVector<Type> concatTypes(std::initializer_list<TypeRange> lists) {
  SmallVector<Type> types;
  for (TypeRange list : lists)
    llvm::append_range(types, list);
  return types;
}

void addBlock(Region &region, TypeRange arguments, Location loc) {
  region.emplaceBlock().addArguments(arguments, SmallVector<Location>(arguments.size(), loc));
}

} // namespace

//===- scan ---------------------------------------------------------------------------------===//

Block::BlockArgListType ScanOp::getCarries() {
  return getBody().getArguments().slice(1, getInits().size());
}
Block::BlockArgListType ScanOp::getSlices() {
  return getBody().getArguments().slice(1 + getInits().size(), getXs().size());
}
Block::BlockArgListType ScanOp::getInvariantArgs() {
  return getBody().getArguments().take_back(getInvariants().size());
}
OperandRange ScanOp::getYielded() { return getBody().front().getTerminator()->getOperands(); }

RankedTensorType ScanOp::stackedType(SizeAttr trip, Type slice) {
  Shape shape = shapeOf(slice);
  shape.insert(shape.begin(), trip);
  return tensorType(slice.getContext(), shape, cast<RankedTensorType>(slice).getElementType());
}

RankedTensorType ScanOp::sliceType(Type stack) {
  Shape shape = shapeOf(stack);
  return tensorType(stack.getContext(), ArrayRef(shape).drop_front(),
                    cast<RankedTensorType>(stack).getElementType());
}

/// Index, carries, slices, invariants.
static SmallVector<Type> scanArguments(ScanOp scan) {
  SmallVector<Type> types = {scalarType(IntegerType::get(scan.getContext(), 64))};
  llvm::append_range(types, scan.getInits().getTypes());
  for (Value x : scan.getXs())
    types.push_back(ScanOp::sliceType(x.getType()));
  llvm::append_range(types, scan.getInvariants().getTypes());
  return types;
}

Block &ScanOp::addBody() {
  addBlock(getBody(), scanArguments(*this), getLoc());
  return getBody().front();
}

LogicalResult ScanOp::verify() {
  for (auto [i, x] : llvm::enumerate(getXs())) {
    Shape shape = shapeOf(x);
    if (shape.empty() || shape.front() != getTrip()) // scan_c1
      return emitOpError("xs operand ") << i << " has sizes " << sizesToString(shape)
                                        << ", expected the trip count "
                                        << sizeToString(getTrip()) << " in front";
  }
  if (failed(expectArguments(*this, "body", getBody(), scanArguments(*this)))) // scan_c2
    return failure();
  auto yield = dyn_cast<YieldOp>(getBody().front().back());
  if (!yield)
    return emitOpError("body does not end in dlc.yield");
  TypeRange yielded = yield.getValues().getTypes();
  if (yielded.size() < getInits().size() || // scan_c3
      !llvm::equal(yielded.take_front(getInits().size()), getInits().getTypes()))
    return emitOpError("body yields ") << typesToString(yielded) << ", expected the carries "
                                       << typesToString(getInits().getTypes()) << " first";
  SmallVector<Type> results(getInits().getTypes());
  for (Type slice : yielded.drop_front(getInits().size()))
    results.push_back(stackedType(getTrip(), slice));
  if (!llvm::equal(getResultTypes(), results)) // scan_c4
    return emitOpError("results are ") << typesToString(getResultTypes()) << ", expected "
                                       << typesToString(results);
  return success();
}

//===- if -----------------------------------------------------------------------------------===//

void IfOp::addBodies() {
  addBlock(getOnTrue(), getInputs().getTypes(), getLoc());
  addBlock(getOnFalse(), getInputs().getTypes(), getLoc());
}

LogicalResult IfOp::verify() {
  for (auto [name, region] : {std::pair<StringRef, Region *>("then region", &getOnTrue()),
                              std::pair<StringRef, Region *>("else region", &getOnFalse())})
    if (failed(expectArguments(*this, name, *region, getInputs().getTypes())) || // if_c1
        failed(expectYields(*this, name, *region, getResultTypes())))              // if_c2
      return failure();
  return success();
}

//===- while --------------------------------------------------------------------------------===//

void WhileOp::addBodies() {
  for (Region *region : {&getCondition(), &getBody()})
    addBlock(*region, getOperation()->getOperandTypes(), getLoc());
}

LogicalResult WhileOp::verify() {
  if (int64_t(getMaxTrip()) < 0) // while_c4
    return emitOpError("max_trip ") << int64_t(getMaxTrip()) << " is negative";
  TypeRange arguments = getOperation()->getOperandTypes();
  if (failed(expectArguments(*this, "condition", getCondition(), arguments)) || // while_c1
      failed(expectArguments(*this, "body", getBody(), arguments)))
    return failure();
  Type flag = scalarType(IntegerType::get(getContext(), 1));
  if (failed(expectYields(*this, "condition", getCondition(), flag)) || // while_c2
      failed(expectYields(*this, "body", getBody(), getInits().getTypes()))) // while_c3
    return failure();
  if (!llvm::equal(getResultTypes(), getInits().getTypes()))
    return emitOpError("results are ") << typesToString(getResultTypes())
                                       << ", expected the carries "
                                       << typesToString(getInits().getTypes());
  return success();
}

//===- custom_gradient ----------------------------------------------------------------------===//

static SmallVector<Type> backwardArguments(CustomGradientOp op) {
  return concatTypes({op.getInputs().getTypes(), op.getResultTypes(), op.getResultTypes()});
}

void CustomGradientOp::addBodies() {
  addBlock(getForward(), getInputs().getTypes(), getLoc());
  addBlock(getBackward(), backwardArguments(*this), getLoc());
}

LogicalResult CustomGradientOp::verify() {
  if (failed(expectArguments(*this, "forward", getForward(), getInputs().getTypes())) ||
      failed(expectYields(*this, "forward", getForward(), getResultTypes())))
    return failure(); // custom_gradient_c1
  if (failed(expectArguments(*this, "backward", getBackward(), backwardArguments(*this))))
    return failure(); // custom_gradient_c2
  SmallVector<Type> gradients;
  for (Type type : getInputs().getTypes())
    if (isFloatTensor(type))
      gradients.push_back(type);
  return expectYields(*this, "backward", getBackward(), gradients); // custom_gradient_c3
}

} // namespace dlc::ir
