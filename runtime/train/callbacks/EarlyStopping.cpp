// EarlyStopping, to Keras 3.16's letter: waiting starts anew at an improvement (with a baseline
// only at one that beats it too), training stops when `patience` epochs have been waited, and the
// best weights come back at the end of the training even when nothing was stopped.
#include "runtime/train/callbacks/Monitor.h"

#include "absl/strings/str_cat.h"

#include <cmath>

namespace dlc::runtime {
namespace {

class EarlyStoppingCallback : public Callback {
public:
  explicit EarlyStoppingCallback(EarlyStopping given)
      : options(std::move(given)), monitor(options.monitor, options.mode) {}

  std::string name() const override {
    return absl::StrCat("early_stopping(", options.monitor, ")");
  }

  Outcome onTrainBegin(Trainer &trainer) override {
    // A resumed training has been given its past already.
    if (!restored) {
      wait = stoppedEpoch = bestEpoch = 0;
      hasBest = false;
      bestWeights.clear();
    }
    restored = false;
    return monitor.resolve(trainer);
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    const double *current = monitor.value(trainer, logs, "EarlyStopping");
    if (!current || epoch < options.startFromEpoch)
      return {};
    // Without any improvement yet, these weights are the best there are.
    if (options.restoreBestWeights && bestWeights.empty())
      if (Outcome outcome = keepWeights(trainer, epoch); !outcome.ok())
        return outcome;
    ++wait;
    if (!hasBest || monitor.improves(*current, best, std::fabs(options.minDelta)))
      return improved(trainer, epoch, *current);
    if (wait >= options.patience && epoch > 0) {
      stoppedEpoch = epoch;
      trainer.stop();
    }
    return {};
  }

  Outcome onTrainEnd(Trainer &trainer) override {
    if (stoppedEpoch > 0 && options.verbose)
      trainer.print(absl::StrCat("Epoch ", stoppedEpoch + 1, ": early stopping"));
    if (bestWeights.empty())
      return {};
    if (options.verbose)
      trainer.print(absl::StrCat(
          "Restoring model weights from the end of the best epoch: ", bestEpoch + 1, "."));
    return trainer.restore(bestWeights);
  }

  CallbackState save() const override {
    return {{{"wait", static_cast<double>(wait)},
             {"best", best},
             {"has_best", hasBest},
             {"best_epoch", static_cast<double>(bestEpoch)},
             {"stopped_epoch", static_cast<double>(stoppedEpoch)}},
            bestWeights};
  }

  Outcome restore(const CallbackState &state) override {
    wait = static_cast<int64_t>(train::savedNumber(state, "wait", 0));
    best = train::savedNumber(state, "best", 0);
    hasBest = train::savedNumber(state, "has_best", 0) != 0;
    bestEpoch = static_cast<int64_t>(train::savedNumber(state, "best_epoch", 0));
    stoppedEpoch = static_cast<int64_t>(train::savedNumber(state, "stopped_epoch", 0));
    bestWeights = state.arrays;
    restored = true;
    return {};
  }

private:
  Outcome keepWeights(Trainer &trainer, int64_t epoch) {
    Result<std::vector<NamedArray>> weights = trainer.snapshot(DLC_ROLES_MODEL);
    if (!weights.ok())
      return weights.error();
    bestWeights = std::move(*weights);
    bestEpoch = epoch;
    return {};
  }

  Outcome improved(Trainer &trainer, int64_t epoch, double current) {
    best = current;
    hasBest = true;
    bestEpoch = epoch;
    if (std::isnan(options.baseline) ||
        monitor.improves(current, options.baseline, std::fabs(options.minDelta)))
      wait = 0;
    return options.restoreBestWeights ? keepWeights(trainer, epoch) : Outcome();
  }

  EarlyStopping options;
  train::Monitor monitor;
  int64_t wait = 0, stoppedEpoch = 0, bestEpoch = 0;
  double best = 0;
  bool hasBest = false, restored = false;
  std::vector<NamedArray> bestWeights;
};

} // namespace

std::shared_ptr<Callback> earlyStopping(EarlyStopping options) {
  return std::make_shared<EarlyStoppingCallback>(std::move(options));
}

} // namespace dlc::runtime
