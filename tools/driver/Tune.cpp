// dlc tune: measures schedules for the kernels of a model and keeps those that win in a file.
#include "codegen/Messages.h"
#include "codegen/cpu/LowerToLlvm.h"
#include "mlir/Parser/Parser.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"
#include "tools/driver/Tuner.h"
#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <iostream>

namespace dlc::driver {
namespace {

struct TuneArguments {
  std::string input, output, budget = "60s";
  std::vector<std::string> bindings, sizes, cxxFlags;
  TuneOptions options;
};

/// "60s", "5min", "90".
bool parseSeconds(const std::string &text, double &seconds) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  std::string unit = end;
  seconds = value * (unit == "min" ? 60 : 1);
  if (end != text.c_str() && (unit.empty() || unit == "s" || unit == "min") && seconds > 0 &&
      seconds < 1e6)
    return true;
  fail("--budget " + text + ": expected a time such as 60s or 5min");
  return false;
}

void print(const TuneResult &result) {
  std::printf("%-6s %-10s %5" PRId64 " x %10.2f us", result.name.c_str(), result.kind.c_str(),
              result.calls, 1e6 * result.defaultSeconds);
  if (result.schedules.empty())
    std::printf("   stays, of %" PRId64 "  %s\n", result.tried + 1, result.from.c_str());
  else
    std::printf(" -> %10.2f us  %.2fx, of %" PRId64 "  %s\n       by %s\n", 1e6 * result.seconds,
                result.defaultSeconds / result.seconds, result.tried + 1, result.from.c_str(),
                result.schedules.c_str());
  for (const std::string &schedules : result.wrong)
    std::printf("       not %s: its results differ from those of the compiler's schedule, which "
                "is a defect of dlc; please report it with the model\n",
                schedules.c_str());
  std::fflush(stdout);
}

int tuneModel(TuneArguments &arguments) {
  TuneOptions &options = arguments.options;
  if (!parseSeconds(arguments.budget, options.seconds) ||
      !parseSizes("--bind", arguments.bindings, options.bindings) ||
      !parseSizes("--at", arguments.sizes, options.sizes))
    return 2;
  options.name = arguments.input;
  std::string text;
  if (!loadModel(arguments.input, arguments.cxxFlags, text))
    return 1;
  mlir::DialectRegistry registry;
  codegen::cpu::registerKernelDialects(registry);
  registry.insert<ir::DlcDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  mlir::ScopedDiagnosticHandler handler(&context, [](mlir::Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      std::cerr << codegen::messageOf(diagnostic) << "\n";
    return mlir::success();
  });
  auto module =
      mlir::parseSourceString<mlir::ModuleOp>(text, mlir::ParserConfig(&context), arguments.input);
  if (!module)
    return fail(arguments.input + " was not tuned");
  double before = 0, after = 0;
  int faster = 0;
  auto file = tune(*module, options, [&](const TuneResult &result) {
    print(result);
    faster += !result.schedules.empty();
    before += double(result.calls) * result.defaultSeconds;
    after += double(result.calls) * result.seconds;
  });
  if (!file)
    return fail(llvm::toString(file.takeError()));
  if (!writeFile(arguments.output, codegen::printScheduleFile(*file)))
    return 1;
  std::printf("%d kernels got faster; of the calls measured, %.3f ms became %.3f ms: %s\n", faster,
              1e3 * before, 1e3 * after, arguments.output.c_str());
  return 0;
}

} // namespace

void addTune(CLI::App &app, int &status) {
  auto arguments = std::make_shared<TuneArguments>();
  CLI::App *verb = app.add_subcommand(
      "tune", "Measure schedules for the kernels of a model, for compile --schedules");
  verb->add_option("input", arguments->input,
                   "A .cpp file that defines the model, or a module as .mlir or .mlirbc")
      ->required();
  verb->add_option("-o,--output", arguments->output, "The file of schedules to write")->required();
  verb->add_option("--budget", arguments->budget, "How long to search, such as 60s or 5min")
      ->capture_default_str();
  verb->add_option("--bind", arguments->bindings,
                   "Make a symbol a constant, such as B=128; as it will be compiled");
  verb->add_option(
      "--at", arguments->sizes,
      "Measure a symbol that stays one at this size, such as B=32 (the default is 32)");
  verb->add_option("--entry", arguments->options.entries,
                   "Only kernels of this entry; else of all but initialize");
  verb->add_option("--kernels", arguments->options.filter,
                   "Only kernels whose kind, layer or line holds this text");
  verb->add_flag(
      "--all", arguments->options.all,
      "Write the compiler's schedules of the other kernels, too, to change them by hand");
  verb->add_option("--threads", arguments->options.threads,
                   "Threads to measure with; by default DLC_NUM_THREADS, else every processor");
  verb->add_option("cxxflags", arguments->cxxFlags,
                   "After --: flags for the C++ compiler that builds a .cpp model");
  verb->callback([arguments, &status] { status = tuneModel(*arguments); });
}

} // namespace dlc::driver
