// TensorBoard: runs `train` and `validation`, with the tags that Keras writes.
#include "dlc/train.h"
#include "runtime/data/Convert.h"
#include "runtime/train/EventFile.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dlc::runtime {
namespace {

Outcome toOutcome(const absl::Status &status) {
  if (status.ok())
    return {};
  return Error{static_cast<dlc_code>(status.code()), std::string(status.message())};
}

class TensorBoardCallback : public Callback {
public:
  explicit TensorBoardCallback(TensorBoard given) : options(std::move(given)) {}

  std::string name() const override { return absl::StrCat("tensorboard(", options.folder, ")"); }

  Outcome onBatchEnd(Trainer &trainer, int64_t, int64_t step) override {
    steps = step + 1;
    if (options.batchesPerUpdate == 0 || steps % options.batchesPerUpdate != 0)
      return {};
    for (const auto &[name, value] : trainer.runningLogs())
      if (Outcome outcome = scalar(training, "train", "batch_" + name, step, value); !outcome.ok())
        return outcome;
    return {};
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    for (const auto &[name, value] : logs) {
      bool validates = absl::StartsWith(name, "val_");
      Outcome outcome =
          validates ? scalar(validation, "validation", "epoch_" + name.substr(4), epoch, value)
                    : scalar(training, "train", "epoch_" + name, epoch, value);
      if (!outcome.ok())
        return outcome;
      if (validates)
        outcome =
            scalar(validation, "validation",
                   absl::StrCat("evaluation_", name.substr(4), "_vs_iterations"), steps, value);
      if (!outcome.ok())
        return outcome;
    }
    if (Outcome outcome = writeLearningRate(trainer, epoch, logs); !outcome.ok())
      return outcome;
    bool due = options.epochsPerHistogram > 0 && epoch % options.epochsPerHistogram == 0;
    return due ? writeHistograms(trainer, epoch) : Outcome();
  }

  Outcome onEvaluateEnd(Trainer &, const Logs &logs) override {
    for (const auto &[name, value] : logs)
      if (Outcome outcome =
              scalar(validation, "validation", absl::StrCat("evaluation_", name, "_vs_iterations"),
                     steps, value);
          !outcome.ok())
        return outcome;
    return {};
  }

private:
  Outcome openOnce(train::EventFile &file, const char *run) {
    if (file.isOpen())
      return {};
    return toOutcome(file.open(options.folder + "/" + run));
  }

  Outcome scalar(train::EventFile &file, const char *run, const std::string &tag, int64_t step,
                 double value) {
    if (Outcome outcome = openOnce(file, run); !outcome.ok())
      return outcome;
    return toOutcome(file.writeScalar(tag, step, value));
  }

  // Part of every epoch, whether or not a callback put it into the logs.
  Outcome writeLearningRate(Trainer &trainer, int64_t epoch, const Logs &logs) {
    Result<double> rate = trainer.learningRate();
    if (logs.find("learning_rate") || !rate.ok())
      return {};
    return scalar(training, "train", "epoch_learning_rate", epoch, *rate);
  }

  Outcome writeHistograms(Trainer &trainer, int64_t epoch) {
    Result<std::vector<NamedArray>> weights = trainer.snapshot(DLC_ROLES_MODEL);
    if (!weights.ok())
      return weights.error();
    if (Outcome outcome = openOnce(training, "train"); !outcome.ok())
      return outcome;
    for (const auto &[name, array] : *weights) {
      Array wide = array.converted(DType::F64);
      std::vector<double> values(wide.as<double>(), wide.as<double>() + wide.elements());
      Outcome outcome = toOutcome(training.writeHistogram(name + "/histogram", epoch, values));
      if (!outcome.ok())
        return outcome;
    }
    return {};
  }

  TensorBoard options;
  train::EventFile training, validation;
  int64_t steps = 0;
};

} // namespace

std::shared_ptr<Callback> tensorBoard(TensorBoard options) {
  return std::make_shared<TensorBoardCallback>(std::move(options));
}

} // namespace dlc::runtime
