// Gradients, loops, branches and random numbers: what needs more than operands and a result.
//
// A body is built by running the user's lambda in a scope with a block of its own. Values of
// outer scopes become arguments of that block when they are used (EntryState::resolve); when the
// lambda has returned, the captures are what the op passes as operands.
#include "Graph.h"

namespace dlc {

using namespace detail;

//===- gradient -----------------------------------------------------------------------------===//

// The target's watch, made on first use: an identity after the definition that takes over all
// uses so far.
static mlir::Value watch(EntryState &entry, mlir::Value target, mlir::Location loc) {
  if (target.getDefiningOp<ir::WatchOp>())
    return target;
  mlir::OpBuilder builder(entry.context());
  if (mlir::Operation *definition = target.getDefiningOp())
    builder.setInsertionPointAfter(definition);
  else
    builder.setInsertionPointToStart(target.getParentBlock());
  auto watched = ir::WatchOp::create(builder, loc, target.getType(),
                                     builder.getI64IntegerAttr(entry.watches++), target);
  target.replaceAllUsesExcept(watched, watched);
  for (auto &[name, value] : entry.outputs)
    if (value == target)
      value = watched;
  entry.redirect(target, watched, *entry.scope);
  return watched;
}

Values gradient(Operand loss, const Values &targets, bool allowUnused) {
  std::vector<Operand> operands = {loss};
  for (const Value &target : targets)
    operands.emplace_back(target, loss.at);
  OpCall call("gradient", operands);
  Values poisoned(targets.size(), call.poison());
  if (!call)
    return poisoned;
  if (targets.empty()) {
    call.fail("there are no targets");
    return poisoned;
  }
  for (size_t i = 0; i < operands.size(); ++i)
    if (!llvm::isa<mlir::FloatType>(call.type(i).getElementType())) {
      call.fail((i ? "target " + std::to_string(i - 1) : std::string("the loss")) +
                    " has element type " + name(fromType(call.type(i).getElementType())) +
                    ", expected a float",
                "only floats have derivatives", static_cast<int>(i));
      return poisoned;
    }
  if (call.rank(0) != 0) {
    call.fail("the loss has shape " + ir::sizesToString(call.shape(0)) + ", expected a scalar",
              "reduce it with mean() or sum()", 0);
    return poisoned;
  }
  llvm::SmallVector<mlir::Value> watched;
  for (mlir::Value target : call.values().drop_front())
    watched.push_back(watch(*call.entry, target, call.loc));
  mlir::Value scalar = call.entry->resolve(loss.value); // the loss itself may be a target
  mlir::Operation *op =
      ir::GradientOp::create(call.builder, call.loc, mlir::ValueRange(watched).getTypes(), scalar,
                             watched, allowUnused);
  return call.doneAll(op);
}

//===- bodies -------------------------------------------------------------------------------===//

namespace {

struct Body {
  ProgramState &program;
  std::unique_ptr<mlir::Region> region = std::make_unique<mlir::Region>();
  Scope scope{new mlir::Block};
  llvm::SmallVector<mlir::Value> yielded;

  explicit Body(const OpCall &call) : program(call.entry->program) {
    region->push_back(scope.block);
  }
  ~Body() {
    if (!region->empty())
      program.discarded.push_back(std::move(region));
  }
  mlir::Value argument(mlir::Type type, mlir::Location loc) {
    return scope.block->addArgument(type, loc);
  }
};

Values wrapAll(OpCall &call, llvm::ArrayRef<mlir::Value> values) {
  Values result;
  for (mlir::Value value : values)
    result.push_back(call.wrap(value));
  return result;
}

// Runs `build` inside the body; false when anything in there failed.
bool run(OpCall &call, Body &body, const std::function<Values()> &build) {
  EntryState &entry = *call.entry;
  ScopeGuard guard(entry, body.scope);
  size_t errors = entry.program.errors.size();
  for (const Value &value : build()) {
    if (!value.ok()) {
      if (entry.program.errors.size() == errors)
        call.fail("the body returned an empty value");
      return false;
    }
    mlir::Value resolved = entry.resolve(value);
    if (!resolved) {
      call.fail("the body returned a value of another loop's or branch's body");
      return false;
    }
    body.yielded.push_back(resolved);
  }
  mlir::OpBuilder builder = entry.builder(body.scope);
  ir::YieldOp::create(builder, call.loc, body.yielded);
  return true;
}

// Gives two bodies the same captures, in the same order; returns the outer values.
llvm::SmallVector<mlir::Value> uniteCaptures(Body &a, Body &b, size_t fixedArguments) {
  llvm::SmallVector<mlir::Value> outer;
  for (Body *body : {&a, &b})
    for (const auto &[value, argument] : body->scope.captures)
      if (!llvm::is_contained(outer, value))
        outer.push_back(value);
  for (Body *body : {&a, &b}) {
    mlir::Block *block = body->scope.block;
    size_t before = block->getNumArguments();
    for (mlir::Value value : outer) {
      mlir::BlockArgument fresh = block->addArgument(value.getType(), value.getLoc());
      if (mlir::Value old = body->scope.captures.lookup(value)) {
        // A watch may stand for the argument that was made first.
        if (auto watched = old.getDefiningOp<ir::WatchOp>())
          old = watched.getX();
        old.replaceAllUsesWith(fresh);
      }
    }
    block->eraseArguments(fixedArguments, before - fixedArguments);
  }
  return outer;
}

llvm::SmallVector<mlir::Value> captured(const Body &body) {
  llvm::SmallVector<mlir::Value> outer;
  for (const auto &[value, argument] : body.scope.captures)
    outer.push_back(value);
  return outer;
}

std::vector<Operand> toOperands(const Values &a, const Values &b, const Site &site) {
  std::vector<Operand> operands;
  for (const Values *list : {&a, &b})
    for (const Value &value : *list)
      operands.emplace_back(value, site);
  return operands;
}

// The body must give back what it was given: carries keep their types.
bool checkCarries(OpCall &call, llvm::ArrayRef<mlir::Value> yielded, size_t carries) {
  if (yielded.size() < carries) {
    call.fail("the body returned " + std::to_string(yielded.size()) + " values for " +
              std::to_string(carries) + " carries");
    return false;
  }
  for (size_t i = 0; i < carries; ++i)
    if (yielded[i].getType() != call[i].getType()) {
      call.fail("carry " + std::to_string(i) + " begins as " + ir::typeToString(call.type(i)) +
                    " but the body returned " + ir::typeToString(yielded[i].getType()),
                "a carry keeps its type");
      return false;
    }
  return true;
}

} // namespace

//===- scan ---------------------------------------------------------------------------------===//

// The number of steps: the leading size of what is scanned over, or as asked. Null after an error.
static ir::SizeAttr tripCount(OpCall &call, size_t carries, const ScanOptions &options) {
  ir::SizeAttr trip;
  if (options.trip)
    trip = call.entry->program.toSize(*options.trip);
  for (size_t i = carries; i < call.values().size(); ++i) {
    if (!call.rank(i)) {
      call.fail("cannot scan over a scalar", "", static_cast<int>(i));
      return {};
    }
    ir::SizeAttr size = call.shape(i)[0];
    if (trip && trip != size) {
      call.fail("leading sizes " + ir::sizeToString(trip) + " and " + ir::sizeToString(size) +
                    " of what is scanned over differ",
                "", static_cast<int>(i));
      return {};
    }
    trip = size;
  }
  if (!trip)
    call.fail("the number of steps is unknown", "give options.trip or something to scan over");
  return trip;
}

ScanResult scan(const Values &inits, const Values &xs,
                const std::function<Values(Value, Values, Values)> &body, ScanOptions options,
                Site at) {
  OpCall call("scan", toOperands(inits, xs, at));
  ScanResult poisoned{Values(inits.size(), call.poison()), {}};
  ir::SizeAttr trip = call ? tripCount(call, inits.size(), options) : ir::SizeAttr();
  if (!trip)
    return poisoned;
  Body inner(call);
  llvm::SmallVector<mlir::Value> carries, slices;
  inner.scope.iteration = inner.argument(ir::scalarType(call.builder.getI64Type()), call.loc);
  for (mlir::Value value : call.values().take_front(inits.size()))
    carries.push_back(inner.argument(value.getType(), call.loc));
  for (mlir::Value value : call.values().drop_front(inits.size()))
    slices.push_back(inner.argument(ir::ScanOp::sliceType(value.getType()), call.loc));
  bool built = run(call, inner, [&] {
    return body(call.wrap(inner.scope.iteration), wrapAll(call, carries), wrapAll(call, slices));
  });
  if (!built || !checkCarries(call, inner.yielded, inits.size()))
    return poisoned;
  llvm::SmallVector<mlir::Type> results;
  for (const auto &[i, value] : llvm::enumerate(inner.yielded))
    results.push_back(i < inits.size() ? mlir::RankedTensorType(llvm::cast<mlir::RankedTensorType>(
                                             value.getType()))
                                       : ir::ScanOp::stackedType(trip, value.getType()));
  auto op = ir::ScanOp::create(call.builder, call.loc, results,
                               call.values().take_front(inits.size()),
                               call.values().drop_front(inits.size()), captured(inner), trip,
                               options.reverse);
  op.getBody().takeBody(*inner.region);
  Values all = call.doneAll(op);
  return {Values(all.begin(), all.begin() + inits.size()),
          Values(all.begin() + inits.size(), all.end())};
}

//===- while, if ----------------------------------------------------------------------------===//

Values whileLoop(const Values &inits, const std::function<Value(Values)> &condition,
                 const std::function<Values(Values)> &body, int64_t maxTrip, Site at) {
  OpCall call("whileLoop", toOperands(inits, {}, at));
  Values poisoned(inits.size(), call.poison());
  if (!call)
    return poisoned;
  Body test(call), step(call);
  for (Body *each : {&test, &step}) {
    each->scope.isWhile = true;
    llvm::SmallVector<mlir::Value> carries;
    for (mlir::Value value : call.values())
      carries.push_back(each->argument(value.getType(), call.loc));
    bool built = run(call, *each, [&] {
      Values wrapped = wrapAll(call, carries);
      return each == &test ? Values{condition(wrapped)} : body(wrapped);
    });
    if (!built)
      return poisoned;
  }
  mlir::Type boolean = ir::scalarType(call.builder.getI1Type());
  if (test.yielded.front().getType() != boolean) {
    call.fail("the condition returned " + ir::typeToString(test.yielded.front().getType()) +
              ", expected i1 ()");
    return poisoned;
  }
  if (!checkCarries(call, step.yielded, inits.size()))
    return poisoned;
  llvm::SmallVector<mlir::Value> invariants = uniteCaptures(test, step, inits.size());
  auto op = ir::WhileOp::create(call.builder, call.loc, mlir::ValueRange(call.values()).getTypes(),
                                call.values(), invariants, maxTrip);
  op.getCondition().takeBody(*test.region);
  op.getBody().takeBody(*step.region);
  return call.doneAll(op);
}

Values cond(Operand predicate, const std::function<Values()> &onTrue,
            const std::function<Values()> &onFalse) {
  OpCall call("cond", {predicate});
  if (!call)
    return {};
  if (call[0].getType() != ir::scalarType(call.builder.getI1Type())) {
    call.fail("the predicate is " + ir::typeToString(call[0].getType()) + ", expected i1 ()",
              "use select for a choice per element", 0);
    return {};
  }
  Body yes(call), no(call);
  if (!run(call, yes, onTrue) || !run(call, no, onFalse))
    return {};
  mlir::TypeRange types = mlir::ValueRange(yes.yielded).getTypes();
  if (types != mlir::ValueRange(no.yielded).getTypes()) {
    call.fail("the two branches return values of different types");
    return {};
  }
  llvm::SmallVector<mlir::Value> operands = uniteCaptures(yes, no, 0);
  auto op = ir::IfOp::create(call.builder, call.loc, types, call[0], operands);
  op.getOnTrue().takeBody(*yes.region);
  op.getOnFalse().takeBody(*no.region);
  return call.doneAll(op);
}

//===- custom gradient ----------------------------------------------------------------------===//

static llvm::SmallVector<mlir::Value> addArguments(OpCall &call, Body &body,
                                                   llvm::ArrayRef<mlir::Value> like) {
  llvm::SmallVector<mlir::Value> arguments;
  for (mlir::Value value : like)
    arguments.push_back(body.argument(value.getType(), call.loc));
  return arguments;
}

// One gradient of its own type for each input of floats.
static bool checkGradients(OpCall &call, llvm::ArrayRef<mlir::Value> gradients) {
  llvm::SmallVector<size_t> floats;
  for (size_t i = 0; i < call.values().size(); ++i)
    if (llvm::isa<mlir::FloatType>(call.type(i).getElementType()))
      floats.push_back(i);
  if (gradients.size() != floats.size()) {
    call.fail("backward returned " + std::to_string(gradients.size()) + " gradients for " +
              std::to_string(floats.size()) + " inputs of floats");
    return false;
  }
  for (size_t i = 0; i < floats.size(); ++i)
    if (gradients[i].getType() != call[floats[i]].getType()) {
      call.fail("the gradient of input " + std::to_string(floats[i]) + " is " +
                    ir::typeToString(gradients[i].getType()) + ", expected " +
                    ir::typeToString(call[floats[i]].getType()),
                "", static_cast<int>(floats[i]));
      return false;
    }
  return true;
}

Values customGradient(const Values &inputs, const std::function<Values(Values)> &forward,
                      const std::function<Values(Values, Values, Values)> &backward, Site at) {
  OpCall call("customGradient", toOperands(inputs, {}, at));
  if (!call)
    return {call.poison()};
  Body ahead(call), back(call);
  llvm::SmallVector<mlir::Value> given = addArguments(call, ahead, call.values());
  if (!run(call, ahead, [&] { return forward(wrapAll(call, given)); }))
    return {call.poison()};
  given = addArguments(call, back, call.values());
  llvm::SmallVector<mlir::Value> outputs = addArguments(call, back, ahead.yielded);
  llvm::SmallVector<mlir::Value> cotangents = addArguments(call, back, ahead.yielded);
  bool built = run(call, back, [&] {
    Values x = wrapAll(call, given), y = wrapAll(call, outputs), dy = wrapAll(call, cotangents);
    return backward(x, y, dy);
  });
  if (!built || !checkGradients(call, back.yielded))
    return {call.poison()};
  if (!captured(ahead).empty() || !captured(back).empty())
    return {call.fail("a function uses a value that is not one of its arguments",
                      "pass it as an input")};
  auto op = ir::CustomGradientOp::create(
      call.builder, call.loc, mlir::ValueRange(ahead.yielded).getTypes(), call.values());
  op.getForward().takeBody(*ahead.region);
  op.getBackward().takeBody(*back.region);
  return call.doneAll(op);
}

//===- random -------------------------------------------------------------------------------===//

// The key for one draw, or null after an error.
static mlir::Value drawKey(OpCall &call) {
  mlir::Value key = call.entry->key(call.site);
  if (!key)
    call.fail("random numbers inside a while loop would repeat in every iteration",
              "use scan, or draw before the loop");
  return key;
}

// Folded with a number that is no loop's index.
mlir::Value detail::keyOfItsOwn(OpCall &call) {
  mlir::Value key = drawKey(call);
  if (!key)
    return {};
  mlir::Value number = ir::buildScalar(call.builder, call.loc, call.builder.getI64Type(),
                                       double((int64_t(1) << 32) + call.entry->streams++));
  return ir::RandomFoldOp::create(call.builder, call.loc, key.getType(), key, number);
}

template <typename Op>
static Value draw(const char *name, Operand like, const std::optional<Shape> &shape, DType type) {
  OpCall call(name, {like});
  mlir::Value key = call ? drawKey(call) : mlir::Value();
  if (!key)
    return call.poison();
  mlir::MLIRContext *context = call.entry->context();
  mlir::RankedTensorType result =
      shape ? call.entry->program.toTensor(*shape, type, std::string("op '") + name + "'", like.at)
            : ir::withElementType(call.type(0), toType(context, type));
  if (!result)
    return call.poison();
  return call.done(Op::create(call.builder, call.loc, result, key, call.entry->streams++));
}

Value randomUniform(Operand like, std::optional<Shape> shape, DType type) {
  return draw<ir::RandomUniformOp>("randomUniform", like, shape, type);
}

Value randomNormal(Operand like, std::optional<Shape> shape, DType type) {
  return draw<ir::RandomNormalOp>("randomNormal", like, shape, type);
}

Value randomBernoulli(Operand like, double probability) {
  OpCall call("randomBernoulli", {like});
  if (!call)
    return call.poison();
  if (!(probability >= 0 && probability <= 1))
    return call.fail("probability " + std::to_string(probability) + " is outside [0, 1]");
  mlir::Value key = drawKey(call);
  if (!key)
    return call.poison();
  auto type = ir::withElementType(call.type(0), call.builder.getI1Type());
  mlir::Value chance =
      ir::buildScalar(call.builder, call.loc, call.builder.getF32Type(), probability);
  return call.done(ir::RandomBernoulliOp::create(call.builder, call.loc, type, key, chance,
                                                 call.entry->streams++));
}

} // namespace dlc
