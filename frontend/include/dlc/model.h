// Models: layers put together, and the program that trains, evaluates and runs them.
//
//   Sequential model({Input({784}), Dense({.units = 64, .activation = "relu"}),
//                     Dense({.units = 10})});
//   std::cout << model.summary();
//   Program program = model.compile({.optimizer = Adam(),
//                                    .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
//                                    .metrics = {"accuracy"}});
//
// To train in this process, see dlc/fit.h.
#ifndef DLC_MODEL_H
#define DLC_MODEL_H

#include "dlc/layers.h"
#include "dlc/training.h"

namespace dlc {

// Of the runtime; include dlc/fit.h to use them.
namespace runtime {
class Array;
class Dataset;
class Logs;
class Outcome;
class Trainer;
struct FitOptions;
struct History;
struct NamedArray;
template <typename T> class Result;
} // namespace runtime

namespace detail {
struct ModelState;
} // namespace detail

/// One loss for all outputs, or one for each.
class Losses {
public:
  Losses(const char *name) : list{Loss(name)} {}
  Losses(Loss loss) : list{std::move(loss)} {}
  Losses(std::initializer_list<Loss> each) : list(each) {}
  const std::vector<Loss> &all() const { return list; }

private:
  std::vector<Loss> list;
};

struct CompileOptions {
  Optimizer optimizer = "rmsprop";
  Losses loss;
  /// Each is measured on every output.
  std::vector<Metric> metrics = {};
  /// One factor for each output; empty: 1.
  std::vector<double> lossWeights = {};
};

struct ModelOptions {
  std::string name = "";
};

/// A graph of layers from inputs to outputs; a layer itself. A handle: copies are one model.
class Model : public Layer {
public:
  /// The layers between |inputs|, values of Input(), and |outputs|. Values in between must come
  /// from layers; ops go into Lambda.
  Model(const Values &inputs, const Values &outputs, ModelOptions options = {},
        Site at = Site::current());

  /// What was wrong with the calls that the model was made of.
  const std::vector<Error> &errors() const;
  bool ok() const { return errors().empty(); }

  /// A table of the layers: type, output shape, number of parameters and, unless the model is a
  /// chain, what each is connected to.
  std::string summary() const;

  /// The program of the model. Entries:
  ///   initialize   ()                     first values of all variables
  ///   train_step   (inputs, targets)      one update; loss and metrics
  ///   evaluate     (inputs, targets)      loss and metrics, with inference behaviour
  ///   predict      (inputs)               outputs
  /// Losses and metrics leave as NAME.total and NAME.weight, sums over the samples that may be
  /// added up over batches. A single input is named "x", a single target and output "y"; several
  /// are named after their inputs and output layers. Errors of the model are errors of the program.
  Program compile(CompileOptions options, Site at = Site::current());

  // Training in this process; see dlc/fit.h. Each compiles the program of the last compile() for
  // this machine when it is the first, and fails, with every error, when that cannot be done or
  // when compile() was not called.

  /// Trains on columns named as the inputs and targets.
  runtime::Result<runtime::History> fit(const runtime::Dataset &data,
                                        const runtime::FitOptions &options);
  /// Trains a model with one input and one output.
  runtime::Result<runtime::History> fit(const runtime::Array &x, const runtime::Array &y,
                                        const runtime::FitOptions &options);
  /// Loss and metrics, with inference behaviour.
  runtime::Result<runtime::Logs> evaluate(const runtime::Dataset &data);
  runtime::Result<runtime::Logs> evaluate(const runtime::Array &x, const runtime::Array &y);
  /// The outputs for every sample, by name.
  runtime::Result<std::vector<runtime::NamedArray>> predict(const runtime::Dataset &data);
  /// The output of a model with one input and one output.
  runtime::Result<runtime::Array> predict(const runtime::Array &x);
  /// One update; the metrics of the batch.
  runtime::Result<runtime::Logs> trainOnBatch(const runtime::Array &x, const runtime::Array &y);

  /// The value of a variable such as "dense/kernel".
  runtime::Result<runtime::Array> weight(const std::string &name);
  /// Fails unless |value| has the type and shape of the variable.
  runtime::Outcome setWeight(const std::string &name, const runtime::Array &value);
  /// Weights and statistics as a safetensors file, and back.
  runtime::Outcome saveWeights(const std::string &path);
  runtime::Outcome loadWeights(const std::string &path);
  /// First values are drawn from |seed|; call it before anything else, or to start again.
  runtime::Outcome initialize(uint64_t seed);
  /// Threads that steps run on; 0, as at the beginning: one for each core. Before training only.
  Model &setThreads(uint32_t threads);
  /// For callbacks and whatever is not wrapped here; null before the first use.
  runtime::Trainer *trainer() const;

  /// The layer of this name; an empty handle when there is none.
  Layer layer(const std::string &name) const;
  std::vector<Layer> layers() const;

protected:
  explicit Model(std::shared_ptr<detail::ModelState> state);
  detail::ModelState &model() const;
};

/// Layers one after the other. The first one is Input(...) when the model is to be compiled;
/// without it, the model takes the sizes of what it is called with.
class Sequential : public Model {
public:
  explicit Sequential(ModelOptions options = {}, Site at = Site::current());
  Sequential(std::initializer_list<Layer> layers, ModelOptions options = {},
             Site at = Site::current());
  /// Appends a layer; false when it does not fit, which is reported.
  bool add(const Layer &layer);
};

} // namespace dlc

/// What a file given to `dlc compile` defines: the compiler builds the file as a shared object,
/// calls this function and compiles the program.
dlc::Program defineProgram();

#endif
