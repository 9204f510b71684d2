// dlc run: one entry, natively as dlc-run does it, or on the evaluator.
#include "tools/dlc-run/Runner.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"
#include "tools/driver/RunReference.h"
#include <CLI/CLI.hpp>
#include <filesystem>

namespace dlc::driver {
namespace {

struct RunArguments {
  tools::RunOptions options;
  std::vector<std::string> cxxFlags;
  bool reference = false;
};

bool isModel(const std::string &path) {
  std::string extension = std::filesystem::path(path).extension();
  return extension == ".cpp" || extension == ".mlir" || extension == ".mlirbc";
}

int run(const RunArguments &arguments) {
  const tools::RunOptions &options = arguments.options;
  if (!arguments.reference && isModel(options.artifact))
    return fail(options.artifact +
                " is a model, not an artifact; compile it with dlc compile, or run it on the "
                "evaluator with --reference");
  if (!arguments.reference) {
    runtime::Outcome outcome = tools::Runner(options).run();
    return outcome.ok() ? 0 : fail(outcome.message());
  }
  std::string module;
  if (!loadModel(options.artifact, arguments.cxxFlags, module))
    return 1;
  return runReference(module, options.artifact, options) ? 0 : 1;
}

} // namespace

void addRun(CLI::App &app, int &status) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App *verb = app.add_subcommand("run", "Run one entry of an artifact on .npy files");
  tools::addRunOptions(*verb, arguments->options);
  verb->add_flag("--reference", arguments->reference,
                 "run a model (.cpp, .mlir, .mlirbc) on the evaluator instead of an artifact");
  verb->add_option("cxxflags", arguments->cxxFlags,
                   "after --, with --reference: flags for the compiler that builds a .cpp model");
  verb->callback([arguments, &status] { status = run(*arguments); });
}

} // namespace dlc::driver
