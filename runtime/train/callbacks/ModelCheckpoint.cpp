// ModelCheckpoint: weights or the whole training state, every epoch or so many batches, always or
// only when a metric improved.
#include "runtime/train/TrainerState.h"
#include "runtime/train/callbacks/Monitor.h"
#include "runtime/train/callbacks/PathTemplate.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include <cmath>
#include <filesystem>

namespace dlc::runtime {
namespace {

class CheckpointCallback : public Callback {
public:
  explicit CheckpointCallback(ModelCheckpoint given)
      : options(std::move(given)), monitor(options.monitor, options.mode) {}

  std::string name() const override { return absl::StrCat("model_checkpoint(", options.path, ")"); }

  Outcome onTrainBegin(Trainer &trainer) override {
    if (options.path.empty())
      return Error{DLC_INVALID_ARGUMENT, "ModelCheckpoint: expected a path"};
    if (!restored)
      best = std::nan("");
    restored = false;
    // A resumed training may never write this file again. Names of epochs are found when written.
    if (options.path.find('{') == std::string::npos)
      train::removeAbandoned(options.path);
    return options.saveBestOnly ? monitor.resolve(trainer) : Outcome();
  }

  Outcome onBatchEnd(Trainer &trainer, int64_t epoch, int64_t step) override {
    if (options.everyBatches == 0 || (step + 1) % options.everyBatches != 0)
      return {};
    return consider(trainer, epoch, trainer.runningLogs());
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    return options.everyBatches == 0 ? consider(trainer, epoch, logs) : Outcome();
  }

  CallbackState save() const override { return {{{"best", best}}, {}}; }
  Outcome restore(const CallbackState &state) override {
    best = train::savedNumber(state, "best", std::nan(""));
    restored = true;
    return {};
  }

private:
  Outcome consider(Trainer &trainer, int64_t epoch, const Logs &logs) {
    if (!options.saveBestOnly)
      return write(trainer, epoch, logs, "");
    const double *current = monitor.value(trainer, logs, "ModelCheckpoint");
    if (!current)
      return {};
    if (!std::isnan(best) && !monitor.improves(*current, best, 0)) {
      if (options.verbose)
        trainer.print(absl::StrFormat("Epoch %d: %s did not improve from %.5f", epoch + 1,
                                      options.monitor, best));
      return {};
    }
    std::string from = std::isnan(best) ? "None" : absl::StrFormat("%.5f", best);
    best = *current;
    return write(trainer, epoch, logs,
                 absl::StrFormat("%s improved from %s to %.5f, ", options.monitor, from, best));
  }

  Outcome write(Trainer &trainer, int64_t epoch, const Logs &logs, const std::string &reason) {
    absl::StatusOr<std::string> path = train::fillPathTemplate(options.path, epoch, logs);
    if (!path.ok())
      return Error{DLC_INVALID_ARGUMENT,
                   absl::StrCat("ModelCheckpoint: ", std::string(path.status().message()))};
    if (options.verbose)
      trainer.print(absl::StrCat("Epoch ", epoch + 1, ": ", reason, "saving model to ", *path));
    std::error_code ignored; // a folder that cannot be made shows when the file is written
    if (auto folder = std::filesystem::path(*path).parent_path(); !folder.empty())
      std::filesystem::create_directories(folder, ignored);
    return options.saveWeightsOnly ? trainer.saveWeights(*path) : trainer.saveTrainingState(*path);
  }

  ModelCheckpoint options;
  train::Monitor monitor;
  double best = 0; // NaN: nothing saved yet
  bool restored = false;
};

} // namespace

std::shared_ptr<Callback> modelCheckpoint(ModelCheckpoint options) {
  return std::make_shared<CheckpointCallback>(std::move(options));
}

} // namespace dlc::runtime
