// dlc train: fits a compiled model to data.
//
// SIGINT and SIGTERM let the batch in progress finish, then save the training state (with
// --checkpoint) and the weights (with --weights) and end the process with 128 + signal. A second
// signal ends it at once.
#include "tools/driver/CallbackOptions.h"
#include "tools/driver/Driver.h"
#include "tools/driver/TrainingModel.h"
#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <random>

using namespace dlc::runtime;

namespace dlc::driver {
namespace {

struct TrainArguments : TrainingArguments {
  std::string validation;
  double validationSplit = 0;
  int64_t epochs = 1, stepsPerEpoch = 0;
  std::optional<uint64_t> seed;
  std::optional<double> learningRate;
  bool keepOrder = false;
  std::string initialWeights, weights, checkpointFolder;
  int64_t every = 1;
  bool resume = false;
  std::string earlyStopping, reduceLR, bestWeights, csvLog, tensorBoard;
  bool stopOnNaN = false;
};

std::atomic<bool> interruptRequested = false;
volatile std::sig_atomic_t lastSignal = 0;

void onSignal(int signal) {
  lastSignal = signal;
  interruptRequested = true;
  std::signal(signal, SIG_DFL);
}

/// The file of the training state, or "" without --checkpoint. The folder is made when missing.
Result<std::string> checkpointFile(const TrainArguments &arguments) {
  if (arguments.checkpointFolder.empty())
    return std::string();
  std::error_code error;
  std::filesystem::create_directories(arguments.checkpointFolder, error);
  if (error)
    return Error{DLC_INVALID_ARGUMENT, arguments.checkpointFolder + ": " + error.message()};
  return (std::filesystem::path(arguments.checkpointFolder) / "training.safetensors").string();
}

Outcome addCallbacks(const TrainArguments &arguments, FitOptions &options) {
  if (arguments.stopOnNaN)
    options.callbacks.push_back(terminateOnNaN());
  if (!arguments.bestWeights.empty()) {
    Result<ModelCheckpoint> parsed = parseBestWeights(arguments.bestWeights);
    if (!parsed.ok())
      return parsed.error();
    options.callbacks.push_back(modelCheckpoint(*parsed));
  }
  if (!arguments.reduceLR.empty()) {
    Result<ReduceLROnPlateau> parsed = parseReduceLR(arguments.reduceLR);
    if (!parsed.ok())
      return parsed.error();
    options.callbacks.push_back(reduceLROnPlateau(*parsed));
  }
  // After what adds to the logs, so that these show it.
  if (!arguments.csvLog.empty())
    options.callbacks.push_back(csvLogger({.path = arguments.csvLog}));
  if (!arguments.tensorBoard.empty())
    options.callbacks.push_back(tensorBoard({.folder = arguments.tensorBoard}));
  if (!arguments.earlyStopping.empty()) {
    Result<EarlyStopping> parsed = parseEarlyStopping(arguments.earlyStopping);
    if (!parsed.ok())
      return parsed.error();
    options.callbacks.push_back(earlyStopping(*parsed));
  }
  return {};
}

/// Tells what is trained and the seed, which is needed to do the same again.
void announce(const TrainArguments &arguments, const TrainingModel &model, const Dataset &data,
              uint64_t seed) {
  if (arguments.progress == ProgressMode::Json) {
    std::cout << "{\"event\":\"start\",\"samples\":" << data.size() << ",\"seed\":" << seed
              << ",\"threads\":" << model.pool.threads() << ",\"variant\":\""
              << model.artifact.variant() << "\"}" << std::endl;
    return;
  }
  std::ostream &out = arguments.progress == ProgressMode::None ? std::cerr : std::cout;
  out << "Training on " << data.size() << " samples, seed " << seed << ", " << model.pool.threads()
      << (model.pool.threads() == 1 ? " thread" : " threads") << ", " << model.artifact.variant()
      << std::endl;
}

/// Finds out before the training that what it writes at the end has no folder to stand in.
Outcome checkFolder(const std::string &file) {
  std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::error_code ignored;
  if (file.empty() || folder.empty() || std::filesystem::is_directory(folder, ignored))
    return {};
  return Error{DLC_NOT_FOUND, file + ": there is no folder " + folder.string()};
}

/// First values: those of the entry `initialize`, then what the command line gives.
Outcome setVariables(const TrainArguments &arguments, Trainer &trainer, uint64_t seed) {
  if (Outcome outcome = trainer.initialize(seed); !outcome.ok())
    return outcome;
  if (!arguments.initialWeights.empty())
    if (Outcome outcome = trainer.loadWeights(arguments.initialWeights); !outcome.ok())
      return outcome;
  return arguments.learningRate ? trainer.setLearningRate(*arguments.learningRate) : Outcome();
}

Outcome loadData(const TrainArguments &arguments, Dataset &data, FitOptions &options) {
  Result<Dataset> loaded = loadDataset(arguments.data);
  if (!loaded.ok())
    return loaded.error();
  data = *loaded;
  if (arguments.validation.empty())
    return {};
  Result<Dataset> validation = loadDataset(arguments.validation);
  if (!validation.ok())
    return validation.error();
  options.validation = *validation;
  return {};
}

FitOptions fitOptions(const TrainArguments &arguments) {
  FitOptions options;
  options.epochs = arguments.epochs;
  options.batchSize = arguments.batch;
  options.stepsPerEpoch = arguments.stepsPerEpoch;
  options.shuffle = !arguments.keepOrder;
  options.seed = arguments.seed ? *arguments.seed : std::random_device()();
  options.validationSplit = arguments.validationSplit;
  options.checkpointEvery = arguments.every;
  options.resume = arguments.resume;
  options.progress.mode = arguments.progress;
  options.interrupt = &interruptRequested;
  return options;
}

/// Writes --weights; without that option there is nothing to do.
bool saveWeights(Trainer &trainer, const TrainArguments &arguments) {
  if (arguments.weights.empty())
    return true;
  Outcome outcome = trainer.saveWeights(arguments.weights);
  if (!outcome.ok())
    fail(outcome.message());
  return outcome.ok();
}

/// Keeps what an interrupted training has reached: each file even if the other one fails. Exit
/// code: 128 + signal.
int endInterrupted(Trainer &trainer, const TrainArguments &arguments, const std::string &state,
                   const Result<History> &history) {
  if (!history.ok())
    fail(history.message());
  if (!saveWeights(trainer, arguments) || !history.ok())
    return 1;
  std::cerr << "dlc: interrupted" << (state.empty() ? "" : "; --resume goes on from " + state)
            << "\n";
  return 128 + lastSignal;
}

int train(const TrainArguments &arguments) {
  FitOptions options = fitOptions(arguments);
  Dataset data;
  TrainingModel model;
  if (Outcome outcome = addCallbacks(arguments, options); !outcome.ok()) {
    fail(outcome.message());
    return 2;
  }
  if (Outcome outcome = loadData(arguments, data, options); !outcome.ok())
    return fail(outcome.message());
  if (Outcome outcome = checkFolder(arguments.weights); !outcome.ok())
    return fail(outcome.message());
  Result<std::string> state = checkpointFile(arguments);
  if (!state.ok())
    return fail(state.message());
  options.checkpoint = *state;
  if (!openTrainingModel(arguments, model))
    return 1;
  Trainer trainer(*model.backend, model.signature);
  if (Outcome outcome = setVariables(arguments, trainer, options.seed); !outcome.ok())
    return fail(outcome.message());
  // A training that goes on has the seed of its state, and says so itself.
  if (!options.resume || !std::filesystem::exists(options.checkpoint))
    announce(arguments, model, data, options.seed);
  std::signal(SIGINT, onSignal);
  std::signal(SIGTERM, onSignal);
  Result<History> history = trainer.fit(data, options);
  if (trainer.history().interrupted)
    return endInterrupted(trainer, arguments, *state, history);
  if (!history.ok()) {
    fail(history.message());
    // What could not be written at the end of a training must not cost its result.
    const std::vector<int64_t> &epochs = trainer.history().epochs;
    if (!epochs.empty() && epochs.back() + 1 >= options.epochs)
      saveWeights(trainer, arguments);
    return 1;
  }
  return saveWeights(trainer, arguments) ? 0 : 1;
}

void addDataOptions(CLI::App &verb, TrainArguments &arguments) {
  CLI::Option *validation =
      verb.add_option("--validation", arguments.validation, "Samples to validate on, as --data");
  verb.add_option("--validation-split", arguments.validationSplit,
                  "Hold back this fraction of --data, its end, to validate on")
      ->check(CLI::Range(0.0, 0.99))
      ->excludes(validation);
  verb.add_option("--epochs", arguments.epochs, "Passes over the data")
      ->check(checkPositive)
      ->capture_default_str();
  verb.add_option("--steps-per-epoch", arguments.stepsPerEpoch,
                  "Batches in an epoch; by default one pass over the data")
      ->check(checkPositive);
  verb.add_option("--seed", arguments.seed,
                  "Of first values, shuffling and dropout; by default drawn, and printed");
  verb.add_option("--learning-rate", arguments.learningRate,
                  "Instead of the model's own; a resumed training keeps the one that it had");
  verb.add_flag("--no-shuffle", arguments.keepOrder, "Take samples in the order of the files");
}

void addFileOptions(CLI::App &verb, TrainArguments &arguments) {
  verb.add_option("--initial-weights", arguments.initialWeights,
                  "Start from these weights (.safetensors)");
  verb.add_option("--weights", arguments.weights, "Write the trained weights (.safetensors)");
  CLI::Option *checkpoint =
      verb.add_option("--checkpoint", arguments.checkpointFolder,
                      "Folder for the whole training state, written atomically");
  verb.add_option("--every", arguments.every, "Epochs between checkpoints")
      ->check(checkPositive)
      ->needs(checkpoint)
      ->capture_default_str();
  verb.add_flag("--resume", arguments.resume,
                "Go on from the checkpoint, if there is one: the result is that of a training "
                "without the interruption")
      ->needs(checkpoint);
}

void addCallbackOptions(CLI::App &verb, TrainArguments &arguments) {
  verb.add_option("--early-stopping", arguments.earlyStopping,
                  "METRIC[,patience=N][,min_delta=X][,baseline=X][,start=N][,mode=min|max]"
                  "[,restore]: stop when the metric no longer improves; restore goes back to the "
                  "best weights");
  verb.add_option("--reduce-lr", arguments.reduceLR,
                  "METRIC[,factor=X][,patience=N][,min_delta=X][,cooldown=N][,min=X]"
                  "[,mode=min|max]: lower the learning rate when the metric no longer improves");
  verb.add_option("--best-weights", arguments.bestWeights,
                  "FILE[,monitor=METRIC][,mode=min|max]: write the weights whenever the metric "
                  "(val_loss) is the best so far");
  verb.add_option("--csv-log", arguments.csvLog, "Write a row of metrics per epoch to this file");
  verb.add_option("--tensorboard", arguments.tensorBoard,
                  "Write event files for TensorBoard to this folder");
  verb.add_flag("--stop-on-nan", arguments.stopOnNaN, "Stop at the first loss that is not finite");
}

} // namespace

void addTrain(CLI::App &app, int &status) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App *verb = app.add_subcommand("train", "Train a model on data");
  addTrainingArguments(*verb, *arguments);
  addDataOptions(*verb, *arguments);
  addFileOptions(*verb, *arguments);
  addCallbackOptions(*verb, *arguments);
  verb->callback([arguments, &status] { status = train(*arguments); });
}

} // namespace dlc::driver
