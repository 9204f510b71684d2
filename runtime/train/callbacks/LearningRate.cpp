// Callbacks that change the learning rate: on a plateau, or by a function of the epoch.
#include "runtime/train/callbacks/Monitor.h"

#include "absl/strings/str_cat.h"

#include <algorithm>

namespace dlc::runtime {
namespace {

class PlateauCallback : public Callback {
public:
  explicit PlateauCallback(ReduceLROnPlateau given)
      : options(std::move(given)), monitor(options.monitor, options.mode) {}

  std::string name() const override {
    return absl::StrCat("reduce_lr_on_plateau(", options.monitor, ")");
  }

  Outcome onTrainBegin(Trainer &trainer) override {
    if (options.factor >= 1)
      return Error{
          DLC_INVALID_ARGUMENT,
          absl::StrCat("ReduceLROnPlateau: expected a factor below 1, got ", options.factor)};
    if (Outcome outcome = monitor.resolve(trainer); !outcome.ok())
      return outcome;
    if (!restored) {
      best = monitor.worst();
      wait = cooldownLeft = 0;
    }
    restored = false;
    return {};
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    Result<double> rate = trainer.learningRate();
    if (!rate.ok())
      return rate.error();
    logs.set("learning_rate", *rate);
    const double *current = monitor.value(trainer, logs, "ReduceLROnPlateau");
    if (!current)
      return {};
    if (cooldownLeft > 0) {
      --cooldownLeft;
      wait = 0;
    }
    if (monitor.improves(*current, best, options.minDelta)) {
      best = *current;
      wait = 0;
    } else if (cooldownLeft == 0 && ++wait >= options.patience) {
      return reduce(trainer, epoch, *rate);
    }
    return {};
  }

  CallbackState save() const override {
    return {{{"best", best},
             {"wait", static_cast<double>(wait)},
             {"cooldown", static_cast<double>(cooldownLeft)}},
            {}};
  }

  Outcome restore(const CallbackState &state) override {
    best = train::savedNumber(state, "best", 0);
    wait = static_cast<int64_t>(train::savedNumber(state, "wait", 0));
    cooldownLeft = static_cast<int64_t>(train::savedNumber(state, "cooldown", 0));
    restored = true;
    return {};
  }

private:
  Outcome reduce(Trainer &trainer, int64_t epoch, double old) {
    // The floor as the variable holds it, so that a rate that reached it is not "reduced" again.
    if (old <= static_cast<float>(options.minLearningRate))
      return {};
    double rate = std::max(old * options.factor, options.minLearningRate);
    if (options.verbose)
      trainer.print(absl::StrCat("Epoch ", epoch + 1,
                                 ": ReduceLROnPlateau reducing learning rate to ", rate, "."));
    cooldownLeft = options.cooldown;
    wait = 0;
    return trainer.setLearningRate(rate);
  }

  ReduceLROnPlateau options;
  train::Monitor monitor;
  double best = 0;
  int64_t wait = 0, cooldownLeft = 0;
  bool restored = false;
};

class ScheduleCallback : public Callback {
public:
  ScheduleCallback(std::function<double(int64_t, double)> schedule, bool verbose)
      : schedule(std::move(schedule)), verbose(verbose) {}

  std::string name() const override { return "learning_rate_scheduler"; }

  Outcome onEpochBegin(Trainer &trainer, int64_t epoch) override {
    Result<double> current = trainer.learningRate();
    if (!current.ok())
      return current.error();
    double rate = schedule(epoch, *current);
    if (verbose)
      trainer.print(absl::StrCat("Epoch ", epoch + 1,
                                 ": LearningRateScheduler setting learning rate to ", rate, "."));
    return trainer.setLearningRate(rate);
  }

  Outcome onEpochEnd(Trainer &trainer, int64_t, Logs &logs) override {
    Result<double> current = trainer.learningRate();
    if (!current.ok())
      return current.error();
    logs.set("learning_rate", *current);
    return {};
  }

private:
  std::function<double(int64_t, double)> schedule;
  bool verbose;
};

} // namespace

std::shared_ptr<Callback> reduceLROnPlateau(ReduceLROnPlateau options) {
  return std::make_shared<PlateauCallback>(std::move(options));
}

std::shared_ptr<Callback> learningRateScheduler(std::function<double(int64_t, double)> schedule,
                                                bool verbose) {
  return std::make_shared<ScheduleCallback>(std::move(schedule), verbose);
}

} // namespace dlc::runtime
