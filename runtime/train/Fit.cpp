// The training loop.
//
// One number tells where training stands: the batches trained since epoch 0. It gives the place in
// the endless stream of batches, and with the batches per epoch the epoch. So going on after an
// interruption needs no other bookkeeping than that number, the variables and the callbacks.
#include "dlc/train.h"
#include "runtime/data/Convert.h"
#include "runtime/train/TrainerState.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include <algorithm>
#include <filesystem>

namespace dlc::runtime {
namespace {

// A validation set whose labels differ this much from the training set's was surely sorted: chance
// alone stays below 0.1 for 10 classes and 200 samples.
constexpr double suspiciousLabelDistance = 0.25;

class FitLoop {
public:
  FitLoop(Trainer &trainer, Trainer::Impl &state) : trainer(trainer), state(state) {}

  Result<History> run(const Dataset &data, const FitOptions &options);

private:
  Outcome checkOptions(const FitOptions &options) const;
  Outcome openTraining(const Dataset &data);
  Outcome openValidation(const Dataset &data);
  Outcome resume();
  Outcome runEpoch(int64_t epoch);
  Outcome endEpoch(int64_t epoch, int64_t steps);
  Outcome validate(Logs &logs);
  Outcome checkpoint(int64_t epoch);
  Result<History> endInterrupted();
  void warnAboutSplit(const Dataset &data, const Dataset &validation);
  bool interrupted() const { return state.options.interrupt && *state.options.interrupt; }
  // Calls one hook of every callback, up to the first error.
  template <typename Call> Outcome callEach(Call call) {
    for (const std::shared_ptr<Callback> &callback : state.options.callbacks)
      if (Outcome outcome = call(*callback); !outcome.ok())
        return outcome;
    return {};
  }

  Trainer &trainer;
  Trainer::Impl &state;
  int64_t trainEntry = -1, evaluateEntry = -1;
  std::unique_ptr<BatchStream> stream, validationStream;
  std::optional<train::MetricSums> validationSums;
};

Outcome FitLoop::checkOptions(const FitOptions &options) const {
  auto check = [](bool good, const char *what, auto got) -> Outcome {
    if (good)
      return {};
    return Error{DLC_INVALID_ARGUMENT, absl::StrCat("fit: expected ", what, ", got ", got)};
  };
  for (Outcome outcome :
       {check(options.epochs >= 0, "epochs of at least 0", options.epochs),
        check(options.validationSplit >= 0 && options.validationSplit < 1,
              "a validation split in [0, 1)", options.validationSplit),
        check(options.validationFrequency >= 1, "a validation frequency of at least 1",
              options.validationFrequency),
        check(options.stepsPerEpoch >= 0, "steps per epoch of at least 0", options.stepsPerEpoch),
        check(options.checkpointEvery >= 1, "a checkpoint interval of at least 1 epoch",
              options.checkpointEvery)})
    if (!outcome.ok())
      return outcome;
  for (const std::shared_ptr<Callback> &callback : options.callbacks)
    if (!callback)
      return Error{DLC_INVALID_ARGUMENT, "fit: a callback is null"};
  return {};
}

Outcome FitLoop::openTraining(const Dataset &data) {
  Result<int64_t> entry = train::requireEntry(state.backend, state.signature.train, "training");
  if (!entry.ok())
    return entry.error();
  trainEntry = *entry;
  StreamOptions options;
  options.batchSize = state.options.batchSize;
  options.shuffle = state.options.shuffle;
  options.seed = state.seed;
  options.prefetch = state.options.prefetch;
  options.map = state.options.map;
  Result<std::unique_ptr<BatchStream>> opened =
      train::openStream(state.backend, trainEntry, data, options);
  if (!opened.ok())
    return opened.error();
  stream = std::move(*opened);
  absl::StatusOr<train::MetricSums> sums =
      train::MetricSums::create(state.backend, state.signature, trainEntry);
  if (!sums.ok())
    return train::toError(sums.status());
  state.sums = std::move(*sums);
  int64_t asked = state.options.stepsPerEpoch;
  state.stepsPerEpoch = asked > 0 ? asked : stream->batchesPerPass();
  return {};
}

Outcome FitLoop::openValidation(const Dataset &data) {
  Result<int64_t> entry =
      train::requireEntry(state.backend, state.signature.evaluate, "validation");
  if (!entry.ok())
    return entry.error();
  evaluateEntry = *entry;
  StreamOptions options;
  options.batchSize = state.options.validationBatchSize > 0 ? state.options.validationBatchSize
                                                            : state.options.batchSize;
  options.prefetch = state.options.prefetch;
  Result<std::unique_ptr<BatchStream>> opened =
      train::openStream(state.backend, evaluateEntry, data, options);
  if (!opened.ok())
    return Error{opened.code(), absl::StrCat("validation data: ", opened.message())};
  validationStream = std::move(*opened);
  absl::StatusOr<train::MetricSums> sums =
      train::MetricSums::create(state.backend, state.signature, evaluateEntry);
  if (!sums.ok())
    return train::toError(sums.status());
  validationSums = std::move(*sums);
  state.validates = true;
  return {};
}

void FitLoop::warnAboutSplit(const Dataset &data, const Dataset &validation) {
  for (const Column &column : data.columns()) {
    double distance = labelDistance(data, validation, column.name);
    if (distance > suspiciousLabelDistance)
      trainer.print(absl::StrFormat(
          "warning: the last samples, held back for validation, have other values of '%s' than the "
          "rest (distance %.2f of 1); is the file sorted? shuffle it, or give validation data",
          column.name, distance));
  }
}

Outcome FitLoop::resume() {
  const std::string &path = state.options.checkpoint;
  if (!state.options.resume || !std::filesystem::exists(path))
    return {};
  if (Outcome outcome = train::readTrainingState(trainer, state, path); !outcome.ok())
    return outcome;
  trainer.print(absl::StrCat("Resuming from ", path, " after epoch ", state.epoch, ", seed ",
                             state.seed));
  return {};
}

Outcome FitLoop::validate(Logs &logs) {
  Outcome outcome =
      train::runBatches(state.backend, evaluateEntry, *validationStream,
                        validationStream->batchesPerPass(), *validationSums, [](int64_t) {});
  if (!outcome.ok())
    return outcome;
  absl::StatusOr<Logs> values = validationSums->values(state.backend);
  if (!values.ok())
    return train::toError(values.status());
  for (const auto &[name, value] : *values)
    logs.set("val_" + name, value);
  return {};
}

Outcome FitLoop::checkpoint(int64_t epoch) {
  bool last = state.stop || epoch + 1 >= state.options.epochs;
  bool due = !state.options.checkpoint.empty() &&
             (last || (epoch + 1) % state.options.checkpointEvery == 0);
  if (due)
    state.pendingStates.push_back(state.options.checkpoint);
  for (const std::string &path : state.pendingStates) {
    Outcome outcome = train::writeTrainingState(trainer, state, path);
    if (!outcome.ok() && last)
      return outcome;
    // A disk that is full now need not be at the next checkpoint; hours of training are worth more.
    if (!outcome.ok())
      trainer.print(absl::StrCat("warning: ", outcome.message(),
                                 "; the training goes on without this checkpoint"));
  }
  state.pendingStates.clear();
  return {};
}

Outcome FitLoop::endEpoch(int64_t epoch, int64_t steps) {
  absl::StatusOr<Logs> values = state.sums->values(state.backend);
  if (!values.ok())
    return train::toError(values.status());
  Logs logs = *values;
  if (validationStream && (epoch + 1) % state.options.validationFrequency == 0)
    if (Outcome outcome = validate(logs); !outcome.ok())
      return outcome;
  state.endingEpoch = true;
  Outcome outcome = callEach([&](Callback &c) { return c.onEpochEnd(trainer, epoch, logs); });
  state.endingEpoch = false;
  if (!outcome.ok())
    return outcome;
  state.progress->endEpoch(steps, logs);
  state.history.add(epoch, logs);
  state.epoch = epoch + 1;
  return checkpoint(epoch);
}

Outcome FitLoop::runEpoch(int64_t epoch) {
  if (Outcome outcome = callEach([&](Callback &c) { return c.onEpochBegin(trainer, epoch); });
      !outcome.ok())
    return outcome;
  state.progress->beginEpoch(epoch, state.options.epochs, state.stepsPerEpoch);
  int64_t begin = epoch * state.stepsPerEpoch, end = begin + state.stepsPerEpoch;
  state.sums->reset();
  if (state.step > begin && !state.sums->restore(state.resumedSums))
    return Error{DLC_DATA_LOSS, absl::StrCat(state.options.checkpoint,
                                             ": its sums are not of this model's metrics")};
  while (state.step < end && !state.stop && !interrupted()) {
    const Batch *batch = stream->next();
    if (Outcome outcome = state.backend.run(trainEntry, batch->rows, batch->columns); !outcome.ok())
      return outcome;
    state.sums->add(state.backend.results(trainEntry));
    ++state.step;
    int64_t number = state.step - 1;
    if (Outcome outcome =
            callEach([&](Callback &c) { return c.onBatchEnd(trainer, epoch, number); });
        !outcome.ok())
      return outcome;
    if (state.progress->due())
      state.progress->update(state.step - begin, trainer.runningLogs());
  }
  if (interrupted() && state.step < end) {
    state.progress->breakLine();
    return {};
  }
  return endEpoch(epoch, state.step - begin);
}

// Keeps what was reached, wherever in an epoch that is.
Result<History> FitLoop::endInterrupted() {
  state.history.interrupted = true;
  if (state.options.checkpoint.empty())
    return state.history;
  if (Outcome outcome = trainer.saveTrainingState(state.options.checkpoint); !outcome.ok())
    return outcome.error();
  return state.history;
}

Result<History> FitLoop::run(const Dataset &data, const FitOptions &options) {
  if (Outcome outcome = checkOptions(options); !outcome.ok())
    return outcome.error();
  state.options = options;
  state.progress = std::make_unique<train::Progress>(options.progress);
  state.history = History();
  state.seed = options.seed;
  state.stop = state.validates = state.endingEpoch = false;
  state.pendingStates.clear();
  Dataset training = data, validation = options.validation;
  if (validation.size() == 0 && options.validationSplit > 0) {
    std::tie(training, validation) = data.splitTail(options.validationSplit);
    warnAboutSplit(training, validation);
  }
  if (Outcome outcome = openTraining(training); !outcome.ok())
    return outcome.error();
  if (validation.size() > 0)
    if (Outcome outcome = openValidation(validation); !outcome.ok())
      return outcome.error();
  if (!options.checkpoint.empty())
    state.clearBefore(options.checkpoint);
  state.epoch = options.initialEpoch;
  state.step = state.epoch * state.stepsPerEpoch;
  if (Outcome outcome = resume(); !outcome.ok())
    return outcome.error();
  // The state may bring another seed than the options.
  if (state.seed != options.seed)
    if (Outcome outcome = openTraining(training); !outcome.ok())
      return outcome.error();
  state.firstEpoch = state.epoch;

  if (Outcome outcome = callEach([&](Callback &c) { return c.onTrainBegin(trainer); });
      !outcome.ok())
    return outcome.error();
  stream->start(state.step, options.epochs * state.stepsPerEpoch - state.step);
  for (int64_t epoch = state.firstEpoch; epoch < options.epochs && !state.stop; ++epoch) {
    if (Outcome outcome = runEpoch(epoch); !outcome.ok())
      return outcome.error();
    if (interrupted())
      return endInterrupted();
  }
  if (Outcome outcome = callEach([&](Callback &c) { return c.onTrainEnd(trainer); }); !outcome.ok())
    return outcome.error();
  return state.history;
}

} // namespace

Result<History> Trainer::fit(const Dataset &data, const FitOptions &options) {
  return FitLoop(*this, *impl).run(data, options);
}

} // namespace dlc::runtime
