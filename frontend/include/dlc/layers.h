// Layers: named pieces of a model with weights. Names, defaults and formulas are those of Keras 3.
//
//   Value x = Input({28, 28, 1});
//   x = Conv2D({.filters = 32, .kernel = 3, .activation = "relu"})(x);
//   x = Flatten()(MaxPooling2D({.pool = 2})(x));
//   Value y = Dense({.units = 10})(x);
//   Model model({x}, {y});
//
// A layer is a handle: copies share its weights, and calling one twice shares them too. Called on
// a value of Input() it is tried on symbolic sizes at once, so that a misuse is reported at the
// line of the call. Called on a value of an entry (program.h) it computes there; its weights become
// variables of that program, named "layer/weight".
//
// Sizes of the batch are the symbol B; inputs are [B, ...], channels last.
#ifndef DLC_LAYERS_H
#define DLC_LAYERS_H

#include "dlc/initializers.h"
#include "dlc/program.h"

#include <initializer_list>

namespace dlc {

namespace detail {
struct LayerState;
} // namespace detail

/// One integer for every spatial dimension, or one for all: `3`, `{3, 5}`.
class Sizes {
public:
  Sizes() = default;
  Sizes(int64_t all) : list{all}, uniform(true) {}
  Sizes(std::initializer_list<int64_t> each) : list(each) {}

  bool given() const { return !list.empty(); }
  /// One entry per dimension; as given when it is a list.
  std::vector<int64_t> expand(size_t rank) const {
    return uniform ? std::vector<int64_t>(rank, list[0]) : list;
  }

private:
  std::vector<int64_t> list;
  bool uniform = false;
};

/// An elementwise function (softmax: over the last dimension) by name: "linear" (or empty),
/// "relu", "sigmoid", "tanh", "softmax", "gelu" (exact, by erf), "elu", "silu", "softplus".
Value activation(const std::string &name, Operand x);

/// How a layer is called.
struct Call {
  /// Training behaviour of Dropout and BatchNormalization. Left out: what the surrounding model is
  /// called with, else inference.
  std::optional<bool> training = {};
  /// Bool [B, time]: which steps are real. Left out: the mask that the input carries, if any.
  Value mask = {};
  /// A random key (tensor<2xi64>) for the layer's draws. Left out: the entry's own.
  Value key = {};
};

/// A layer of any kind.
class Layer {
public:
  Layer() = default;
  /// The input of a Sequential model: `Sequential({Input({784}), Dense({.units = 10})})`.
  Layer(const Value &input);

  /// Computes the layer. A layer with several outputs returns the first; see callAll.
  Value operator()(const Value &input, const Call &call = {}, Site at = Site::current()) const;
  Value operator()(const Values &inputs, const Call &call = {}, Site at = Site::current()) const;
  Values callAll(const Values &inputs, const Call &call = {}, Site at = Site::current()) const;

  /// "dense_1"; given by the user, or the kind in snake case with a number.
  const std::string &name() const;
  /// "Dense".
  const std::string &kind() const;

  /// True for a layer, false for an empty handle.
  bool ok() const { return static_cast<bool>(state); }

  /// False freezes the weights in models that are compiled afterwards, and switches
  /// BatchNormalization to inference statistics.
  Layer &setTrainable(bool trainable);
  bool trainable() const;

  /// The layer's variables in a program where it was called; without statistics when only what
  /// gradients train is wanted.
  std::vector<Variable> variables(const Program &program) const;
  std::vector<Variable> trainableVariables(const Program &program) const;
  /// Elements of all weights; 0 before the first call.
  int64_t parameterCount() const;

  /// For other parts of dlc.
  explicit Layer(std::shared_ptr<detail::LayerState> state) : state(std::move(state)) {}
  const std::shared_ptr<detail::LayerState> &internal() const { return state; }

protected:
  std::shared_ptr<detail::LayerState> state;
};

/// Makes automatic names start at their beginning again ("dense", "dense_1", ...), and forgets the
/// values of Input() of this thread: models made before stay as they are, new ones need new inputs.
void clearSession();

struct InputOptions {
  DType dtype = DType::F32;
  /// What data is called; models with one input call it "x" when this is empty.
  std::string name = "";
};
/// A symbolic input of a model, [B, shape...].
Value Input(const Shape &shape, InputOptions options = {}, Site at = Site::current());

struct DenseOptions {
  int64_t units = 0;
  std::string activation = "";
  bool useBias = true;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// y = activation(x kernel + bias) on the last dimension of an input of any rank >= 2. Weights:
/// kernel (in, units), bias (units).
class Dense : public Layer {
public:
  Dense(DenseOptions options, Site at = Site::current());
};

struct ConvOptions {
  int64_t filters = 0;
  Sizes kernel = {};
  Sizes strides = 1;
  /// "valid" or "same"; Conv1D also "causal".
  std::string padding = "valid";
  Sizes dilation = 1;
  int64_t groups = 1;
  std::string activation = "";
  bool useBias = true;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// Cross-correlation of [B, spatial..., C]. Weights: kernel (k..., C / groups, filters), bias.
class Conv1D : public Layer {
public:
  Conv1D(ConvOptions options, Site at = Site::current());
};
class Conv2D : public Layer {
public:
  Conv2D(ConvOptions options, Site at = Site::current());
};
class Conv3D : public Layer {
public:
  Conv3D(ConvOptions options, Site at = Site::current());
};

struct PoolOptions {
  Sizes pool = 2;
  /// Default: the pool.
  Sizes strides = {};
  std::string padding = "valid";
  std::string name = "";
};
/// Largest element, or mean of the real elements, of windows over [B, spatial..., C].
class MaxPooling1D : public Layer {
public:
  MaxPooling1D(PoolOptions options = {}, Site at = Site::current());
};
class MaxPooling2D : public Layer {
public:
  MaxPooling2D(PoolOptions options = {}, Site at = Site::current());
};
class MaxPooling3D : public Layer {
public:
  MaxPooling3D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling1D : public Layer {
public:
  AveragePooling1D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling2D : public Layer {
public:
  AveragePooling2D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling3D : public Layer {
public:
  AveragePooling3D(PoolOptions options = {}, Site at = Site::current());
};

struct GlobalPoolOptions {
  /// Keep the spatial dimensions, with size 1.
  bool keepDims = false;
  std::string name = "";
};
/// Largest element, or mean, over all spatial dimensions. GlobalAveragePooling1D respects a mask.
class GlobalMaxPooling1D : public Layer {
public:
  GlobalMaxPooling1D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalMaxPooling2D : public Layer {
public:
  GlobalMaxPooling2D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalMaxPooling3D : public Layer {
public:
  GlobalMaxPooling3D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling1D : public Layer {
public:
  GlobalAveragePooling1D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling2D : public Layer {
public:
  GlobalAveragePooling2D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling3D : public Layer {
public:
  GlobalAveragePooling3D(GlobalPoolOptions options = {}, Site at = Site::current());
};

struct NameOptions {
  std::string name = "";
};
/// [B, ...] to [B, product of the rest].
class Flatten : public Layer {
public:
  Flatten(NameOptions options = {}, Site at = Site::current());
};

struct ReshapeOptions {
  /// Without the batch; one size may be -1.
  Shape shape;
  std::string name = "";
};
class Reshape : public Layer {
public:
  Reshape(ReshapeOptions options, Site at = Site::current());
};

struct DropoutOptions {
  /// The share of elements that become 0 in training; the others are divided by 1 - rate.
  double rate = 0.5;
  std::string name = "";
};
class Dropout : public Layer {
public:
  Dropout(DropoutOptions options, Site at = Site::current());
};

struct BatchNormalizationOptions {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name = "";
};
/// Normalises channels (last dimension) by the batch's mean and biased variance in training, by
/// moving averages (moving = momentum * moving + (1 - momentum) * batch) otherwise and when it is
/// not trainable. Weights: gamma, beta, moving_mean, moving_variance.
class BatchNormalization : public Layer {
public:
  BatchNormalization(BatchNormalizationOptions options = {}, Site at = Site::current());
};

struct LayerNormalizationOptions {
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name = "";
};
/// Normalises the last dimension by its own mean and biased variance. Weights: gamma, beta.
class LayerNormalization : public Layer {
public:
  LayerNormalization(LayerNormalizationOptions options = {}, Site at = Site::current());
};

struct ActivationOptions {
  std::string activation;
  std::string name = "";
};
/// `Activation("relu")`: see activation() for the names.
class Activation : public Layer {
public:
  Activation(const char *activation, Site at = Site::current());
  Activation(ActivationOptions options, Site at = Site::current());
};

/// The sum of inputs of one shape.
class Add : public Layer {
public:
  Add(NameOptions options = {}, Site at = Site::current());
};

struct ConcatenateOptions {
  int64_t axis = -1;
  std::string name = "";
};
/// Inputs one after the other along an axis.
class Concatenate : public Layer {
public:
  Concatenate(ConcatenateOptions options = {}, Site at = Site::current());
};

struct EmbeddingOptions {
  int64_t inputDim = 0;
  int64_t outputDim = 0;
  /// The result carries the mask x != 0.
  bool maskZero = false;
  Initializer embeddingsInitializer = RandomUniform(-0.05, 0.05);
  std::string name = "";
};
/// Rows of a table by integer index: [B, ...] of I32 or I64 to [B, ..., outputDim]. Weights:
/// embeddings (inputDim, outputDim).
class Embedding : public Layer {
public:
  Embedding(EmbeddingOptions options, Site at = Site::current());
};

struct LambdaOptions {
  std::string name = "";
};
/// Code of the user on ops; without weights.
///
///   Lambda([](Value x) { return tanh(x) * 2; })
class Lambda : public Layer {
public:
  Lambda(std::function<Value(Value)> function, LambdaOptions options = {},
         Site at = Site::current());
  Lambda(std::function<Value(Values)> function, LambdaOptions options = {},
         Site at = Site::current());
};

} // namespace dlc

#endif
