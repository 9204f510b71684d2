// dlc check and dlc bisect: a module against the evaluator, and the smallest part that is wrong.
#include "tools/check/Check.h"
#include "mlir/Parser/Parser.h"
#include "passes/Pipelines.h"
#include "tools/check/Bisect.h"
#include "tools/check/CompiledRunner.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"
#include <CLI/CLI.hpp>
#include <iostream>

namespace dlc::driver {
namespace {

struct CheckArguments {
  std::string input, cpu = "native";
  std::vector<std::string> bindings, cxxFlags;
  bool gradients = false, evaluatorOnly = false;
  uint64_t seed = 1;
  unsigned threads = 1;
};

mlir::OwningOpRef<mlir::ModuleOp> parseModel(const CheckArguments &arguments,
                                             mlir::MLIRContext &context) {
  std::string text;
  context.loadDialect<ir::DlcDialect>();
  if (!loadModel(arguments.input, arguments.cxxFlags, text))
    return {};
  return mlir::parseSourceString<mlir::ModuleOp>(text, mlir::ParserConfig(&context),
                                                 arguments.input);
}

int check(const CheckArguments &arguments) {
  mlir::MLIRContext context;
  auto module = parseModel(arguments, context);
  if (!module)
    return 1;
  auto bindings = check::parseBindings(arguments.bindings);
  if (!bindings)
    return fail(llvm::toString(bindings.takeError())), 2;
  check::CheckOptions options;
  options.bindings = *bindings;
  options.gradients = arguments.gradients;
  options.seed = arguments.seed;
  if (!arguments.evaluatorOnly) {
    check::NativeOptions native;
    native.threads = arguments.threads;
    native.compile.cpus = {arguments.cpu};
    native.compile.cacheFolder = codegen::defaultCacheFolder();
    options.native = check::makeNativeCompiler(native);
  }
  auto report = check::checkModule(*module, options);
  if (!report)
    return fail(arguments.input + ": " + llvm::toString(report.takeError()));
  llvm::outs() << report->values;
  check::printCoverage(*report, llvm::outs());
  llvm::outs().flush();
  for (const std::string &failure : report->failures)
    fail(arguments.input + ": " + failure);
  std::cerr << arguments.input << ": " << report->compared << " comparisons, "
            << report->gradientElements << " elements of gradients, " << report->failures.size()
            << " failures\n";
  return report->failures.empty() ? 0 : 1;
}

int bisect(const CheckArguments &arguments) {
  mlir::MLIRContext context;
  auto module = parseModel(arguments, context);
  if (!module)
    return 1;
  auto bindings = check::parseBindings(arguments.bindings);
  if (!bindings)
    return fail(llvm::toString(bindings.takeError())), 2;
  auto pipeline = [](mlir::OpPassManager &manager) { passes::buildCompilePipeline(manager); };
  check::NativeCompiler native;
  if (!arguments.evaluatorOnly)
    native = check::makeNativeCompiler();
  for (const reference::Bindings &one : *bindings) {
    auto reduction = check::reduce(*module, pipeline, one, arguments.seed, native);
    if (!reduction) {
      llvm::consumeError(reduction.takeError());
      continue;
    }
    llvm::outs() << "// wrong: " << reduction->mistake << "\n// first wrong after: "
                 << (reduction->firstWrongPass.empty() ? "code generation"
                                                       : reduction->firstWrongPass)
                 << "\n"
                 << **reduction->module << "\n";
    llvm::outs().flush();
    return 1;
  }
  std::cerr << arguments.input << ": every entry agrees with the evaluator\n";
  return 0;
}

void addCommonOptions(CLI::App *verb, CheckArguments &arguments) {
  verb->add_option("input", arguments.input, "A module as .mlir or .mlirbc, or a .cpp model")
      ->required();
  verb->add_option("--bind", arguments.bindings,
                   "Sizes to try for a symbol, such as B=1,7; several symbols are combined");
  verb->add_option("--seed", arguments.seed, "Draws other inputs");
  verb->add_flag("--evaluator-only", arguments.evaluatorOnly,
                 "Check the passes alone; compile nothing");
}

} // namespace

void addCheck(CLI::App &app, int &status) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App *verb =
      app.add_subcommand("check", "Compare compiled entries and gradients with the evaluator");
  addCommonOptions(verb, *arguments);
  verb->add_flag("--gradients", arguments->gradients,
                 "Compare gradients with finite differences, in f64");
  verb->add_option("--threads", arguments->threads, "Threads of the compiled code");
  verb->add_option("--cpu", arguments->cpu,
                   "Compile for this processor, which the one here must be able to run");
  verb->callback([arguments, &status] { status = check(*arguments); });
}

void addBisect(CLI::App &app, int &status) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App *verb = app.add_subcommand(
      "bisect", "Reduce a module that is compiled wrongly to the few ops that show it");
  addCommonOptions(verb, *arguments);
  verb->callback([arguments, &status] { status = bisect(*arguments); });
}

} // namespace dlc::driver
