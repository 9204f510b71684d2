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

/// What the file given to `dlc compile` defines.
///
/// The compiler builds the file as a shared object, calls this function and compiles the program.
} // namespace dlc

dlc::Program defineProgram();

#endif
