// Activation functions by name.
#include "LayerState.h"
#include <cmath>

namespace dlc {

using namespace detail;

static Value softplus(Operand x) {
  return Operand(max(x, 0.0), x.at) + Operand(log1p(Operand(exp(-abs(x)), x.at)), x.at);
}

static Value elu(Operand x) {
  return select(greater(x, 0.0), x, expm1(Operand(min(x, 0.0), x.at)));
}

Value activation(const std::string &name, Operand x) {
  if (name.empty() || name == "linear")
    return x.value;
  if (name == "relu")
    return relu(x);
  if (name == "sigmoid")
    return sigmoid(x);
  if (name == "tanh")
    return tanh(x);
  if (name == "softmax")
    return softmax(x);
  if (name == "gelu")
    return 0.5 * x * (1.0 + erf(x * (1 / std::sqrt(2.0))));
  if (name == "elu")
    return elu(x);
  if (name == "silu")
    return x * sigmoid(x);
  if (name == "softplus")
    return softplus(x);
  OpCall call("activation", {x});
  return call.fail("unknown activation '" + name + "'",
                   "known are linear, relu, sigmoid, tanh, softmax, gelu, elu, silu, softplus");
}

namespace {

struct ActivationState : LayerState {
  ActivationState(ActivationOptions options, const Site &site)
      : LayerState("Activation", options.name, site), function(std::move(options.activation)) {}
  Values call(CallContext &context, const Values &inputs) override {
    return {activation(function, context.operand(inputs[0]))};
  }
  bool keepsMask() const override { return true; }
  std::string function;
};

} // namespace

Activation::Activation(const char *activation, Site at)
    : Activation(ActivationOptions{activation, ""}, at) {}
Activation::Activation(ActivationOptions options, Site at)
    : Layer(std::make_shared<ActivationState>(std::move(options), at)) {}

} // namespace dlc
