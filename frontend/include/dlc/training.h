// Losses, metrics and optimizers. Formulas and defaults are those of Keras 3.
#ifndef DLC_TRAINING_H
#define DLC_TRAINING_H

#include "dlc/program.h"

namespace dlc {

/// What a loss or metric wants its targets to look like, for an output of the model.
enum class TargetKind : uint8_t {
  SameAsOutput, ///< floats of the output's shape
  ClassIndex,   ///< I32 of the output's shape without the last dimension
};

/// A loss: a value for each sample, from targets and an output of the model.
class Loss {
public:
  using Function = std::function<Value(Value target, Value output)>;

  /// "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy",
  /// "mse" (or "mean_squared_error"), "mae" (or "mean_absolute_error"): with defaults.
  Loss(const char *name);
  Loss(std::string name, TargetKind kind, Function function)
      : text(std::move(name)), kind(kind), function(std::move(function)) {}

  const std::string &name() const { return text; }
  bool ok() const { return static_cast<bool>(function); }
  TargetKind targetKind() const { return kind; }

  /// The loss of every sample: the output's shape without its last dimension.
  Value perSample(const Value &target, const Value &output, Site at = Site::current()) const;
  /// The mean over all samples, a scalar.
  Value operator()(const Value &target, const Value &output, Site at = Site::current()) const;

private:
  std::string text;
  TargetKind kind;
  Function function;
};

struct CrossentropyOptions {
  /// The output is logits. Otherwise it is probabilities, clipped to [1e-7, 1 - 1e-7] (categorical
  /// forms first divide by their sum).
  bool fromLogits = false;
  /// y (1 - a) + a / 2 (binary), y (1 - a) + a / classes (categorical).
  double labelSmoothing = 0;
};
/// -(y log p + (1 - y) log(1 - p)), mean over the last dimension.
Loss BinaryCrossentropy(CrossentropyOptions options = {});
/// -sum(y log p) over the last dimension, for one-hot targets.
Loss CategoricalCrossentropy(CrossentropyOptions options = {});

struct SparseCrossentropyOptions {
  bool fromLogits = false;
};
/// -log p[y], for integer targets.
Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {});
/// Mean of (output - target)^2, or of |output - target|, over the last dimension.
Loss MeanSquaredError();
Loss MeanAbsoluteError();

/// A metric: a value for each sample; reported as the mean over samples.
class Metric {
public:
  /// "accuracy" (one of the following, by shapes), "binary_accuracy" (output > 0.5),
  /// "categorical_accuracy", "sparse_categorical_accuracy" (argmax), or the name of a loss.
  Metric(const char *name);
  /// Of a user's own: `function` gives a value for each sample.
  Metric(std::string name, Loss::Function function)
      : text(std::move(name)), function(std::move(function)) {}

  const std::string &name() const { return text; }
  bool ok() const { return static_cast<bool>(function); }
  Value perSample(const Value &target, const Value &output, Site at = Site::current()) const;

private:
  std::string text;
  Loss::Function function;
};

namespace detail {
struct OptimizerState;
} // namespace detail

/// How weights follow gradients. Its variables are named "optimizer/...": the learning rate is a
/// hyperparameter that may be set while training, slots are "optimizer/dense/kernel/momentum".
class Optimizer {
public:
  /// "sgd", "rmsprop" or "adam", with defaults.
  Optimizer(const char *name);

  const std::string &name() const;
  bool ok() const { return static_cast<bool>(state); }

  /// Updates |variables| in the entry of |loss| by its gradients.
  void minimize(const Value &loss, const std::vector<Variable> &variables,
                Site at = Site::current()) const;
  /// The same with gradients of the caller's own, one for each variable.
  void apply(const Values &gradients, const std::vector<Variable> &variables,
             Site at = Site::current()) const;

  /// For other parts of dlc.
  explicit Optimizer(std::shared_ptr<detail::OptimizerState> state) : state(std::move(state)) {}
  /// The name of the learning rate's variable.
  std::string learningRateName() const;

private:
  std::shared_ptr<detail::OptimizerState> state;
  std::string text;
};

struct SGDOptions {
  double learningRate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  /// Prefix of the variables' names; programs with several optimizers give each its own.
  std::string name = "optimizer";
};
/// w -= lr g. With momentum: m = momentum m - lr g, w += m; nesterov: w += momentum m - lr g.
Optimizer SGD(SGDOptions options = {});

struct RMSpropOptions {
  double learningRate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  std::string name = "optimizer";
};
/// v = rho v + (1 - rho) g^2, w -= lr g / sqrt(v + epsilon). Centered: a = rho a + (1 - rho) g and
/// v - a^2 under the root. With momentum: m = momentum m + step, w -= m.
Optimizer RMSprop(RMSpropOptions options = {});

struct AdamOptions {
  double learningRate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::string name = "optimizer";
};
/// m += (g - m) (1 - beta1), v += (g^2 - v) (1 - beta2),
/// w -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon).
Optimizer Adam(AdamOptions options = {});

} // namespace dlc

#endif
