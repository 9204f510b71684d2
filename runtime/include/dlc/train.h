// Training, evaluation and prediction over data sets, in the words of Keras.
//
//   Trainer trainer(*backend, signature);
//   trainer.initialize(/*seed=*/42);
//   FitOptions options;
//   options.epochs = 10;
//   options.validationSplit = 0.2;
//   options.callbacks = {earlyStopping({.monitor = "val_loss", .patience = 3})};
//   Result<History> history = trainer.fit(data, options);
//
// A Trainer knows nothing of layers: it needs entries by name, metrics as summable outputs, and the
// variables' names and roles (`TrainingSignature`). A `TrainBackend` runs the entries:
// `openSessionBackend` for an artifact; tests bring their own.
//
// A run that was interrupted and resumed from the training state of an epoch's end equals the
// uninterrupted one bit for bit. Nothing here throws. One thread at a time per Trainer.
#ifndef DLC_TRAIN_H
#define DLC_TRAIN_H

#include "dlc/data.h"
#include "dlc/runtime.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dlc::runtime {

// ---- Results ------------------------------------------------------------------------------------

/// Metric values by name, in the order of the first appearance.
class Logs {
public:
  /// Null when there is no such name.
  const double *find(const std::string &name) const;
  /// Replaces the value, or appends.
  void set(const std::string &name, double value);
  const std::vector<std::pair<std::string, double>> &entries() const { return values; }
  std::vector<std::pair<std::string, double>>::const_iterator begin() const {
    return values.begin();
  }
  std::vector<std::pair<std::string, double>>::const_iterator end() const { return values.end(); }
  bool empty() const { return values.empty(); }

private:
  std::vector<std::pair<std::string, double>> values;
};

/// What fit recorded: one list per metric, validation metrics with the prefix `val_`.
struct History {
  std::vector<int64_t> epochs; ///< counted from 0
  std::vector<std::pair<std::string, std::vector<double>>> values;
  /// Whether FitOptions::interrupt ended the training.
  bool interrupted = false;

  /// Null when there is no such metric.
  const std::vector<double> *find(const std::string &name) const;
  void add(int64_t epoch, const Logs &logs);
};

// ---- What is trained ----------------------------------------------------------------------------

enum class MetricDirection { Unknown, Min, Max };

/// A metric as a pair of outputs of the train and evaluate entries. Its value over many batches is
/// sum of totals / sum of weights, added up in f64.
struct MetricOutput {
  std::string name;   ///< "loss"
  std::string total;  ///< "loss.total"
  std::string weight; ///< "loss.weight"
  MetricDirection direction = MetricDirection::Unknown;
};

/// Which entries, outputs and variables take part in training. Empty names: there is none.
struct TrainingSignature {
  std::string initialize, train, evaluate, predict;
  /// Maps the summed outputs, by the same names, to metric values; replaces total / weight.
  std::string finalizeMetrics;
  std::vector<MetricOutput> metrics;
  std::string learningRate; ///< a scalar variable
};

/// An input or output of an entry, or a variable. -1 is a size that is not fixed.
struct TensorSpec {
  std::string name;
  DType type = DType::F32;
  std::vector<int64_t> dims;
  uint32_t role = 0; ///< of a variable: DLC_ROLES_WEIGHT...
};

/// Runs entries and holds variables. One thread at a time.
class TrainBackend {
public:
  virtual ~TrainBackend() = default;

  /// Entries by number; -1 when there is no such name.
  virtual int64_t findEntry(const std::string &name) const = 0;
  virtual std::vector<std::string> entries() const = 0;
  virtual std::vector<TensorSpec> inputs(int64_t entry) const = 0;
  virtual std::vector<TensorSpec> outputs(int64_t entry) const = 0;
  virtual std::vector<TensorSpec> variables() const = 0;

  /// Reserves what runs of |entry| need whose inputs have these exact shapes, or fewer rows.
  virtual Outcome prepare(int64_t entry, const std::vector<std::vector<int64_t>> &inputDims) = 0;

  /// Runs |entry| on inputs as prepared, except that |rows| takes the place of the first dimension
  /// wherever the entry leaves that open. Allocates nothing in the steady state.
  virtual Outcome run(int64_t entry, int64_t rows, const std::vector<void *> &inputs) = 0;

  /// The outputs of the last run of |entry|, valid until the next.
  virtual const std::vector<Array> &results(int64_t entry) const = 0;

  /// A variable's value, dense and row-major.
  virtual Outcome get(const std::string &variable, void *data, size_t bytes) = 0;
  virtual Outcome set(const std::string &variable, const void *data, size_t bytes) = 0;
};

struct BackendOptions {
  /// Ends a run at the first NaN or infinity, with its layer and line: dlc_session_check_finite.
  bool checkFinite = false;
};

/// A backend over an artifact and a state of its own. |pool| may be empty: one thread.
Result<std::unique_ptr<TrainBackend>> openSessionBackend(const Artifact &artifact, const Pool &pool,
                                                         const BackendOptions &options = {});

/// What |artifact|'s manifest says; without one, entries of the usual names (initialize,
/// train_step, evaluate, predict, finalize_metrics), outputs called NAME.total and NAME.weight, and
/// the variable optimizer/learning_rate. Fails for a damaged manifest.
Result<TrainingSignature> readSignature(const Artifact &artifact);
/// The part that needs no manifest.
TrainingSignature inferSignature(const TrainBackend &backend);

// ---- Callbacks ----------------------------------------------------------------------------------

class Trainer;

/// What a callback keeps in a training state, so that it resumes as if never interrupted.
struct CallbackState {
  std::vector<std::pair<std::string, double>> numbers; ///< kept exactly, infinities included
  std::vector<NamedArray> arrays;
};

/// Takes part in fit. Epochs and steps count from 0. An error ends the training with it.
class Callback {
public:
  virtual ~Callback() = default;
  /// Finds the callback's part in a training state; add something when a class is used twice.
  virtual std::string name() const = 0;

  virtual Outcome onTrainBegin(Trainer &) { return {}; }
  virtual Outcome onEpochBegin(Trainer &, int64_t /*epoch*/) { return {}; }
  /// |step| counts batches since the beginning of the training; see Trainer::runningLogs.
  virtual Outcome onBatchEnd(Trainer &, int64_t /*epoch*/, int64_t /*step*/) { return {}; }
  /// |logs| holds training and validation metrics; a callback may add to it.
  virtual Outcome onEpochEnd(Trainer &, int64_t /*epoch*/, Logs & /*logs*/) { return {}; }
  virtual Outcome onTrainEnd(Trainer &) { return {}; }
  /// After Trainer::evaluate, outside of fit too.
  virtual Outcome onEvaluateEnd(Trainer &, const Logs & /*logs*/) { return {}; }

  virtual CallbackState save() const { return {}; }
  virtual Outcome restore(const CallbackState &) { return {}; }
};

/// Whether less or more is better. Auto asks the metric: losses and errors fall, accuracies rise;
/// fit fails for a metric that does not say.
enum class Mode { Auto, Min, Max };

/// Ends the training when a metric has stopped to improve: when, after `patience` epochs in a row,
/// none was better than the best by more than `minDelta`.
struct EarlyStopping {
  std::string monitor = "val_loss";
  double minDelta = 0;
  int64_t patience = 0;
  Mode mode = Mode::Auto;
  /// An improvement resets the patience only when it also beats this. NaN: none.
  double baseline = NO_BASELINE;
  /// At the end of the training, stopped or not, go back to the weights of the best epoch.
  bool restoreBestWeights = false;
  int64_t startFromEpoch = 0;
  bool verbose = true; ///< says "Epoch N: early stopping"

  static constexpr double NO_BASELINE = __builtin_nan("");
};
std::shared_ptr<Callback> earlyStopping(EarlyStopping options = {});

/// Multiplies the learning rate by `factor` when a metric has not improved for `patience` epochs.
/// Adds `learning_rate` to the logs.
struct ReduceLROnPlateau {
  std::string monitor = "val_loss";
  double factor = 0.1; ///< below 1
  int64_t patience = 10;
  Mode mode = Mode::Auto;
  double minDelta = 1e-4;
  int64_t cooldown = 0; ///< epochs after a reduction in which nothing is counted
  double minLearningRate = 0;
  bool verbose = true;
};
std::shared_ptr<Callback> reduceLROnPlateau(ReduceLROnPlateau options = {});

/// Saves during training. `path` may hold {epoch} (counted from 1) and metrics, with formats:
/// "best-{epoch:02d}-{val_loss:.2f}.safetensors".
struct ModelCheckpoint {
  std::string path;
  std::string monitor = "val_loss"; ///< looked at with saveBestOnly
  bool saveBestOnly = false;
  bool saveWeightsOnly = false; ///< what predicting needs; else the whole training state
  Mode mode = Mode::Auto;
  int64_t everyBatches = 0; ///< 0: at the end of each epoch
  bool verbose = false;
};
std::shared_ptr<Callback> modelCheckpoint(ModelCheckpoint options);

/// A CSV file with a row per epoch; missing values are NA. Resuming drops the rows of epochs that
/// are trained again.
struct CSVLogger {
  std::string path;
  char separator = ',';
  bool append = false; ///< keep what the file holds
};
std::shared_ptr<Callback> csvLogger(CSVLogger options);

/// Event files for TensorBoard in `folder`/train and `folder`/validation.
struct TensorBoard {
  std::string folder = "logs";
  int64_t batchesPerUpdate = 0;   ///< write batch_NAME so often; 0: never
  int64_t epochsPerHistogram = 0; ///< write NAME/histogram of weights so often; 0: never
};
std::shared_ptr<Callback> tensorBoard(TensorBoard options = {});

/// Ends the training at the first loss that is NaN or infinite.
std::shared_ptr<Callback> terminateOnNaN();

/// Sets the learning rate before each epoch to schedule(epoch, current). Adds it to the logs.
std::shared_ptr<Callback>
learningRateScheduler(std::function<double(int64_t epoch, double learningRate)> schedule,
                      bool verbose = false);

/// Functions for what is wanted; the others stay empty.
struct LambdaCallback {
  std::function<void(Trainer &)> onTrainBegin = {};
  std::function<void(Trainer &, int64_t epoch)> onEpochBegin = {};
  std::function<void(Trainer &, int64_t epoch, int64_t step)> onBatchEnd = {};
  std::function<void(Trainer &, int64_t epoch, Logs &logs)> onEpochEnd = {};
  std::function<void(Trainer &)> onTrainEnd = {};
};
std::shared_ptr<Callback> lambdaCallback(LambdaCallback functions);

// ---- The trainer --------------------------------------------------------------------------------

/// How training reports. Auto is Bar on a terminal, else Line. Bar rewrites a line and is taken for
/// Line elsewhere; Line prints a line per epoch; Json prints an object per line and event.
enum class ProgressMode { Auto, Bar, Line, Json, None };

struct ProgressOptions {
  ProgressMode mode = ProgressMode::Auto;
  /// Takes what would go to stdout. Empty: stdout.
  std::function<void(const std::string &)> output = {};
  /// Whether `output` is a terminal; meaningful when it is set.
  bool terminal = false;
  /// Seconds since some moment. Empty: the system's monotonic clock.
  std::function<double()> clock = {};
};

struct FitOptions {
  int64_t epochs = 1;
  int64_t batchSize = 32;
  bool shuffle = true;
  /// Of the order of samples. A resumed training goes on with its own.
  uint64_t seed = 0;
  /// Fraction to hold back for validation: the last samples, before shuffling, never shuffled.
  double validationSplit = 0;
  /// Used instead of a split when it has samples.
  Dataset validation = {};
  int64_t validationBatchSize = 0; ///< 0: batchSize
  int64_t validationFrequency = 1; ///< epochs
  /// Batches per epoch; 0: one pass. Otherwise an epoch goes on where the one before stopped.
  int64_t stepsPerEpoch = 0;
  int64_t initialEpoch = 0;
  int prefetch = 2;
  /// For augmentation; see StreamOptions::map. Applied to training batches.
  std::function<void(Batch &)> map = {};
  std::vector<std::shared_ptr<Callback>> callbacks = {};
  ProgressOptions progress = {};
  /// A file for the whole training state, written atomically every `checkpointEvery` epochs and at
  /// the end. "": none.
  std::string checkpoint = "";
  int64_t checkpointEvery = 1;
  /// Goes on from `checkpoint` if that file exists.
  bool resume = false;
  /// Looked at between batches; when it becomes true, fit writes `checkpoint`, if there is one, and
  /// returns what it has. May be set by a signal handler; fit installs none.
  const std::atomic<bool> *interrupt = nullptr;
};

struct EvaluateOptions {
  int64_t batchSize = 32;
  int64_t steps = 0; ///< batches; 0: all
  int prefetch = 2;
  ProgressOptions progress = {};
  std::vector<std::shared_ptr<Callback>> callbacks = {};
};

/// Runs the entries of a training signature over data. The backend must outlive it.
class Trainer {
public:
  Trainer(TrainBackend &backend, TrainingSignature signature);
  ~Trainer();

  /// Gives every variable its first value: sets rng variables to {seed, 0}, then runs the entry
  /// `initialize`.
  Outcome initialize(uint64_t seed);

  /// Trains. Errors: data that do not fit the train entry (see Dataset::conform), no train entry,
  /// options outside their ranges, files that cannot be written, errors of callbacks.
  Result<History> fit(const Dataset &data, const FitOptions &options = {});

  /// Metrics over |data|, with inference behaviour.
  Result<Logs> evaluate(const Dataset &data, const EvaluateOptions &options = {});

  /// The outputs of the predict entry for every sample, by name: [samples, ...].
  Result<std::vector<NamedArray>> predict(const Dataset &data, int64_t batchSize = 32);

  /// One update on all samples as one batch; returns its metrics.
  Result<Logs> trainOnBatch(const Dataset &batch);
  /// The metrics of one batch, without an update.
  Result<Logs> testOnBatch(const Dataset &batch);

  /// A safetensors file of the variables whose role is in |roles| (DLC_ROLES_...), in logical form.
  Outcome saveWeights(const std::string &path, uint32_t roles = DLC_ROLES_MODEL);
  /// Sets those variables from a file that must hold each with its type and shape; tensors of other
  /// names are ignored. On failure nothing is changed.
  Outcome loadWeights(const std::string &path, uint32_t roles = DLC_ROLES_MODEL);

  // -- For callbacks --

  /// Ends the training after this batch (epoch end included).
  void stop();
  bool stopped() const;
  Result<double> learningRate() const;
  Outcome setLearningRate(double value);
  /// Metrics of this epoch so far.
  Logs runningLogs() const;
  /// A line for the user, in step with the progress report.
  void print(const std::string &line);
  const History &history() const;
  const FitOptions &fitOptions() const;
  /// The epoch that this fit began with; above 0 when it was resumed or continued.
  int64_t firstEpoch() const;
  bool hasValidation() const;
  /// Batches of an epoch of this fit.
  int64_t stepsPerEpoch() const;
  /// Values of all variables whose role is in |roles|, and back.
  Result<std::vector<NamedArray>> snapshot(uint32_t roles) const;
  Outcome restore(const std::vector<NamedArray> &values);
  /// Writes the whole training state: variables, place in the data, history, callbacks. At an
  /// epoch's end it is written once every callback has seen the epoch; only such a state resumes
  /// bit for bit, one from the middle of an epoch forgets the metrics of the epoch's first part.
  Outcome saveTrainingState(const std::string &path);
  /// Whether a metric should fall or rise; fails for a metric that does not say.
  Result<MetricDirection> direction(const std::string &metric, Mode mode) const;
  TrainBackend &backend() const;
  const TrainingSignature &signature() const;

  /// Defined in the library.
  struct Impl;

private:
  std::unique_ptr<Impl> impl;
};

} // namespace dlc::runtime

#endif
