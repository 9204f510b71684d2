// Entries under construction: the table of values, scopes, and the interface that callers see.
#include "Graph.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

namespace dlc {

using namespace detail;

namespace detail {

EntryState::EntryState(ProgramState &program, std::string name, Site site)
    : program(program), name(std::move(name)), site(site) {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(program.module->getBody());
  op = ir::EntryOp::create(builder, location(site), this->name, builder.getFunctionType({}, {}));
  root.block = &op.getBody().front();
}

std::shared_ptr<EntryState> EntryState::handle() {
  return std::shared_ptr<EntryState>(program.shared_from_this(), this);
}

mlir::MLIRContext *EntryState::context() { return &program.context; }

Value EntryState::wrap(mlir::Value value, Producer producer) {
  values.push_back(value);
  producers.push_back(std::move(producer));
  return Value(handle(), static_cast<int32_t>(values.size()) - 1);
}

Value EntryState::maskOf(const Value &value) {
  auto found = masks.find(value.index);
  return found == masks.end() ? Value() : Value(handle(), found->second);
}

mlir::Value EntryState::resolve(const Value &value) {
  return value.ok() ? resolve(lookup(value), *scope) : mlir::Value();
}

mlir::Value EntryState::resolve(mlir::Value value, Scope &from) {
  if (value.getParentBlock() == from.block)
    return value;
  if (mlir::Value captured = from.captures.lookup(value))
    return captured;
  mlir::Value outer = from.parent ? resolve(value, *from.parent) : mlir::Value();
  if (!outer)
    return {};
  mlir::Value argument = from.block->addArgument(value.getType(), value.getLoc());
  from.captures[value] = argument;
  return argument;
}

void EntryState::redirect(mlir::Value from, mlir::Value to, Scope &inScope) {
  for (mlir::Value &value : values)
    if (value == from)
      value = to;
  for (auto *table : {&current, &assigned})
    for (auto &[variable, value] : *table)
      if (value == from)
        value = to;
  for (auto &[outer, inner] : inScope.captures)
    if (inner == from)
      inner = to;
}

std::string EntryState::describe(const Value &value) {
  if (!value.ok())
    return "";
  const Producer &from = producer(value);
  std::string shape = ", shape " + ir::sizesToString(ir::shapeOf(lookup(value)));
  if (from.name.empty()) // of Input(), which need not be named
    return "Input (" + placeOf(from.site) + ")" + shape;
  if (from.node < 0)
    return from.kind + " '" + from.name + "' (" + placeOf(from.site) + ")" + shape;
  return "'" + from.name + "' (" + from.kind + ", " + placeOf(from.site) + ")" + shape;
}

mlir::Location EntryState::location(const Site &at) {
  const Site &where = !frames.empty() && !frames.back().userCode ? frames.back().site : at;
  mlir::Location loc =
      mlir::FileLineColLoc::get(&program.context, fileOf(where), where.line(), where.column());
  if (frames.empty())
    return loc;
  return mlir::NameLoc::get(mlir::StringAttr::get(&program.context, frames.back().name), loc);
}

Value EntryState::fail(const std::string &what, const Site &at, std::string message,
                       std::string hint, const Value &cause) {
  Error error;
  const Frame *frame = frames.empty() ? nullptr : &frames.back();
  const Site &where = frame && !frame->userCode ? frame->site : at;
  if (!frame) {
    error.subject = what + " (" + placeOf(where) + ")";
  } else {
    error.subject = std::string(frame->what) + " '" + frame->name + "' (" +
                    (frame->kind.empty() ? "" : frame->kind + ", ") + placeOf(where) + ")";
    if (frame->userCode || frame->what != std::string("layer"))
      message = what + ": " + message;
  }
  error.message = std::move(message);
  error.hint = std::move(hint);
  error.producer = cause.ok() ? describe(cause) : "";
  error.file = fileOf(where);
  error.line = where.line();
  program.report(std::move(error));
  return poison();
}

bool EntryState::check(mlir::Operation *op, std::string &why) {
  mlir::ScopedDiagnosticHandler handler(context(), [&](mlir::Diagnostic &diagnostic) {
    if (why.empty())
      why = diagnostic.str();
    return mlir::success();
  });
  if (mlir::succeeded(mlir::verify(op, /*verifyRecursively=*/false)))
    return true;
  std::string prefix = "'" + op->getName().getStringRef().str() + "' op ";
  if (llvm::StringRef(why).starts_with(prefix))
    why.erase(0, prefix.size());
  op->erase();
  return false;
}

mlir::Value EntryState::addArgument(mlir::Type type, mlir::Location loc) {
  return root.block->addArgument(type, loc);
}

// The key of the innermost scope: the entry's own, folded with the index of each loop around.
// The first draw of an entry advances the program's rng variable.
static mlir::Value keyOf(EntryState &entry, Scope &scope, const Site &site) {
  if (scope.key)
    return scope.key;
  mlir::OpBuilder builder = entry.builder(scope);
  mlir::Location loc = entry.location(site);
  if (scope.parent) {
    mlir::Value outer = keyOf(entry, *scope.parent, site);
    mlir::Value key = outer ? entry.resolve(outer, scope) : mlir::Value();
    if (!key || scope.isWhile)
      return {};
    if (scope.iteration)
      key = ir::RandomFoldOp::create(builder, loc, key.getType(), key, scope.iteration);
    return scope.key = key;
  }
  ProgramState &program = entry.program;
  if (program.rng < 0) {
    VariableOptions options{DType::I64, Role::Rng, Zeros()};
    program.rng = static_cast<int32_t>(program.variables.size());
    auto type = mlir::RankedTensorType::get({2}, builder.getI64Type());
    program.variables.push_back({"rng/state", type, std::move(options), site});
  }
  Value key = Entry(entry.handle()).read(program.variable(program.rng), site);
  scope.key = entry.lookup(key);
  auto one = mlir::DenseElementsAttr::get(llvm::cast<mlir::RankedTensorType>(scope.key.getType()),
                                          llvm::ArrayRef<int64_t>{0, 1});
  mlir::Value step = ir::ConstantOp::create(builder, loc, one);
  entry.assigned[program.rng] = ir::AddOp::create(builder, loc, scope.key, step);
  return scope.key;
}

mlir::Value EntryState::key(const Site &site) { return keyOf(*this, *scope, site); }

void EntryState::finish() {
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(root.block);
  llvm::SmallVector<mlir::Value> results;
  for (const auto &[name, value] : outputs)
    results.push_back(value);
  for (const auto &[variable, value] : assigned)
    results.push_back(value);
  ir::ReturnOp::create(builder, op.getLoc(), results);
  op.setFunctionTypeAttr(mlir::TypeAttr::get(builder.getFunctionType(
      root.block->getArgumentTypes(), mlir::ValueRange(results).getTypes())));
  // All at once: lists of attributes live as long as the context, and entries may have thousands.
  auto labelled = [&](llvm::StringRef key, mlir::Attribute label) {
    return builder.getDictionaryAttr(builder.getNamedAttr(key, label));
  };
  auto named = [&](const std::string &name) {
    return labelled(ir::kNameAttr, builder.getStringAttr(name));
  };
  auto state = [&](int32_t variable) {
    return labelled(ir::kStateAttr,
                    mlir::FlatSymbolRefAttr::get(context(), program.variables[variable].name));
  };
  llvm::SmallVector<mlir::DictionaryAttr> given, returned;
  for (const Argument &argument : arguments)
    given.push_back(argument.variable < 0 ? named(argument.input) : state(argument.variable));
  for (const auto &[name, value] : outputs)
    returned.push_back(named(name));
  for (const auto &[variable, value] : assigned)
    returned.push_back(state(variable));
  op.setAllArgAttrs(given);
  op.setAllResultAttrs(returned);
}

} // namespace detail

Program Entry::program() const { return Program(state->program.shared_from_this()); }
std::string Entry::name() const { return state->name; }
Entry Entry::of(const Value &value) {
  const auto &handle = EntryState::handleOf(value);
  return Entry(handle ? handle : scratchEntry());
}

Value Entry::input(const std::string &name, const Shape &shape, DType type, Site at) {
  std::string what = "input '" + name + "'";
  mlir::RankedTensorType tensor = state->program.toTensor(shape, type, what, at);
  if (!tensor)
    return state->poison();
  if (state->program.finished)
    return state->fail(what, at, "the program was written before the input was added");
  for (const EntryState::Argument &other : state->arguments)
    if (other.variable < 0 && other.input == name && !state->program.isScratch)
      return state->fail(what, at, "entry '" + state->name + "' has an input of this name");
  state->arguments.push_back({name, -1});
  return state->wrap(state->addArgument(tensor, state->location(at)), {name, "input", at});
}

void Entry::output(const std::string &name, const Value &value, Site at) {
  std::string what = "output '" + name + "'";
  for (const auto &[other, unused] : state->outputs)
    if (other == name)
      return (void)state->fail(what, at, "entry '" + state->name + "' has an output of this name");
  OpCall call(what, {Operand(value, at)});
  if (!call)
    return;
  if (call.entry != state)
    return (void)call.fail("the value belongs to entry '" + call.entry->name + "', not to '" +
                           state->name + "'");
  state->outputs.emplace_back(name, call[0]);
}

Value Entry::read(const Variable &variable, Site at) {
  if (!variable.ok())
    return state->poison();
  int32_t index = ProgramState::indexOf(variable);
  std::string what = "variable '" + variable.name() + "'";
  if (ProgramState::stateOf(variable).get() != &state->program)
    return state->fail(what, at, "the variable belongs to another program than entry '" +
                                     state->name + "'");
  auto found = state->current.find(index);
  if (found == state->current.end()) {
    mlir::Type type = state->program.variables[index].type;
    state->arguments.push_back({"", index});
    mlir::Value argument = state->addArgument(type, state->location(at));
    found = state->current.emplace(index, argument).first;
  }
  return state->wrap(found->second, {variable.name(), "variable", at});
}

void Entry::assign(const Variable &variable, const Value &value, Site at) {
  if (!variable.ok())
    return;
  std::string what = "variable '" + variable.name() + "'";
  OpCall call(what, {Operand(value, at)});
  if (!call)
    return;
  if (ProgramState::stateOf(variable).get() != &state->program || call.entry != state)
    return (void)call.fail("the variable or the value belongs to another program than entry '" +
                           state->name + "'");
  if (state->scope != &state->root)
    return (void)call.fail("assigned inside a loop or branch",
                           "return the new value from the body and assign it afterwards");
  int32_t index = ProgramState::indexOf(variable);
  mlir::RankedTensorType type = state->program.variables[index].type;
  if (call[0].getType() != type)
    return (void)call.fail("has type " + ir::typeToString(type) + " but the new value has " +
                               ir::typeToString(call[0].getType()),
                           "", 0);
  state->current[index] = state->assigned[index] = call[0];
}

static mlir::DenseElementsAttr denseOf(mlir::RankedTensorType type,
                                       const std::vector<double> &numbers) {
  llvm::SmallVector<mlir::Attribute> elements;
  for (double number : numbers)
    if (auto floatType = llvm::dyn_cast<mlir::FloatType>(type.getElementType()))
      elements.push_back(mlir::FloatAttr::get(floatType, number));
    else
      elements.push_back(
          mlir::IntegerAttr::get(type.getElementType(), static_cast<int64_t>(number)));
  return mlir::DenseElementsAttr::get(type, elements);
}

Value Entry::full(const Shape &shape, double number, DType type, Site at) {
  mlir::RankedTensorType tensor = state->program.toTensor(shape, type, "op 'full'", at);
  if (!tensor)
    return state->poison();
  mlir::OpBuilder builder = state->builder();
  mlir::Location loc = state->location(at);
  mlir::Value value = ir::ConstantOp::create(
      builder, loc, denseOf(ir::scalarType(tensor.getElementType()), {number}));
  if (tensor.getRank())
    value = ir::BroadcastOp::create(builder, loc, tensor, value, llvm::ArrayRef<int64_t>{});
  return state->wrap(value, {"full", "op", at});
}

Value Entry::constant(double number, DType type, Site at) { return full({}, number, type, at); }

Value Entry::constant(const std::vector<double> &numbers, const std::vector<int64_t> &shape,
                      DType type, Site at) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  if (count != static_cast<int64_t>(numbers.size()))
    return state->fail("op 'constant'", at,
                       "got " + std::to_string(numbers.size()) + " numbers for shape " +
                           str(Shape(shape.begin(), shape.end())));
  auto tensor = mlir::RankedTensorType::get(shape, toType(state->context(), type));
  mlir::OpBuilder builder = state->builder();
  mlir::Value value =
      ir::ConstantOp::create(builder, state->location(at), denseOf(tensor, numbers));
  return state->wrap(value, {"constant", "op", at});
}

Value Entry::iota(const Shape &shape, int64_t axis, DType type, Site at) {
  mlir::RankedTensorType tensor = state->program.toTensor(shape, type, "op 'iota'", at);
  if (!tensor)
    return state->poison();
  int64_t rank = tensor.getRank();
  int64_t front = axis < 0 ? axis + rank : axis;
  if (front < 0 || front >= rank)
    return state->fail("op 'iota'", at,
                       "axis " + std::to_string(axis) + " is outside [" + std::to_string(-rank) +
                           ", " + std::to_string(rank) + ") for rank " + std::to_string(rank));
  mlir::OpBuilder builder = state->builder();
  mlir::Value value = ir::IotaOp::create(builder, state->location(at), tensor, front);
  return state->wrap(value, {"iota", "op", at});
}

Value Entry::size(const Shape &sizes, DType type, Site at) {
  llvm::SmallVector<ir::SizeAttr> dims;
  for (const Dim &dim : sizes)
    dims.push_back(state->program.toSize(dim));
  mlir::OpBuilder builder = state->builder();
  mlir::Value value =
      ir::SizeOp::create(builder, state->location(at),
                         ir::scalarType(toType(state->context(), type)),
                         ir::DimsAttr::get(state->context(), dims));
  return state->wrap(value, {"size", "op", at});
}

} // namespace dlc
