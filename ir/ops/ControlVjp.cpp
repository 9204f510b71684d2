// Gradients of loops and branches. Each writes the reverse of its body with the same walk that
// differentiates an entry; the values of the body that the reverse uses become further results
// of the forward op, which takes the place of the original one.
#include "ir/ops/Compare.h"
#include "ir/ops/Control.h"
#include "ir/ops/Elementwise.h"
#include "ir/ops/State.h"
#include "ir/support/Formula.h"
#include "ir/support/ReverseMode.h"
#include "ir/support/ShapeMath.h"

using namespace mlir;

namespace dlc::ir {

using Values = SmallVector<Value>;

//===- scan ---------------------------------------------------------------------------------===//

namespace {

/// A value outside the reverse scan and what stands for it inside.
struct Port {
  Value outside, inside;
};

/// Builds the scan in the other direction, step by step.
class ScanReversal {
public:
  ScanReversal(ScanOp scan, OpBuilder &builder, ValueRange cotangents)
      : scan(scan), builder(builder), cotangents(cotangents), f(builder, scan.getLoc()),
        body(scan.getBody()) {}

  LogicalResult run();
  Values getGradients() { return gradients; }

private:
  Values seed();
  void yieldDerivatives();
  void importForward();
  void replaceForward();
  void createReverse();

  ScanOp scan;
  OpBuilder &builder;
  ValueRange cotangents;
  Formula f;
  ReversedBlock body;
  Value index;
  SmallVector<Port> carries, slices, invariants;
  SmallVector<int64_t> stackedOperands;          ///< operands whose derivatives are stacked
  SmallVector<std::pair<int64_t, int64_t>> finals; ///< (operand, carry that ends as its derivative)
  Values gradients;
};

LogicalResult ScanReversal::run() {
  index = body.addInput(scan.getIndex().getType());
  if (failed(body.differentiate(scan.getLoc(), seed())))
    return failure();
  yieldDerivatives();
  importForward();
  replaceForward();
  createReverse();
  return success();
}

/// The cotangents of what an iteration yields: of a carry, what the later iterations hand
/// back; of a stacked value, its slice.
Values ScanReversal::seed() {
  Values seeds;
  int64_t carryCount = scan.getInits().size();
  for (auto [i, yielded] : llvm::enumerate(scan.getYielded())) {
    Value outside = cotangents[i], inside;
    if (int64_t(i) < carryCount && isFloatTensor(yielded.getType())) {
      inside = body.addInput(yielded.getType());
      finals.push_back({i, carries.size()});
      carries.push_back({outside ? outside : f.zeros(yielded.getType()), inside});
    } else if (outside) {
      inside = body.addInput(yielded.getType());
      slices.push_back({outside, inside});
    }
    seeds.push_back(inside);
  }
  return seeds;
}

/// Ends the reverse body: carries first, sums over invariants, then the slices' derivatives.
void ScanReversal::yieldDerivatives() {
  OpBuilder inner = body.atEnd();
  Formula inside(inner, scan.getLoc());
  Values yields, stacks;
  for (auto [operand, carry] : finals) {
    Value derivative = body.derivativeOf(1 + operand);
    yields.push_back(derivative ? derivative : inside.zeros(scan.getInits()[operand].getType()));
  }
  int64_t firstSlice = scan.getInits().size(), firstInvariant = firstSlice + scan.getXs().size();
  for (auto [i, operand] : llvm::enumerate(scan->getOperands().drop_front(firstSlice))) {
    int64_t position = firstSlice + i;
    Value derivative = body.derivativeOf(1 + position);
    if (!derivative)
      continue;
    if (position < firstInvariant) {
      stackedOperands.push_back(position);
      stacks.push_back(derivative);
      continue;
    }
    Value sum = body.addInput(operand.getType());
    finals.push_back({position, carries.size()});
    carries.push_back({f.zeros(operand.getType()), sum});
    yields.push_back(inside.add(sum, derivative));
  }
  llvm::append_range(yields, stacks);
  YieldOp::create(inner, scan.getLoc(), yields);
}

/// Index, slices and invariants are at hand in the reverse too; all else is stacked.
void ScanReversal::importForward() {
  int64_t carryCount = scan.getInits().size(), sliceCount = scan.getXs().size();
  body.detach([&](BlockArgument argument) -> Value {
    int64_t operand = int64_t(argument.getArgNumber()) - 1;
    if (operand < 0)
      return index;
    if (operand < carryCount)
      return {};
    auto &ports = operand < carryCount + sliceCount ? slices : invariants;
    ports.push_back({scan->getOperand(operand), body.addInput(argument.getType())});
    return ports.back().inside;
  });
}

void ScanReversal::replaceForward() {
  if (body.getResiduals().empty())
    return;
  SmallVector<Type> types(scan.getResultTypes());
  for (Value residual : body.getResiduals())
    types.push_back(ScanOp::stackedType(scan.getTrip(), residual.getType()));
  OpBuilder before(scan);
  auto forward = ScanOp::create(before, scan.getLoc(), types, scan.getInits(), scan.getXs(),
                                scan.getInvariants(), scan.getTrip(), scan.getReverse());
  for (auto [i, input] : llvm::enumerate(body.getResidualInputs()))
    slices.push_back({forward.getResult(scan.getNumResults() + i), input});
  body.moveForwardInto(forward.getBody(), {}, {});
  scan.replaceAllUsesWith(forward.getResults().take_front(scan.getNumResults()));
}

void ScanReversal::createReverse() {
  Values operands, inputs = {index};
  for (auto *ports : {&carries, &slices, &invariants})
    for (Port &port : *ports) {
      operands.push_back(port.outside);
      inputs.push_back(port.inside);
    }
  SmallVector<Type> types;
  for (Port &carry : carries)
    types.push_back(carry.inside.getType());
  for (int64_t operand : stackedOperands)
    types.push_back(scan->getOperand(operand).getType());
  ValueRange all(operands);
  auto reverse = ScanOp::create(builder, scan.getLoc(), types, all.take_front(carries.size()),
                                all.slice(carries.size(), slices.size()),
                                all.take_back(invariants.size()), scan.getTrip(),
                                !scan.getReverse());
  Block &block = reverse.addBody();
  body.moveReverseInto(block, inputs, block.getArguments());

  gradients.resize(scan->getNumOperands());
  for (auto [operand, carry] : finals)
    gradients[operand] = reverse.getFinals()[carry];
  for (auto [i, operand] : llvm::enumerate(stackedOperands))
    gradients[operand] = reverse.getStacks()[i];
}

} // namespace

Values ScanOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  ScanReversal reversal(*this, builder, cotangents);
  if (failed(reversal.run()))
    return {};
  return reversal.getGradients();
}

//===- if -----------------------------------------------------------------------------------===//

namespace {

/// Builds the `if` that runs the reverse of the branch that ran.
class IfReversal {
public:
  IfReversal(IfOp op, OpBuilder &builder, ValueRange cotangents)
      : op(op), builder(builder), cotangents(cotangents),
        branches{ReversedBlock(op.getOnTrue()), ReversedBlock(op.getOnFalse())} {}

  LogicalResult run();
  Values getGradients() { return gradients; }

private:
  LogicalResult differentiateBranches();
  void yieldDerivatives();
  void addOperand(Value outside, std::array<Value, 2> inside);
  void importForward();
  void replaceForward();
  void createReverse();

  IfOp op;
  OpBuilder &builder;
  ValueRange cotangents;
  std::array<ReversedBlock, 2> branches;
  Values operands;                 ///< of the reverse `if`
  std::array<Values, 2> inputs;    ///< and what stands for them in each branch
  SmallVector<int64_t> derived;    ///< inputs of the forward `if` that get a derivative
  Values gradients;
};

LogicalResult IfReversal::run() {
  if (failed(differentiateBranches()))
    return failure();
  yieldDerivatives();
  importForward();
  replaceForward();
  createReverse();
  return success();
}

void IfReversal::addOperand(Value outside, std::array<Value, 2> inside) {
  operands.push_back(outside);
  for (int branch : {0, 1})
    inputs[branch].push_back(inside[branch] ? inside[branch]
                                            : branches[branch].addInput(outside.getType()));
}

LogicalResult IfReversal::differentiateBranches() {
  std::array<Values, 2> seeds;
  for (Value cotangent : cotangents) {
    if (cotangent)
      addOperand(cotangent, {});
    for (int branch : {0, 1})
      seeds[branch].push_back(cotangent ? inputs[branch].back() : Value());
  }
  for (int branch : {0, 1})
    if (failed(branches[branch].differentiate(op.getLoc(), seeds[branch])))
      return failure();
  return success();
}

/// Both branches yield the union of the derivatives, zeros for what one does not depend on.
void IfReversal::yieldDerivatives() {
  for (int64_t i = 0, e = op.getInputs().size(); i < e; ++i)
    if (branches[0].derivativeOf(i) || branches[1].derivativeOf(i))
      derived.push_back(i);
  for (ReversedBlock &branch : branches) {
    OpBuilder inner = branch.atEnd();
    Values yields;
    for (int64_t i : derived) {
      Value derivative = branch.derivativeOf(i);
      yields.push_back(derivative ? derivative
                                  : Formula(inner, op.getLoc()).zeros(op.getInputs()[i].getType()));
    }
    YieldOp::create(inner, op.getLoc(), yields);
  }
}

void IfReversal::importForward() {
  SmallVector<std::array<Value, 2>> used(op.getInputs().size());
  for (int branch : {0, 1})
    branches[branch].detach([&](BlockArgument argument) {
      Value &input = used[argument.getArgNumber()][branch];
      return input = branches[branch].addInput(argument.getType());
    });
  for (auto [input, inside] : llvm::zip_equal(op.getInputs(), used))
    if (inside[0] || inside[1])
      addOperand(input, inside);
}

/// The forward `if` yields both branches' residuals, zeros for those of the branch not taken.
void IfReversal::replaceForward() {
  SmallVector<Type> types(op.getResultTypes());
  for (ReversedBlock &branch : branches)
    llvm::append_range(types, ValueRange(branch.getResiduals()).getTypes());
  if (types.size() == op.getNumResults())
    return;
  OpBuilder before(op);
  auto forward =
      IfOp::create(before, op.getLoc(), types, op.getPredicate(), op.getInputs());
  int64_t next = op.getNumResults();
  for (int branch : {0, 1})
    for (Value input : branches[branch].getResidualInputs()) {
      std::array<Value, 2> inside;
      inside[branch] = input;
      addOperand(forward.getResult(next++), inside);
    }
  auto zerosFor = [&](int branch) {
    Values zeros;
    OpBuilder inner(branches[branch].getForward().getTerminator());
    for (Value residual : branches[1 - branch].getResiduals())
      zeros.push_back(Formula(inner, op.getLoc()).zeros(residual.getType()));
    return zeros;
  };
  Values trueZeros = zerosFor(0), falseZeros = zerosFor(1);
  branches[0].moveForwardInto(forward.getOnTrue(), {}, trueZeros);
  branches[1].moveForwardInto(forward.getOnFalse(), falseZeros, {});
  op.replaceAllUsesWith(forward.getResults().take_front(op.getNumResults()));
}

void IfReversal::createReverse() {
  gradients.resize(op->getNumOperands());
  SmallVector<Type> types;
  for (int64_t i : derived)
    types.push_back(op.getInputs()[i].getType());
  auto reverse = IfOp::create(builder, op.getLoc(), types, op.getPredicate(), operands);
  reverse.addBodies();
  Region *regions[] = {&reverse.getOnTrue(), &reverse.getOnFalse()};
  for (int branch : {0, 1}) {
    Block &block = regions[branch]->front();
    branches[branch].moveReverseInto(block, inputs[branch], block.getArguments());
  }
  for (auto [i, input] : llvm::enumerate(derived))
    gradients[1 + input] = reverse.getResult(i);
}

} // namespace

Values IfOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  IfReversal reversal(*this, builder, cotangents);
  if (failed(reversal.run()))
    return {};
  return reversal.getGradients();
}

//===- while --------------------------------------------------------------------------------===//

/// Copies the ops of a region's block to the builder's place; returns what they yield.
static Values inlineRegion(OpBuilder &builder, Region &region, ValueRange arguments) {
  IRMapping mapping;
  mapping.map(region.getArguments(), arguments);
  Block &block = region.front();
  for (Operation &op : block.without_terminator())
    builder.clone(op, mapping);
  Values yielded;
  for (Value value : block.getTerminator()->getOperands())
    yielded.push_back(mapping.lookup(value));
  return yielded;
}

/// Fills the body of the scan that stands for a while: carries (running, the loop's own..).
/// The body of the loop sits in an `if`, so that a finished loop computes nothing whose
/// derivative could be undefined.
static void fillBoundedBody(WhileOp loop, ScanOp scan) {
  OpBuilder builder = OpBuilder::atBlockEnd(&scan.addBody());
  Location loc = loop.getLoc();
  ValueRange arguments = scan.getBody().getArguments().drop_front(1);
  ValueRange state = arguments.drop_front(1);
  Value holds = inlineRegion(builder, loop.getCondition(), state).front();
  Value running = AndOp::create(builder, loc, arguments.front(), holds);
  auto step = IfOp::create(builder, loc, loop.getResultTypes(), running, state);
  step.addBodies();
  OpBuilder taken = OpBuilder::atBlockEnd(&step.getOnTrue().front());
  YieldOp::create(taken, loc, inlineRegion(taken, loop.getBody(), step.getOnTrue().getArguments()));
  OpBuilder kept = OpBuilder::atBlockEnd(&step.getOnFalse().front());
  YieldOp::create(kept, loc,
                  step.getOnFalse().getArguments().take_front(loop.getNumResults()));
  Values next = {running};
  llvm::append_range(next, step.getResults());
  YieldOp::create(builder, loc, next);
}

Values WhileOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  if (getMaxTrip() == 0) {
    emitOpError("needs max_trip for its gradient: the values of every iteration are kept");
    return {};
  }
  OpBuilder before(*this);
  Type flag = scalarType(builder.getI1Type());
  Values inits = {buildScalar(before, getLoc(), builder.getI1Type(), 1)};
  SmallVector<Type> types = {flag};
  llvm::append_range(inits, getInits());
  llvm::append_range(types, getResultTypes());
  SizeAttr trip = sizeConstant(getContext(), getMaxTrip());
  auto scan = ScanOp::create(before, getLoc(), types, inits, ValueRange(), getInvariants(), trip,
                             /*reverse=*/false);
  fillBoundedBody(*this, scan);
  replaceAllUsesWith(scan.getResults().drop_front(1));

  Values scanCotangents = {Value()};
  llvm::append_range(scanCotangents, cotangents);
  Values gradients = scan.buildVjp(builder, scanCotangents);
  if (!gradients.empty())
    gradients.erase(gradients.begin());
  return gradients;
}

//===- custom_gradient ----------------------------------------------------------------------===//

Values CustomGradientOp::buildVjp(OpBuilder &builder, ValueRange cotangents) {
  Values arguments(getInputs());
  llvm::append_range(arguments, getResults());
  for (auto [cotangent, result] : llvm::zip_equal(cotangents, getResults()))
    arguments.push_back(cotangent ? cotangent
                                  : Formula(builder, getLoc()).zeros(result.getType()));
  Values yielded = inlineRegion(builder, getBackward(), arguments), gradients;
  auto next = yielded.begin();
  for (Value input : getInputs())
    gradients.push_back(isFloatTensor(input.getType()) ? *next++ : Value());
  return gradients;
}

Values CustomGradientOp::dissolve(OpBuilder &builder) {
  return inlineRegion(builder, getForward(), getInputs());
}

} // namespace dlc::ir
