// What `dlc train` and `dlc evaluate` have in common: a model opened with its training signature,
// and how their command lines name threads and the way of reporting.
#pragma once
#include "dlc/train.h"
#include <string>

namespace CLI {
class App;
}

namespace dlc::driver {

/// A model ready to be trained or evaluated. Members are destroyed in the right order: the backend
/// before the pool and the artifact that it runs on.
struct TrainingModel {
  runtime::Artifact artifact;
  runtime::Pool pool;
  std::unique_ptr<runtime::TrainBackend> backend;
  runtime::TrainingSignature signature;
};

/// What both verbs take.
struct TrainingArguments {
  std::string model, data;
  int64_t batch = 32;
  uint32_t threads = 0; ///< 0: DLC_NUM_THREADS, else every processor
  bool checkFinite = false;
  runtime::ProgressMode progress = runtime::ProgressMode::Auto;
};

/// Opens |arguments|' model: an artifact; a model file (.cpp, .mlir, .mlirbc) is compiled for this
/// processor first. On failure, prints what went wrong on stderr and returns false.
bool openTrainingModel(const TrainingArguments &arguments, TrainingModel &model);

/// Adds the model, --data, --batch, --threads, --check-finite and --progress; |arguments| must outlive |verb|.
void addTrainingArguments(CLI::App &verb, TrainingArguments &arguments);

/// A check for options: "" for a whole number of at least 1, else what is wrong.
std::string checkPositive(const std::string &text);

/// How --data reads, for the end of a verb's help.
extern const char *const dataHelp;

} // namespace dlc::driver
