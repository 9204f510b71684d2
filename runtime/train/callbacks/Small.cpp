// Callbacks of a few lines: TerminateOnNaN and functions of the user.
#include "dlc/train.h"

#include "absl/strings/str_cat.h"

#include <cmath>

namespace dlc::runtime {
namespace {

class TerminateOnNaNCallback : public Callback {
public:
  std::string name() const override { return "terminate_on_nan"; }

  Outcome onBatchEnd(Trainer &trainer, int64_t, int64_t step) override {
    Logs logs = trainer.runningLogs();
    const double *loss = logs.find("loss");
    if (!loss || std::isfinite(*loss))
      return {};
    int64_t batch = step % trainer.stepsPerEpoch();
    trainer.print(absl::StrCat("Batch ", batch, ": Invalid loss, terminating training"));
    trainer.stop();
    return {};
  }
};

class LambdaCallbackAdapter : public Callback {
public:
  explicit LambdaCallbackAdapter(LambdaCallback given) : functions(std::move(given)) {}

  std::string name() const override { return "lambda"; }

  Outcome onTrainBegin(Trainer &trainer) override {
    if (functions.onTrainBegin)
      functions.onTrainBegin(trainer);
    return {};
  }
  Outcome onEpochBegin(Trainer &trainer, int64_t epoch) override {
    if (functions.onEpochBegin)
      functions.onEpochBegin(trainer, epoch);
    return {};
  }
  Outcome onBatchEnd(Trainer &trainer, int64_t epoch, int64_t step) override {
    if (functions.onBatchEnd)
      functions.onBatchEnd(trainer, epoch, step);
    return {};
  }
  Outcome onEpochEnd(Trainer &trainer, int64_t epoch, Logs &logs) override {
    if (functions.onEpochEnd)
      functions.onEpochEnd(trainer, epoch, logs);
    return {};
  }
  Outcome onTrainEnd(Trainer &trainer) override {
    if (functions.onTrainEnd)
      functions.onTrainEnd(trainer);
    return {};
  }

private:
  LambdaCallback functions;
};

} // namespace

std::shared_ptr<Callback> terminateOnNaN() { return std::make_shared<TerminateOnNaNCallback>(); }

std::shared_ptr<Callback> lambdaCallback(LambdaCallback functions) {
  return std::make_shared<LambdaCallbackAdapter>(std::move(functions));
}

} // namespace dlc::runtime
