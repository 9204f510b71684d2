// Optimizers as update rules on values: the same formulas, in the same order, as the reference.
#include "LayerState.h"
#include "dlc/training.h"

namespace dlc {

using namespace detail;

namespace detail {

struct OptimizerState {
  virtual ~OptimizerState() = default;
  /// Values that all variables share, computed once per step.
  virtual void begin(struct UpdateContext &) {}
  /// The new value of `w`.
  virtual Value update(struct UpdateContext &context, const Variable &variable, const Value &w,
                       const Value &g) = 0;

  std::string kind;   ///< "adam"
  std::string prefix; ///< "optimizer"
  double learningRate = 0;
};

/// One step under construction.
struct UpdateContext {
  Program program;
  Entry entry;
  OptimizerState &optimizer;
  Site site;
  Value learningRate; ///< scalar
  Value step = {};    ///< t, scalar f32
  Value rate = {};    ///< of begin()

  Variable find(const std::string &name, const Shape &shape, DType type, Role role,
                double first) const {
    ProgramState &state = *program.internal();
    if (int32_t index = state.findVariable(name); index >= 0)
      return state.variable(index);
    return Program(program).variable(name, shape, {type, role, Constant(first)}, site);
  }
  /// A slot of a variable: "optimizer/dense/kernel/momentum".
  Variable slot(const Variable &variable, const char *name) const {
    return find(optimizer.prefix + "/" + variable.name() + "/" + name, variable.shape(),
                variable.dtype(), Role::Slot, 0);
  }
  Value read(const Variable &variable) const { return entryOf().read(variable, site); }
  void assign(const Variable &variable, const Value &value) const {
    entryOf().assign(variable, value, site);
  }
  Entry entryOf() const { return entry; }
};

namespace {

struct SGDState : OptimizerState {
  SGDOptions options;

  Value update(UpdateContext &context, const Variable &variable, const Value &w,
               const Value &g) override {
    Value scaled = context.learningRate * g;
    if (options.momentum == 0)
      return w - scaled;
    Variable slot = context.slot(variable, "momentum");
    Value m = context.read(slot) * options.momentum - scaled;
    context.assign(slot, m);
    return options.nesterov ? w + (m * options.momentum - scaled) : w + m;
  }
};

struct RMSpropState : OptimizerState {
  RMSpropOptions options;

  Value update(UpdateContext &context, const Variable &variable, const Value &w,
               const Value &g) override {
    Variable velocity = context.slot(variable, "velocity");
    Value v = context.read(velocity) * options.rho + square(g) * (1 - options.rho);
    context.assign(velocity, v);
    Value denominator = v + options.epsilon;
    if (options.centered) {
      Variable average = context.slot(variable, "average_gradient");
      Value a = context.read(average) * options.rho + g * (1 - options.rho);
      context.assign(average, a);
      denominator = v - square(a) + options.epsilon;
    }
    Value step = context.learningRate * g * rsqrt(denominator);
    if (options.momentum == 0)
      return w - step;
    Variable slot = context.slot(variable, "momentum");
    Value m = context.read(slot) * options.momentum + step;
    context.assign(slot, m);
    return w - m;
  }
};

struct AdamState : OptimizerState {
  AdamOptions options;

  // lr sqrt(1 - beta2^t) / (1 - beta1^t)
  void begin(UpdateContext &context) override {
    Value beta1 = context.entry.constant(options.beta1, DType::F32, context.site);
    Value beta2 = context.entry.constant(options.beta2, DType::F32, context.site);
    Value correction = sqrt(1.0 - pow(beta2, context.step)) / (1.0 - pow(beta1, context.step));
    context.rate = context.learningRate * correction;
  }

  Value update(UpdateContext &context, const Variable &variable, const Value &w,
               const Value &g) override {
    Variable momentum = context.slot(variable, "momentum");
    Variable velocity = context.slot(variable, "velocity");
    Value m = context.read(momentum), v = context.read(velocity);
    m = m + (g - m) * (1 - options.beta1);
    v = v + (square(g) - v) * (1 - options.beta2);
    context.assign(momentum, m);
    context.assign(velocity, v);
    Value scale = v;
    if (options.amsgrad) {
      Variable largest = context.slot(variable, "velocity_hat");
      scale = max(context.read(largest), v);
      context.assign(largest, scale);
    }
    return w - m * context.rate / (sqrt(scale) + options.epsilon);
  }
};

template <typename State, typename Options>
Optimizer make(const char *kind, const Options &options) {
  auto state = std::make_shared<State>();
  state->kind = kind;
  state->prefix = options.name;
  state->learningRate = options.learningRate;
  state->options = options;
  return Optimizer(state);
}

} // namespace
} // namespace detail

Optimizer::Optimizer(const char *name) : text(name) {
  if (text == "sgd")
    *this = SGD();
  else if (text == "rmsprop")
    *this = RMSprop();
  else if (text == "adam")
    *this = Adam();
}

Optimizer SGD(SGDOptions options) { return make<SGDState>("sgd", options); }
Optimizer RMSprop(RMSpropOptions options) { return make<RMSpropState>("rmsprop", options); }
Optimizer Adam(AdamOptions options) { return make<AdamState>("adam", options); }

const std::string &Optimizer::name() const { return state ? state->kind : text; }

std::string Optimizer::learningRateName() const {
  return state ? state->prefix + "/learning_rate" : "";
}

void Optimizer::minimize(const Value &loss, const std::vector<Variable> &variables,
                         Site at) const {
  if (!loss.ok())
    return;
  Entry entry = Entry::of(loss);
  Values targets;
  for (const Variable &variable : variables)
    targets.push_back(entry.read(variable, at));
  apply(gradient(Operand(loss, at), targets), variables, at);
}

// Without variables there is nothing to name the entry by, and nothing to do.
void Optimizer::apply(const Values &gradients, const std::vector<Variable> &variables,
                      Site at) const {
  if (gradients.empty() || !gradients.front().ok())
    return;
  Entry entry = Entry::of(gradients.front());
  EntryState &entryState = *entry.internal();
  if (!state)
    return (void)entryState.fail("optimizer", at, "unknown optimizer '" + text + "'",
                                 "known are sgd, rmsprop, adam");
  if (gradients.size() != variables.size())
    return (void)entryState.fail("optimizer", at,
                                 "got " + std::to_string(gradients.size()) + " gradients for " +
                                     std::to_string(variables.size()) + " variables");
  FrameGuard frame(entryState, {"optimizer", state->prefix, state->kind, at});
  UpdateContext context{entry.program(), entry, *state, at, Value()};
  Variable rate = context.find(state->prefix + "/learning_rate", {}, DType::F32,
                               Role::Hyperparameter, state->learningRate);
  Variable iterations =
      context.find(state->prefix + "/iterations", {}, DType::I64, Role::Slot, 0);
  context.learningRate = context.read(rate);
  Value next = context.read(iterations) + 1;
  context.step = cast(next, DType::F32);
  context.assign(iterations, next);
  state->begin(context);
  for (size_t i = 0; i < variables.size(); ++i) {
    Value w = context.read(variables[i]);
    context.assign(variables[i], state->update(context, variables[i], w, gradients[i]));
  }
}

} // namespace dlc
