#include "tools/driver/TrainingModel.h"
#include "codegen/include/dlc/codegen.h"
#include "tools/driver/Driver.h"
#include "tools/driver/ModelFile.h"
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>

using namespace dlc::runtime;

namespace dlc::driver {

const char *const dataHelp =
    "Data: NAME=FILE parts joined by commas, one per input. FILE may be IDX, CSV, NPY or NPZ,\n"
    "also gzip-compressed. Behind it, \":0-63\" picks columns, \":*1/255\" scales; \"?except=5\"\n"
    "leaves out every fifth row. An option after a comma of its own is meant for all inputs.\n"
    "  x=digits.csv.gz:0-63*0.0625,y=digits.csv.gz:64,?except=5\n"
    "  x=train-images-idx3-ubyte.gz:*1/255,y=train-labels-idx1-ubyte.gz\n"
    "Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted.";

namespace {

bool isModelFile(const std::string &path) {
  std::string extension = std::filesystem::path(path).extension();
  for (const char *known : {".cpp", ".cc", ".cxx", ".mlir", ".mlirbc"})
    if (extension == known)
      return true;
  return false;
}

Status openCompiled(const std::string &path, Artifact &artifact, bool &compiled) {
  std::string module;
  compiled = loadModel(path, {}, module);
  if (!compiled)
    return Status();
  codegen::CompileOptions options;
  options.name = path;
  options.cacheFolder = codegen::defaultCacheFolder();
  codegen::CompileResult result = codegen::compileModule(module, options);
  compiled = result.ok();
  if (!compiled) {
    std::cerr << result.error << "\n";
    fail(path + " was not compiled");
    return Status();
  }
  return Artifact::openMemory(result.output.data(), result.output.size(), path.c_str(), artifact);
}

} // namespace

bool openTrainingModel(const TrainingArguments &arguments, TrainingModel &model) {
  const std::string &path = arguments.model;
  bool compiled = true;
  Status status = isModelFile(path) ? openCompiled(path, model.artifact, compiled)
                                    : Artifact::open(path.c_str(), model.artifact);
  if (!compiled)
    return false;
  if (status.ok())
    status = Pool::create(arguments.threads, model.pool);
  if (!status.ok()) {
    fail(status.message());
    return false;
  }
  Result<TrainingSignature> signature = readSignature(model.artifact);
  if (!signature.ok()) {
    fail(path + ": " + signature.message());
    return false;
  }
  model.signature = *signature;
  Result<std::unique_ptr<TrainBackend>> backend =
      openSessionBackend(model.artifact, model.pool, {.checkFinite = arguments.checkFinite});
  if (!backend.ok()) {
    fail(backend.message());
    return false;
  }
  model.backend = std::move(*backend);
  return true;
}

std::string checkPositive(const std::string &text) {
  char *end = nullptr;
  errno = 0;
  bool good = std::strtoll(text.c_str(), &end, 10) >= 1 && !*end && !errno;
  return good ? "" : "expected a whole number of at least 1, got '" + text + "'";
}

void addTrainingArguments(CLI::App &verb, TrainingArguments &arguments) {
  verb.add_option("model", arguments.model,
                  "An artifact (.dlca); or a model as .cpp or .mlir, compiled on the spot")
      ->required();
  verb.add_option("--data", arguments.data, "The samples; see below")->required();
  verb.add_option("--batch", arguments.batch, "Samples in a batch")
      ->check(checkPositive)
      ->capture_default_str();
  verb.add_option("--threads", arguments.threads,
                  "Threads; by default DLC_NUM_THREADS, else every processor");
  verb.add_flag("--check-finite", arguments.checkFinite,
                "Stop at the first NaN or infinity, and name its layer and line; slower");
  static const std::map<std::string, ProgressMode> modes = {{"auto", ProgressMode::Auto},
                                                            {"bar", ProgressMode::Bar},
                                                            {"line", ProgressMode::Line},
                                                            {"json", ProgressMode::Json},
                                                            {"none", ProgressMode::None}};
  verb.add_option_function<std::string>(
          "--progress",
          [&arguments](const std::string &name) { arguments.progress = modes.at(name); },
          "How to report: auto (a bar on a terminal, else a line per epoch), bar, line, json (an "
          "object per line) or none")
      ->check(CLI::IsMember(modes));
  verb.footer(dataHelp);
}

} // namespace dlc::driver
