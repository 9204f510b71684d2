#include "ir/support/ReverseMode.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/State.h"
#include "ir/support/Formula.h"

using namespace mlir;

namespace dlc::ir {

//===- the walk -----------------------------------------------------------------------------===//

ReverseMode::ReverseMode(OpBuilder &builder, ArrayRef<Operation *> ops, ValueRange targets)
    : builder(builder), ops(ops) {
  active.insert(targets.begin(), targets.end());
  auto isActive = [&](Value value) { return active.contains(value); };
  for (Operation *op : ops)
    if (!op->hasTrait<ZeroGradient>() && llvm::any_of(op->getOperands(), isActive))
      for (Value result : op->getResults())
        if (isFloatTensor(result.getType()))
          active.insert(result);
}

void ReverseMode::accumulate(Value value, Value cotangent, Location loc) {
  Value &sum = cotangents[value];
  sum = sum ? Formula(builder, loc).add(sum, cotangent) : cotangent;
}

LogicalResult ReverseMode::run() {
  for (Operation *op : llvm::reverse(ops))
    if (failed(visit(op)))
      return failure();
  return success();
}

LogicalResult ReverseMode::visit(Operation *op) {
  auto isActive = [&](Value value) { return active.contains(value); };
  if (op->hasTrait<ZeroGradient>() || llvm::none_of(op->getOperands(), isActive))
    return success();
  SmallVector<Value> incoming;
  for (Value result : op->getResults())
    incoming.push_back(cotangents.lookup(result));
  if (llvm::none_of(incoming, [](Value cotangent) { return bool(cotangent); }))
    return success();
  auto differentiable = dyn_cast<Differentiable>(op);
  if (!differentiable)
    return op->emitError("'") << op->getName()
                              << "' has no derivative, but a gradient passes through it; use "
                                 "dlc.stop_gradient or dlc.custom_gradient";
  SmallVector<Value> outgoing = differentiable.buildVjp(builder, incoming);
  if (outgoing.empty())
    return failure(); // reported by the op
  for (auto [operand, cotangent] : llvm::zip_equal(op->getOperands(), outgoing))
    if (cotangent && isActive(operand))
      accumulate(operand, cotangent, op->getLoc());
  return success();
}

//===- blocks -------------------------------------------------------------------------------===//

ReversedBlock::ReversedBlock(Region &original) {
  IRMapping mapping;
  original.cloneInto(&forward, mapping);
  reverse.emplaceBlock();
}

Value ReversedBlock::addInput(Type type) {
  return reverse.front().addArgument(type, UnknownLoc::get(type.getContext()));
}

OpBuilder ReversedBlock::atEnd() {
  // No op holds the region yet, so the context is taken from what was copied.
  OpBuilder builder(getForward().getTerminator()->getContext());
  builder.setInsertionPointToEnd(&reverse.front());
  return builder;
}

LogicalResult ReversedBlock::differentiate(Location loc, ArrayRef<Value> seeds) {
  Block &block = getForward();
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(&op);
  SmallVector<Value> targets;
  for (Value argument : block.getArguments())
    if (isFloatTensor(argument.getType()))
      targets.push_back(argument);

  OpBuilder builder = atEnd();
  ReverseMode walk(builder, ops, targets);
  for (auto [value, seed] : llvm::zip_equal(block.getTerminator()->getOperands(), seeds))
    if (seed)
      walk.accumulate(value, seed, loc);
  if (failed(walk.run()))
    return failure();
  for (Value argument : block.getArguments())
    derivatives.push_back(isFloatTensor(argument.getType()) ? walk.cotangentOf(argument)
                                                            : Value());
  return success();
}

Value ReversedBlock::importValue(Value value,
                                 function_ref<Value(BlockArgument)> findArgument) {
  if (Value known = imported.lookupOrNull(value))
    return known;
  Value input;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    input = findArgument(argument);
  } else if (Operation *op = value.getDefiningOp(); op->getNumOperands() == 0) {
    // Constants and sizes are made anew rather than kept.
    OpBuilder builder(op->getContext());
    builder.setInsertionPointToStart(&reverse.front());
    builder.clone(*op, imported);
    return imported.lookup(value);
  }
  if (!input) {
    input = addInput(value.getType());
    residuals.push_back(value);
    residualInputs.push_back(input);
  }
  imported.map(value, input);
  return input;
}

void ReversedBlock::detach(function_ref<Value(BlockArgument)> findArgument) {
  Block *from = &getForward();
  for (Operation &op : llvm::make_early_inc_range(reverse.front()))
    for (OpOperand &operand : op.getOpOperands())
      if (operand.get().getParentBlock() == from)
        operand.set(importValue(operand.get(), findArgument));
}

void ReversedBlock::moveForwardInto(Region &region, ValueRange before, ValueRange after) {
  Operation *terminator = getForward().getTerminator();
  SmallVector<Value> yielded(terminator->getOperands());
  llvm::append_range(yielded, before);
  llvm::append_range(yielded, residuals);
  llvm::append_range(yielded, after);
  terminator->setOperands(yielded);
  region.takeBody(forward);
}

void ReversedBlock::moveReverseInto(Block &block, ArrayRef<Value> inputs, ValueRange arguments) {
  for (auto [placeholder, argument] : llvm::zip_equal(inputs, arguments))
    Value(placeholder).replaceAllUsesWith(argument);
  block.getOperations().splice(block.end(), reverse.front().getOperations());
}

Value markSeam(OpBuilder &builder, Location loc, Value gradient, Value target) {
  FlatSymbolRefAttr variable = variableBehind(target);
  return variable ? SeamOp::create(builder, loc, gradient.getType(), gradient, variable) : gradient;
}

} // namespace dlc::ir
