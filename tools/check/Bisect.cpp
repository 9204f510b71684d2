#include "tools/check/Bisect.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "tools/check/Gradients.h"

using namespace mlir;
using namespace dlc::reference;

namespace dlc::check {

namespace {
/// Keeps diagnostics of trial runs off stderr; the first error is the message.
class QuietDiagnostics {
public:
  explicit QuietDiagnostics(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (first.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
            first = diagnostic.str();
          return success();
        }) {}
  std::string first;

private:
  ScopedDiagnosticHandler handler;
};
} // namespace

using RunFn = llvm::function_ref<llvm::Expected<Results>(StringRef entry, const EntryData &data)>;

/// Compares what `run` makes of every entry with the oracle on `module`. A module that the
/// evaluator itself refuses is nobody's mistake.
static std::string compareRuns(ModuleOp module, const Bindings &bindings, uint64_t seed,
                               RunFn run) {
  OwningOpRef<ModuleOp> expanded = module.clone();
  if (llvm::Error error = differentiate(*expanded)) {
    llvm::consumeError(std::move(error));
    return "";
  }
  for (auto entry : module.getOps<ir::EntryOp>()) {
    auto data = drawInputs(entry, bindings, InputKind::Ordinary, seed);
    if (!data) {
      llvm::consumeError(data.takeError());
      continue;
    }
    auto oracle = Oracle::run(*expanded, entry.getSymName(), *data, bindings);
    if (!oracle) {
      llvm::consumeError(oracle.takeError());
      continue;
    }
    auto results = run(entry.getSymName(), *data);
    if (!results)
      return "it does not run: " + llvm::toString(results.takeError());
    if (std::string mismatch = oracle->compare(*results); !mismatch.empty())
      return mismatch;
  }
  return "";
}

static std::string compareWith(ModuleOp module, ModuleOp passed, const Bindings &bindings,
                               uint64_t seed) {
  return compareRuns(module, bindings, seed, [&](StringRef entry, const EntryData &data) {
    return runEntry(passed, entry, data, bindings);
  });
}

std::string findNativeMistake(ModuleOp module, const NativeCompiler &compiler,
                              const Bindings &bindings, uint64_t seed) {
  auto runner = compiler(module);
  if (!runner)
    return llvm::toString(runner.takeError());
  return compareRuns(module, bindings, seed, [&](StringRef entry, const EntryData &data) {
    return (*runner)->run(entry, data, bindings);
  });
}

std::string findMistake(ModuleOp module, const Pipeline &pipeline, const Bindings &bindings,
                        uint64_t seed, llvm::function_ref<void(ModuleOp)> onPassed) {
  QuietDiagnostics quiet(module.getContext());
  OwningOpRef<ModuleOp> passed = module.clone();
  PassManager manager(module.getContext());
  pipeline(manager);
  if (failed(manager.run(*passed)))
    return "the passes fail: " + quiet.first;
  if (onPassed)
    onPassed(*passed);
  return compareWith(module, *passed, bindings, seed);
}

static bool counts(Operation &op) {
  return !isa<ir::ConstantOp>(op) && !op.hasTrait<OpTrait::IsTerminator>();
}

int countOps(ModuleOp module) {
  int count = 0;
  for (auto entry : module.getOps<ir::EntryOp>())
    entry.getBody().walk([&](Operation *op) { count += counts(*op); });
  return count;
}

//===- cuts ---------------------------------------------------------------------------------===//

static ir::EntryOp entryAt(ModuleOp module, size_t index) {
  auto entries = llvm::to_vector(module.getOps<ir::EntryOp>());
  return entries[index];
}

static void eraseDead(ir::EntryOp entry) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(entry.getBody().front())))
    if (op.use_empty() && !op.hasTrait<OpTrait::IsTerminator>())
      op.erase();
}

/// Inputs that nothing reads are dropped, and the entry's type follows its body.
static void refreshSignature(ir::EntryOp entry) {
  Block &body = entry.getBody().front();
  SmallVector<Attribute> attributes;
  SmallVector<Type> inputs;
  llvm::BitVector unused(body.getNumArguments());
  for (unsigned i = 0; i < body.getNumArguments(); ++i) {
    if (body.getArgument(i).use_empty()) {
      unused.set(i);
      continue;
    }
    DictionaryAttr dictionary = entry.getArgAttrDict(i);
    attributes.push_back(dictionary ? dictionary : DictionaryAttr::get(entry.getContext()));
    inputs.push_back(body.getArgument(i).getType());
  }
  body.eraseArguments(unused);
  entry.setFunctionTypeAttr(TypeAttr::get(
      FunctionType::get(entry.getContext(), inputs, body.getTerminator()->getOperandTypes())));
  entry.setArgAttrsAttr(ArrayAttr::get(entry.getContext(), attributes));
}

/// Keeps the results whose positions `keep` accepts.
static void keepResults(ir::EntryOp entry, llvm::function_ref<bool(size_t)> keep) {
  Operation *terminator = entry.getBody().front().getTerminator();
  SmallVector<Value> operands;
  SmallVector<Attribute> attributes;
  for (auto [i, operand] : llvm::enumerate(terminator->getOperands()))
    if (keep(i)) {
      operands.push_back(operand);
      attributes.push_back(entry.getResultAttrDict(unsigned(i)));
    }
  terminator->setOperands(operands);
  entry.setResAttrsAttr(ArrayAttr::get(entry.getContext(), attributes));
  eraseDead(entry);
  refreshSignature(entry);
}

/// Replaces a value by a new input.
static void cutToInput(ir::EntryOp entry, Value value, int64_t number) {
  Value argument = entry.getBody().addArgument(value.getType(), value.getLoc());
  value.replaceAllUsesWith(argument);
  SmallVector<Attribute> attributes;
  for (unsigned i = 0; i + 1 < entry.getBody().getNumArguments(); ++i)
    attributes.push_back(entry.getArgAttrDict(i));
  OpBuilder b(entry.getContext());
  attributes.push_back(b.getDictionaryAttr(
      b.getNamedAttr("dlc.name", b.getStringAttr("cut" + std::to_string(number)))));
  entry.setFunctionTypeAttr(TypeAttr::get(FunctionType::get(
      entry.getContext(), entry.getBody().getArgumentTypes(), entry.getResultTypes())));
  entry.setArgAttrsAttr(b.getArrayAttr(attributes));
  eraseDead(entry);
  refreshSignature(entry);
}

namespace {

/// Tries cuts, keeping each after which the module is still valid and wrong.
class Reducer {
public:
  using IsWrong = std::function<bool(ModuleOp)>;

  Reducer(OwningOpRef<ModuleOp> start, IsWrong isWrong)
      : module(std::move(start)), isWrong(std::move(isWrong)) {}

  OwningOpRef<ModuleOp> run() {
    for (int before = -1; before != countOps(*module);) {
      before = countOps(*module);
      dropEntries();
      for (size_t e = 0; e < entryCount(); ++e) {
        dropResults(e);
        cutOps(e);
      }
    }
    return std::move(module);
  }

private:
  size_t entryCount() { return size_t(llvm::range_size(module->getOps<ir::EntryOp>())); }

  bool attempt(llvm::function_ref<void(ModuleOp)> cut) {
    OwningOpRef<ModuleOp> trial = module->clone();
    cut(*trial);
    QuietDiagnostics quiet(trial->getContext());
    if (failed(verify(*trial)) || !isWrong(*trial))
      return false;
    module = std::move(trial);
    return true;
  }

  void dropEntries() {
    for (size_t e = entryCount(); e-- > 0 && entryCount() > 1;)
      attempt([&](ModuleOp trial) { entryAt(trial, e).erase(); });
  }

  // One result alone if that is enough, else as few as possible.
  void dropResults(size_t e) {
    size_t count = entryAt(*module, e).getResultTypes().size();
    for (size_t r = 0; r < count && count > 1; ++r)
      if (attempt([&](ModuleOp trial) {
            keepResults(entryAt(trial, e), [&](size_t i) { return i == r; });
          }))
        return;
    for (size_t r = count; r-- > 0 && entryAt(*module, e).getResultTypes().size() > 1;)
      attempt([&](ModuleOp trial) {
        keepResults(entryAt(trial, e), [&](size_t i) { return i != r; });
      });
  }

  static Operation *opAt(ir::EntryOp entry, size_t index) {
    return &*std::next(entry.getBody().front().begin(), ptrdiff_t(index));
  }
  size_t opCount(size_t e) { return entryAt(*module, e).getBody().front().getOperations().size(); }

  void cutOps(size_t e) {
    for (size_t i = opCount(e) - 1; i-- > 0;) {
      if (i + 1 >= opCount(e))
        continue;
      Operation *op = opAt(entryAt(*module, e), i);
      for (unsigned r = 0; r < op->getNumResults(); ++r)
        if (cutResult(e, i, r))
          break;
    }
  }

  bool cutResult(size_t e, size_t i, unsigned r) {
    if (attempt([&](ModuleOp trial) {
          ir::EntryOp entry = entryAt(trial, e);
          cutToInput(entry, opAt(entry, i)->getResult(r), cuts++);
        }))
      return true;
    Operation *op = opAt(entryAt(*module, e), i);
    for (unsigned o = 0; o < op->getNumOperands(); ++o)
      if (op->getOperand(o).getType() == op->getResult(r).getType() && attempt([&](ModuleOp trial) {
            ir::EntryOp entry = entryAt(trial, e);
            Operation *same = opAt(entry, i);
            same->getResult(r).replaceAllUsesWith(same->getOperand(o));
            eraseDead(entry);
            refreshSignature(entry);
          }))
        return true;
    return false;
  }

  OwningOpRef<ModuleOp> module;
  IsWrong isWrong;
  int64_t cuts = 0;
};

} // namespace

namespace {
/// Keeps a copy of the module after each pass that ran on it as a whole.
class Snapshots : public PassInstrumentation {
public:
  explicit Snapshots(std::vector<std::pair<std::string, OwningOpRef<ModuleOp>>> &taken)
      : taken(taken) {}
  void runAfterPass(Pass *pass, Operation *op) override {
    if (auto module = dyn_cast<ModuleOp>(op))
      taken.emplace_back(pass->getArgument().empty() ? pass->getName() : pass->getArgument(),
                         module.clone());
  }

private:
  std::vector<std::pair<std::string, OwningOpRef<ModuleOp>>> &taken;
};
} // namespace

// The first pass after which the module no longer agrees with what it was. The last one, when
// it is a pass that fails.
static std::string firstWrongPass(ModuleOp module, const Pipeline &pipeline,
                                  const Bindings &bindings, uint64_t seed) {
  QuietDiagnostics quiet(module.getContext());
  std::vector<std::pair<std::string, OwningOpRef<ModuleOp>>> taken;
  OwningOpRef<ModuleOp> passed = module.clone();
  PassManager manager(module.getContext());
  pipeline(manager);
  manager.addInstrumentation(std::make_unique<Snapshots>(taken));
  (void)manager.run(*passed);
  for (auto &[pass, snapshot] : taken)
    if (!compareWith(module, *snapshot, bindings, seed).empty())
      return pass;
  return "";
}

llvm::Expected<Reduction> reduce(ModuleOp module, const Pipeline &pipeline,
                                 const Bindings &bindings, uint64_t seed,
                                 const NativeCompiler &compiler) {
  auto mistakeOf = [&](ModuleOp trial) {
    std::string mistake = findMistake(trial, pipeline, bindings, seed);
    return mistake.empty() && compiler ? findNativeMistake(trial, compiler, bindings, seed)
                                       : mistake;
  };
  if (mistakeOf(module).empty())
    return llvm::createStringError("every entry agrees with the evaluator; nothing to reduce");
  Reduction reduction;
  auto isWrong = [&](ModuleOp trial) { return !mistakeOf(trial).empty(); };
  reduction.module = Reducer(module.clone(), isWrong).run();
  reduction.mistake = mistakeOf(*reduction.module);
  reduction.firstWrongPass = firstWrongPass(*reduction.module, pipeline, bindings, seed);
  return reduction;
}

} // namespace dlc::check
