// What a Trainer holds, shared by the files that implement it.
#ifndef DLC_RUNTIME_TRAIN_TRAINERSTATE_H
#define DLC_RUNTIME_TRAIN_TRAINERSTATE_H

#include "runtime/train/Metrics.h"
#include "runtime/train/Progress.h"

#include <optional>
#include <set>

namespace dlc::runtime {

struct Trainer::Impl {
  Impl(TrainBackend &backend, TrainingSignature signature)
      : backend(backend), signature(std::move(signature)) {}

  TrainBackend &backend;
  TrainingSignature signature;

  // Of the fit in progress, or the last one.
  FitOptions options;
  std::unique_ptr<train::Progress> progress;
  std::optional<train::MetricSums> sums; // of this epoch so far
  History history;
  uint64_t seed = 0;         // of the order of samples
  int64_t stepsPerEpoch = 0; // batches
  int64_t step = 0;          // batches trained since epoch 0: the place in the stream
  int64_t epoch = 0;         // epochs that are over: in the history, seen by every callback
  int64_t firstEpoch = 0;
  train::NamedTotals resumedSums; // of the epoch in whose midst the training state was saved
  bool validates = false;
  bool stop = false;
  // Between the last batch of an epoch and its entry in the history, training states wait here
  // until every callback has seen the epoch.
  bool endingEpoch = false;
  std::vector<std::string> pendingStates;

  // Before |path| is written for the first time: see train::removeAbandoned.
  void clearBefore(const std::string &path);
  std::set<std::string> cleared;
};

namespace train {

/// Removes what writers of |path| left behind that were killed in the midst of it. This process must
/// not be writing it.
void removeAbandoned(const std::string &path);
/// Writes the whole training state of |trainer| to |path|, atomically.
Outcome writeTrainingState(Trainer &trainer, const Trainer::Impl &state, const std::string &path);
/// Reads it back into |trainer|, |state| and the callbacks of the fit that begins.
Outcome readTrainingState(Trainer &trainer, Trainer::Impl &state, const std::string &path);

/// An epoch of batches: what |entry| is fed from. Checks the data and reserves memory.
Result<std::unique_ptr<BatchStream>> openStream(TrainBackend &backend, int64_t entry,
                                                const Dataset &data, const StreamOptions &options);
/// The entry's number; |role| is what it is for ("training") in the message.
Result<int64_t> requireEntry(const TrainBackend &backend, const std::string &name,
                             const std::string &role);
/// Runs |entry| over |batches| batches and sums its metrics; |each| is called after every one.
Outcome runBatches(TrainBackend &backend, int64_t entry, BatchStream &stream, int64_t batches,
                   MetricSums &sums, const std::function<void(int64_t done)> &each);

Error toError(const absl::Status &status);

} // namespace train
} // namespace dlc::runtime

#endif
