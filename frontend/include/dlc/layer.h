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
//
// Here is what all layers share; layers.h has every kind.
#ifndef DLC_LAYER_H
#define DLC_LAYER_H

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

/// A function by name, elementwise unless said otherwise:
///
///   linear (or empty), relu, relu6, leaky_relu (slope 0.2), elu, selu, gelu (exact, by erf),
///   gelu_approximate (by tanh), silu or swish, mish, softplus, softsign, sigmoid, hard_sigmoid,
///   tanh, exponential; softmax and log_softmax over the last dimension.
Value activation(const std::string &name, Operand x);

/// What the layers that this thread makes from now on compute and store, in the words of Keras:
///
///   float32          everything in F32: the default.
///   mixed_bfloat16   weights stay F32. Factors of products (dense layers, convolutions, attention)
///                    are rounded to BF16 and their products summed in F32; whatever else happens
///                    inside of a layer is F32, and what layers give to each other is BF16. About
///                    twice as fast where the processor multiplies BF16. Outputs of a compiled
///                    model, losses and metrics are F32, so programs that run it change nothing.
///
/// Another name is reported by the first call of a layer that was made with it. See
/// Layer::setDtypePolicy for one layer, and docs/determinism.md for what bits depend on.
void setDtypePolicy(const std::string &name);
/// The name that setDtypePolicy was given last by this thread, or float32.
const std::string &dtypePolicy();

/// How a layer is called.
struct Call {
  /// Training behaviour of Dropout and BatchNormalization. Left out: what the surrounding model is
  /// called with, else inference.
  std::optional<bool> training = {};
  /// Bool [B, time]: which steps are real. Left out: the mask that the input carries, if any. Of
  /// MultiHeadAttention: which positions of `value` may be looked at.
  Value mask = {};
  /// A random key (tensor<2xi64>) for the layer's draws. Left out: the entry's own.
  Value key = {};
  /// Of MultiHeadAttention: Bool [B, T, S] or [B, heads, T, S] (each size may be 1), true where a
  /// position of `query` may look at one of `value`.
  Value attentionMask = {};
  /// Of MultiHeadAttention: a position looks at itself and those before it only.
  bool useCausalMask = false;
  /// Of ReversibleEmbedding: from features to logits.
  bool reverse = false;
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

  /// What this layer computes and stores; see dlc::setDtypePolicy. Before its first call. A model
  /// has no policy of its own, only its layers have.
  Layer &setDtypePolicy(const std::string &name);
  const std::string &dtypePolicy() const;

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

struct NameOptions {
  std::string name = "";
};

} // namespace dlc

#endif
