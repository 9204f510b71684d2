// What is behind a Layer: its name, its weights, and how it computes.
//
// A layer is asked for weights by its first call, which fixes their shapes; in each program where
// it is called later the same specifications become variables of that program. The record of a
// call (Node) is what a Model replays.
#pragma once
#include "dlc/layers.h"
#include "frontend/builder/Graph.h"

namespace dlc::detail {

struct WeightSpec {
  std::string name; ///< "kernel"
  Shape shape;
  Initializer initializer;
  Role role;
  bool trained;
};

/// One call of a layer, as a model replays it.
struct Node : NodeBase {
  std::shared_ptr<LayerState> layer;
  Values inputs;
  Call call;
  Site site;
  Values outputs;
};

/// What a layer's call() sees.
struct CallContext {
  EntryState &entry;
  LayerState &layer;
  bool training;
  Value mask;
  Site site;
  const Call &call;

  /// The layer's weight of this name as a value; made by the first call.
  Value weight(const std::string &name, const Shape &shape, const Initializer &initializer,
               Role role = Role::Weight, bool trained = true);
  /// Gives a weight a new value in this entry.
  void assign(const std::string &name, const Value &value);
  /// Reports an error about this layer.
  Value fail(std::string message, std::string hint = "", const Value &cause = Value()) const;
  Operand operand(const Value &value) const { return Operand(value, site); }
  /// A factor of a product, in the type that the layer's policy multiplies in.
  Operand factor(const Value &value) const;
  /// The type that products of such factors are summed to, when it is not their own.
  std::optional<DType> sumType() const;
  /// A value in the type that the layer's policy stores: what backward passes keep.
  Value rounded(const Value &value) const;
  /// The last size of `x` as an integer; 0 after reporting that it is a symbol.
  int64_t channels(const Value &x, int64_t minRank, const char *expected);
  /// The last size of one of several inputs, which may differ from each other.
  int64_t lastSize(const Value &x, int64_t minRank, const char *expected);
  /// False after reporting integers.
  bool checkFloats(const Value &x);
  /// y + bias, where the layer has one; then the activation of this name.
  Value finish(const Value &y, bool useBias, int64_t size, const Initializer &initializer,
               const std::string &activation);
};

struct LayerState : std::enable_shared_from_this<LayerState> {
  LayerState(std::string kind, std::string name, Site site);
  virtual ~LayerState() = default;

  virtual Values call(CallContext &context, const Values &inputs) = 0;
  /// How many inputs it takes; 0: at least one.
  virtual size_t arity() const { return 1; }
  /// True where output steps are input steps, so that a mask goes on.
  virtual bool keepsMask() const { return false; }
  /// The mask that outputs carry on; `mask` is what the layer was called with.
  virtual Value maskAfter(EntryState &entry, const Values &inputs, const Value &mask) const {
    return keepsMask() ? mask : Value();
  }
  /// True when errors inside point at the user's own lines.
  virtual bool isUserCode() const { return false; }
  /// True where each element of the result is one of the inputs' or zero, so that any type does.
  virtual bool onlyMoves() const { return false; }
  /// False for models: the layers inside have policies of their own.
  virtual bool hasPolicy() const { return true; }
  /// True for models, whose outputs carry the masks that their last layers gave them.
  virtual bool isModel() const { return false; }
  /// Layers inside, for models; empty otherwise.
  virtual std::vector<std::shared_ptr<LayerState>> parts() const { return {}; }
  virtual void setTrainable(bool value) { trainable = value; }

  /// Checks inputs, calls, and records the call.
  Values operator()(const Values &inputs, const Call &call, Site at);
  /// Adds the variables of this layer and its parts to `result`.
  void collect(const ProgramState &program, bool trainedOnly, std::vector<Variable> &result) const;
  int64_t parameters(bool trainedOnly) const;

  std::string kind, name;
  Site site;
  bool trainable = true;
  std::string policy = dtypePolicy();
  int64_t lastAxis = -1; ///< size of the inputs' last dimension that weights were built for
  std::vector<WeightSpec> weights;
  /// Program -> weight name -> variable index. Programs are compared by address; the weak pointer
  /// tells whether it is still the same one.
  struct Bound {
    std::weak_ptr<ProgramState> program;
    std::map<std::string, int32_t> variables;
  };
  std::map<const ProgramState *, Bound> bound;

private:
  Values callInPolicy(CallContext &context, const Values &inputs);
  bool checkInputs(const Values &inputs, const Site &at, std::shared_ptr<EntryState> &entry);
  Values record(EntryState &entry, const Values &inputs, const Call &call, Site at, Values outputs);
};

/// x, or it cast to |type| when it is of floats of another one; with its mask.
Value castFloats(EntryState &entry, const Value &x, DType type, Site site);

/// The training flag that surrounding models pass down, per thread.
struct CallScope {
  explicit CallScope(bool training);
  ~CallScope();
  static bool training();

private:
  bool previous;
};

/// Ops made while this lives speak of the call of a loss or metric at |at|; inside of a layer or
/// model, they go on to speak of that.
class CallFrame {
public:
  CallFrame(const char *what, const std::string &name, const Value &operand, const Site &at) {
    if (EntryState *entry = operand.ok() ? EntryState::of(operand) : nullptr;
        entry && entry->frames.empty())
      guard.emplace(*entry, Frame{what, name, "", at});
  }

private:
  std::optional<FrameGuard> guard;
};

/// The value that a Sequential model begins with, when the layer is an Input; else empty.
Value inputOf(const LayerState &layer);

/// "(B, length, channels)" for one spatial dimension, and so on.
const char *imageShape(size_t spatial);
/// False after reporting an input that is not [B, spatial..., C].
bool checkSpatialRank(CallContext &context, const Value &x, size_t spatial);

/// x with a share |rate| of its elements 0 and the others divided by 1 - rate.
Value dropElements(Operand x, double rate);

/// x divided by its Euclidean length along |axis|, or by |epsilon| where that is larger.
Value unitLength(Operand x, int64_t axis, double epsilon);

/// Names as Keras makes them: "dense", "dense_1", ...; counts per process.
std::string automaticName(const std::string &kind);

} // namespace dlc::detail
