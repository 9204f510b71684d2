// `dlc` in a build without the compiler: train and evaluate run here, on artifacts and under the
// sanitizers that the build has; every other verb is that of the compiler DLC_COMPILER.
//
// So the road from files to trained weights (data, batches, callbacks, checkpoints, signals,
// threads) is sanitized end to end by the same tests that the real program passes.
#include "codegen/include/dlc/codegen.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <unistd.h>

// What the verbs ask of the compiler when they are given a model instead of an artifact.
std::string dlc::codegen::defaultCacheFolder() { return ""; }
dlc::codegen::CompileResult dlc::codegen::compileModule(std::string_view, const CompileOptions &) {
  CompileResult result;
  result.error = "this program has no compiler";
  return result;
}

namespace dlc::driver {

bool loadModel(const std::string &path, const std::vector<std::string> &, std::string &,
               const std::string &) {
  fail(path + ": this program has no compiler; give it an artifact");
  return false;
}

int fail(const std::string &message) {
  std::cerr << "dlc: error: " << message << "\n";
  return 1;
}

static int runVerb(int argc, char **argv) {
  CLI::App app;
  app.name("dlc");
  app.require_subcommand(1);
  app.failure_message([](const CLI::App *, const CLI::Error &error) {
    return std::string("dlc: error: ") + error.what() + "; see --help\n";
  });
  int status = 0;
  addTrain(app, status);
  addEvaluate(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return status;
}

} // namespace dlc::driver

int main(int argc, char **argv) {
  std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "train" || verb == "evaluate")
    return dlc::driver::runVerb(argc, argv);
  argv[0] = const_cast<char *>(DLC_COMPILER);
  execv(DLC_COMPILER, argv);
  return dlc::driver::fail(std::string(DLC_COMPILER) + ": " + std::strerror(errno));
}
