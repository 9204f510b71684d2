#include "tools/check/Check.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "tools/check/Gradients.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;
using namespace dlc::reference;

namespace dlc::check {

static llvm::Error makeError(const Twine &message) { return llvm::createStringError(message); }

static llvm::Error runPipeline(ModuleOp module) {
  std::string message;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &diagnostic) {
    if (message.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
      message = diagnostic.str();
    return success();
  });
  PassManager manager(module.getContext());
  passes::buildCompilePipeline(manager);
  if (failed(manager.run(module)))
    return makeError("the pipeline failed: " + message);
  return llvm::Error::success();
}

static bool isFloatName(StringRef type) {
  return type == "f32" || type == "f64" || type == "f16" || type == "bf16";
}

static bool hasSymbolicType(Operation *op) {
  auto isSymbolic = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && !tensor.hasStaticShape();
  };
  auto namesSymbols = [](NamedAttribute attribute) {
    auto dims = dyn_cast<ir::DimsAttr>(attribute.getValue());
    return dims &&
           !llvm::all_of(dims.getSizes(), [](ir::SizeAttr size) { return size.isConstant(); });
  };
  return llvm::any_of(op->getOperandTypes(), isSymbolic) ||
         llvm::any_of(op->getResultTypes(), isSymbolic) ||
         llvm::any_of(op->getAttrs(), namesSymbols);
}

// The type that names a row: of the first float, where floats make floats; else of the first
// operand that is no predicate, where results are none either; else of the first operand, or of the
// result where there is none.
static std::string typeOf(const Executed &executed) {
  bool isLogical = !executed.results.empty() && executed.results[0].type() == DType::I1;
  if (!executed.results.empty() && executed.results[0].isFloat())
    for (const Tensor *operand : executed.operands)
      if (operand->isFloat())
        return name(operand->type());
  for (const Tensor *operand : executed.operands)
    if (!isLogical && operand->type() != DType::I1)
      return name(operand->type());
  if (!executed.operands.empty())
    return name(executed.operands[0]->type());
  return executed.results.empty() ? "none" : name(executed.results[0].type());
}

static void note(const Tensor &tensor, Coverage &coverage) {
  coverage.isEmpty |= tensor.count() == 0;
  coverage.isUnit |= llvm::is_contained(tensor.dims(), 1);
  for (int64_t i = 0; tensor.isFloat() && i < tensor.count(); ++i) {
    coverage.hasNan |= std::isnan(tensor.real(i));
    coverage.hasInfinity |= std::isinf(tensor.real(i));
  }
}

namespace {

/// One module under check: what the oracle runs, and what is compared with it.
class Checker {
public:
  Checker(ModuleOp module, const CheckOptions &options) : original(module), options(options) {}

  llvm::Expected<CheckReport> run() {
    if (llvm::Error error = prepare())
      return error;
    for (auto [round, bindings] : llvm::enumerate(options.bindings))
      for (auto entry : original.getOps<ir::EntryOp>()) {
        checkEntry(entry, bindings, round);
        if (options.gradients)
          checkEntryGradients(entry, bindings);
      }
    return std::move(report);
  }

private:
  llvm::Error prepare() {
    expanded = original.clone();
    if (llvm::Error error = differentiate(*expanded))
      return error;
    passed = original.clone();
    if (llvm::Error error = runPipeline(*passed))
      return error;
    if (!options.native)
      return llvm::Error::success();
    OwningOpRef<ModuleOp> changed;
    if (options.changeNative) {
      changed = original.clone();
      if (llvm::Error error = options.changeNative(*changed))
        return error;
    }
    auto compiled = options.native(changed ? *changed : original);
    if (!compiled)
      return compiled.takeError();
    native = std::move(*compiled);
    return llvm::Error::success();
  }

  void fail(ir::EntryOp entry, const Bindings &bindings, const Twine &what) {
    std::string where = "entry \"" + entry.getSymName().str() + "\"";
    for (const auto &[symbol, value] : bindings)
      where += " " + symbol + "=" + std::to_string(value);
    report.failures.push_back((where + ": " + what).str());
  }

  void checkEntry(ir::EntryOp entry, const Bindings &bindings, uint64_t round) {
    if (!entry.getNumArguments())
      return round == 0 ? checkRun(entry, bindings, InputKind::Ordinary) : void();
    checkRun(entry, bindings, InputKind::Ordinary, round);
    if (entry->hasAttr("dlc.no_special"))
      return;
    // Twice, and anew for each binding: small tensors may miss one kind of value or another.
    checkRun(entry, bindings, InputKind::Special, 2 * round);
    checkRun(entry, bindings, InputKind::Special, 2 * round + 1);
  }

  static void observe(const Executed &executed, CoverageTable &table) {
    std::string op = executed.op->getName().stripDialect().str();
    Coverage &coverage = table[{op, typeOf(executed)}];
    ++coverage.runs;
    coverage.isSymbolic |= hasSymbolicType(executed.op);
    for (const Tensor *operand : executed.operands)
      note(*operand, coverage);
    for (const Tensor &result : executed.results)
      note(result, coverage);
  }

  void checkRun(ir::EntryOp entry, const Bindings &bindings, InputKind kind,
                uint64_t variation = 0) {
    uint64_t seed = options.seed * 2 + (kind == InputKind::Special) + 2 * variation;
    auto data = drawInputs(entry, bindings, kind, seed);
    if (!data)
      return fail(entry, bindings, llvm::toString(data.takeError()));
    CoverageTable seen;
    auto oracle = Oracle::run(*expanded, entry.getSymName(), *data, bindings,
                              [&](const Executed &executed) { observe(executed, seen); });
    if (!oracle)
      return fail(entry, bindings, "the evaluator: " + llvm::toString(oracle.takeError()));
    noteMarkers(entry, bindings, seen);
    if (!entry.getNumArguments())
      printValues(entry, oracle->results());
    compare(entry, bindings, *oracle, "after the passes",
            runEntry(*passed, entry.getSymName(), *data, bindings));
    if (native && !compare(entry, bindings, *oracle, "native",
                           native->run(entry.getSymName(), *data, bindings)))
      return;
    addCoverage(seen);
  }

  // Of runs that every road finished: what failed natively has covered nothing.
  void addCoverage(const CoverageTable &seen) {
    for (const auto &[key, run] : seen) {
      Coverage &coverage = report.coverage[key];
      coverage.runs += run.runs;
      coverage.nativeRuns += native ? run.runs : 0;
      coverage.isSymbolic |= run.isSymbolic;
      coverage.isEmpty |= run.isEmpty;
      coverage.isUnit |= run.isUnit;
      coverage.hasNan |= run.hasNan;
      coverage.hasInfinity |= run.hasInfinity;
    }
  }

  // Gradients and their markers are expanded before anything runs: they count as executed when
  // what they became did.
  static void noteMarkers(ir::EntryOp entry, const Bindings &bindings, CoverageTable &table) {
    entry.walk([&](Operation *op) {
      if (!isa<ir::GradientMarker, ir::GradientOp>(op))
        return;
      llvm::Expected<DType> type = elementTypeOf(op->getOperand(0).getType());
      if (!type)
        return llvm::consumeError(type.takeError());
      Coverage &coverage = table[{op->getName().stripDialect().str(), name(*type)}];
      ++coverage.runs;
      coverage.isSymbolic |= hasSymbolicType(op);
      for (Type operand : op->getOperandTypes())
        if (llvm::Expected<Dims> dims = dimsOf(operand, bindings)) {
          coverage.isEmpty |= productOf(*dims) == 0;
          coverage.isUnit |= llvm::is_contained(*dims, 1);
        } else {
          llvm::consumeError(dims.takeError());
        }
    });
  }

  bool compare(ir::EntryOp entry, const Bindings &bindings, Oracle &oracle, StringRef who,
               llvm::Expected<Results> got) {
    ++report.compared;
    std::string mismatch = got ? oracle.compare(*got) : llvm::toString(got.takeError());
    if (!mismatch.empty())
      fail(entry, bindings, who + ": " + mismatch);
    return mismatch.empty();
  }

  void printValues(ir::EntryOp entry, const Results &results) {
    llvm::raw_string_ostream os(report.values);
    for (const auto &[name, tensor] : results) {
      os << "values " << entry.getSymName() << " " << name << " = [";
      for (int64_t i = 0; i < tensor.count(); ++i) {
        os << (i ? ", " : "");
        if (tensor.isFloat() && std::isnan(tensor.real(i)))
          os << "nan";
        else if (tensor.isFloat())
          os << llvm::format("%.9g", tensor.real(i));
        else
          os << tensor.integer(i);
      }
      os << "]\n";
    }
  }

  void checkEntryGradients(ir::EntryOp entry, const Bindings &bindings) {
    if (entry->hasAttr("dlc.no_gradient") || !hasFloats(entry))
      return;
    auto change = [&](ModuleOp module) {
      if (options.changeDifferentiated)
        options.changeDifferentiated(module);
    };
    auto gradients = checkGradients(original, entry.getSymName(), bindings, options.seed, change);
    if (!gradients)
      return fail(entry, bindings, llvm::toString(gradients.takeError()));
    report.gradientElements += gradients->compared;
    if (!gradients->failure.empty())
      return fail(entry, bindings, gradients->failure);
    if (gradients->nonzero)
      entry.walk([&](Operation *op) {
        for (auto &[key, coverage] : report.coverage)
          if (key.first == op->getName().stripDialect() && isFloatName(key.second))
            coverage.hasGradient |= isa<ir::Differentiable>(op);
      });
  }

  static bool hasFloats(ir::EntryOp entry) {
    auto isFloat = [](Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); };
    return llvm::any_of(entry.getArgumentTypes(), isFloat) &&
           llvm::any_of(entry.getResultTypes(), isFloat);
  }

  ModuleOp original;
  const CheckOptions &options;
  OwningOpRef<ModuleOp> expanded, passed;
  std::unique_ptr<NativeRunner> native;
  CheckReport report;
};

} // namespace

llvm::Expected<CheckReport> checkModule(ModuleOp module, const CheckOptions &options) {
  return Checker(module, options).run();
}

void printCoverage(const CheckReport &report, llvm::raw_ostream &os) {
  for (const auto &[key, coverage] : report.coverage) {
    llvm::json::OStream json(os);
    json.object([&] {
      json.attribute("op", key.first);
      json.attribute("type", key.second);
      json.attribute("runs", coverage.runs);
      json.attribute("native", coverage.nativeRuns);
      json.attribute("symbolic", coverage.isSymbolic);
      json.attribute("empty", coverage.isEmpty);
      json.attribute("unit", coverage.isUnit);
      json.attribute("nan", coverage.hasNan);
      json.attribute("infinity", coverage.hasInfinity);
      json.attribute("gradient", coverage.hasGradient);
    });
    os << "\n";
  }
}

llvm::Expected<std::vector<Bindings>> parseBindings(ArrayRef<std::string> arguments) {
  std::vector<Bindings> all{{}};
  for (StringRef argument : arguments) {
    auto [symbol, values] = argument.split('=');
    std::vector<Bindings> next;
    SmallVector<StringRef> numbers;
    values.split(numbers, ',');
    for (StringRef number : numbers) {
      int64_t value;
      if (symbol.empty() || number.getAsInteger(10, value) || value < 0)
        return makeError("--bind " + argument + ": expected a symbol and sizes, as in B=1,7");
      for (Bindings bindings : all) {
        bindings[symbol.str()] = value;
        next.push_back(std::move(bindings));
      }
    }
    all = std::move(next);
  }
  return all;
}

} // namespace dlc::check
