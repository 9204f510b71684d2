// Programs: variables, symbols, the generated entry `initialize`, and the text that leaves.
#include "Graph.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

namespace dlc {

using namespace detail;

namespace detail {

ProgramState::ProgramState(std::string name)
    : context(mlir::MLIRContext::Threading::DISABLED), name(std::move(name)) {
  context.loadDialect<ir::DlcDialect>();
  module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context), this->name);
}

void ProgramState::fail(const std::string &what, const Site &site, std::string message,
                        std::string hint) {
  report({what + " (" + placeOf(site) + ")", std::move(message), "", std::move(hint), fileOf(site),
          site.line()});
}

void ProgramState::boundSymbol(const std::string &symbol, int64_t max) {
  auto found = symbols.find(symbol);
  if (found == symbols.end())
    return;
  ir::SymbolAttr known = found->second;
  int64_t bound = std::min(max, known.getMax().value_or(max));
  found->second = ir::SymbolAttr::get(&context, known.getName(), known.getMin(), bound,
                                      known.getDivisor());
}

Variable ProgramState::variable(int32_t index) {
  Variable variable;
  variable.program = shared_from_this();
  variable.index = index;
  return variable;
}

int32_t ProgramState::findVariable(llvm::StringRef name) const {
  for (const auto &[i, variable] : llvm::enumerate(variables))
    if (variable.name == name)
      return static_cast<int32_t>(i);
  return -1;
}

EntryState *ProgramState::findEntry(llvm::StringRef name) {
  for (EntryState &entry : entries)
    if (entry.name == name)
      return &entry;
  return nullptr;
}

// The first values of all variables but caches, which begin as zeros, and the random key, which the
// caller has set to {seed, 0}. Drawing advances it as in any entry, so no entry repeats what
// initializers drew.
void ProgramState::addInitialize() {
  EntryState &state = entries.emplace_back(*this, "initialize", Site::current());
  Entry entry(state.handle());
  for (int32_t i = 0; i < static_cast<int32_t>(variables.size()); ++i) {
    const VariableState &variable = variables[i];
    if (variable.options.role == Role::Rng || variable.options.role == Role::Cache)
      continue;
    FrameGuard frame(state, {"variable", variable.name, "", variable.site});
    Shape shape;
    for (ir::SizeAttr size : ir::shapeOf(variable.type))
      shape.push_back(fromSize(size));
    DType type = fromType(variable.type.getElementType());
    Value first = variable.options.initializer(entry, shape, type);
    if (first.ok())
      state.assigned[i] = state.resolve(first);
  }
}

static ir::VariableRole toRole(Role role) {
  switch (role) {
  case Role::Weight:
    return ir::VariableRole::weight;
  case Role::Slot:
    return ir::VariableRole::slot;
  case Role::Statistic:
    return ir::VariableRole::statistic;
  case Role::Hyperparameter:
    return ir::VariableRole::hyperparameter;
  case Role::Rng:
    return ir::VariableRole::rng;
  case Role::Cache:
    return ir::VariableRole::cache;
  }
  return ir::VariableRole::weight;
}

bool ProgramState::finish() {
  if (finished)
    return errors.empty();
  if (errors.empty() && !variables.empty() && !findEntry("initialize"))
    addInitialize();
  finished = true;
  if (!errors.empty())
    return false;
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockBegin(module->getBody());
  for (const VariableState &variable : variables) {
    auto loc = mlir::FileLineColLoc::get(&context, fileOf(variable.site), variable.site.line(),
                                         variable.site.column());
    ir::VariableOp::create(builder, loc, variable.name, toRole(variable.options.role),
                           variable.type);
  }
  for (EntryState &entry : entries)
    entry.finish();
  llvm::SmallVector<mlir::Attribute> declared;
  for (const auto &[name, symbol] : symbols)
    declared.push_back(symbol);
  module->getOperation()->setAttr("dlc.symbols", mlir::ArrayAttr::get(&context, declared));

  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (diagnostics.empty())
      diagnostics = diagnostic.str();
    return mlir::success();
  });
  if (mlir::failed(mlir::verify(*module)))
    fail("program '" + name + "'", Site::current(), diagnostics);
  return errors.empty();
}

namespace {
// Recorded calls hold values of their own program; forgetting them ends the cycle.
struct Scratch {
  std::shared_ptr<ProgramState> program;
  Scratch() { renew(); }
  ~Scratch() { forget(); }
  void forget() {
    for (EntryState &entry : program->entries)
      entry.nodes.clear();
  }
  void renew() {
    program = std::make_shared<ProgramState>("scratch");
    program->isScratch = true;
  }
};
thread_local Scratch scratch;
} // namespace

const std::shared_ptr<ProgramState> &scratchProgram() { return scratch.program; }

void resetScratch() {
  scratch.forget();
  scratch.renew();
}

std::shared_ptr<EntryState> scratchEntry() {
  ProgramState &program = *scratchProgram();
  if (program.entries.empty())
    program.entries.emplace_back(program, "model", Site::current());
  return program.entries.front().handle();
}

} // namespace detail

std::string Variable::name() const { return ok() ? program->variables[index].name : "poisoned"; }

Shape Variable::shape() const {
  Shape shape;
  if (ok())
    for (ir::SizeAttr size : ir::shapeOf(program->variables[index].type))
      shape.push_back(fromSize(size));
  return shape;
}

DType Variable::dtype() const {
  return ok() ? fromType(program->variables[index].type.getElementType()) : DType::F32;
}

Program::Program(std::string name) : state(std::make_shared<ProgramState>(std::move(name))) {}

Dim Program::symbol(const std::string &name, SymbolOptions options, Site at) {
  std::string what = "symbol '" + name + "'";
  if (state->symbols.count(name)) {
    state->fail(what, at, "the symbol was declared or used before",
                "declare symbols before the first shape that uses them");
  } else if (options.min < 0 || (options.max && *options.max < options.min) ||
             options.divisor < 1) {
    state->fail(what, at,
                "bounds min = " + std::to_string(options.min) +
                    (options.max ? ", max = " + std::to_string(*options.max) : "") +
                    ", divisor = " + std::to_string(options.divisor) + " allow no size",
                "expected 0 <= min <= max and divisor >= 1");
  } else if (state->toTensor({Dim(name)}, DType::F32, what, at)) {
    state->symbols[name] =
        ir::SymbolAttr::get(&state->context, mlir::StringAttr::get(&state->context, name),
                            options.min, options.max, options.divisor);
  }
  return Dim(name);
}

Variable Program::variable(const std::string &name, const Shape &shape, VariableOptions options,
                           Site at) {
  std::string what = "variable '" + name + "'";
  mlir::RankedTensorType type = state->toTensor(shape, options.dtype, what, at);
  if (!type)
    return Variable();
  if (state->finished) {
    state->fail(what, at, "the program was written before the variable was added");
    return Variable();
  }
  int32_t other = state->isScratch ? -1 : state->findVariable(name);
  if (other >= 0) {
    state->fail(what, at,
                "a variable of this name was made at " + placeOf(state->variables[other].site),
                "give layers and variables distinct names");
    return Variable();
  }
  if (!options.initializer.ok()) {
    state->fail(what, at, "unknown initializer '" + options.initializer.name() + "'",
                "known are zeros, ones, glorot_uniform, glorot_normal, he_uniform, he_normal, "
                "lecun_uniform, lecun_normal, random_uniform, random_normal, truncated_normal");
    return Variable();
  }
  state->variables.push_back({name, type, std::move(options), at});
  return state->variable(static_cast<int32_t>(state->variables.size()) - 1);
}

Entry Program::entry(const std::string &name, Site at) {
  std::string what = "entry '" + name + "'";
  if (state->finished)
    state->fail(what, at, "the program was written before the entry was added");
  if (EntryState *other = state->findEntry(name))
    state->fail(what, at, "an entry of this name was made at " + placeOf(other->site));
  return Entry(state->entries.emplace_back(*state, name, at).handle());
}

std::vector<Variable> Program::variables() const {
  std::vector<Variable> result;
  for (int32_t i = 0; i < static_cast<int32_t>(state->variables.size()); ++i)
    result.push_back(state->variable(i));
  return result;
}

const std::vector<Error> &Program::errors() const { return state->errors; }
bool Program::finish() { return state->finish(); }

std::string Program::text() {
  std::string result;
  if (!finish())
    return result;
  llvm::raw_string_ostream os(result);
  state->module->print(os);
  return result;
}

std::string Program::bytecode() {
  std::string result;
  if (!finish())
    return result;
  llvm::raw_string_ostream os(result);
  if (mlir::failed(mlir::writeBytecodeToFile(*state->module, os)))
    return {};
  return result;
}

bool Program::write(const std::string &path) {
  bool isText = path.size() > 5 && path.compare(path.size() - 5, 5, ".mlir") == 0;
  std::string content = isText ? text() : bytecode();
  if (!ok())
    return false;
  std::error_code code;
  llvm::raw_fd_ostream file(path, code);
  if (!code) {
    file << content;
    file.close();
    code = file.error();
    file.clear_error();
  }
  if (code)
    state->fail("program '" + state->name + "'", Site::current(),
                "cannot write " + path + ": " + code.message());
  return !code;
}

} // namespace dlc
