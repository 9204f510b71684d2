// Activation functions by name, and the layers that apply one.
#include "LayerState.h"
#include <cmath>

namespace dlc {

using namespace detail;

namespace {

using Function = Value (*)(Operand);

Operand at(const Value &value, const Operand &like) { return Operand(value, like.at); }

Value linear(Operand x) { return x.value; }
Value relu6(Operand x) { return min(at(relu(x), x), 6.0); }
// The derivative at 0 is 1, as Keras has it: unlike that of relu.
Value leakyRelu(Operand x, double slope) { return select(greaterEqual(x, 0.0), x, x * slope); }

// The derivative at 0 is alpha. Exponentials of large numbers would be infinite, so none are taken.
Value elu(Operand x, double alpha) {
  Value positive = greater(x, 0.0);
  Value negative = expm1(at(select(at(positive, x), 0.0, x), x));
  return select(at(positive, x), x, alpha == 1 ? negative : at(negative, x) * alpha);
}

// Scaled so that mean 0 and variance 1 are kept from layer to layer.
Value selu(Operand x) {
  return at(elu(x, 1.6732632423543772848170429916717), x) * 1.0507009873554804934193349852946;
}

Value gelu(Operand x) { return 0.5 * x * (1.0 + erf(x * (1 / std::sqrt(2.0)))); }

Value geluApproximate(Operand x) {
  Value cube = x * at(square(x), x);
  Value inner = at(x + at(at(cube, x) * 0.044715, x), x) * std::sqrt(2 / M_PI);
  return 0.5 * x * (1.0 + tanh(at(inner, x)));
}

Value softplus(Operand x) { return at(max(x, 0.0), x) + at(log1p(at(exp(-abs(x)), x)), x); }

Value silu(Operand x) { return x * at(sigmoid(x), x); }
Value mish(Operand x) { return x * at(tanh(at(softplus(x), x)), x); }
Value softsign(Operand x) { return x / at(at(abs(x), x) + 1.0, x); }
Value hardSigmoid(Operand x) { return at(relu6(at(x + 3.0, x)), x) * (1.0 / 6); }

struct Named {
  const char *name;
  Function function;
};

constexpr Named known[] = {
    {"linear", linear},
    {"relu", [](Operand x) { return relu(x); }},
    {"relu6", relu6},
    {"leaky_relu", [](Operand x) { return leakyRelu(x, 0.2); }},
    {"elu", [](Operand x) { return elu(x, 1); }},
    {"selu", selu},
    {"gelu", gelu},
    {"gelu_approximate", geluApproximate},
    {"silu", silu},
    {"swish", silu},
    {"mish", mish},
    {"softplus", softplus},
    {"softsign", softsign},
    {"sigmoid", [](Operand x) { return sigmoid(x); }},
    {"hard_sigmoid", hardSigmoid},
    {"tanh", [](Operand x) { return tanh(x); }},
    {"exponential", [](Operand x) { return exp(x); }},
    {"softmax", [](Operand x) { return softmax(x); }},
    {"log_softmax", [](Operand x) { return logSoftmax(x); }},
};

} // namespace

Value activation(const std::string &name, Operand x) {
  std::string names;
  for (const Named &each : known) {
    if (name == each.name || (name.empty() && each.function == linear))
      return each.function(x);
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  }
  OpCall call("activation", {x});
  return call.fail("unknown activation '" + name + "'", "known are " + names);
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

struct ReLUState : LayerState {
  ReLUState(ReLUOptions given, const Site &site)
      : LayerState("ReLU", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    if (options.negativeSlope < 0 || options.threshold < 0 || options.maxValue.value_or(0) < 0)
      return {context.fail("maxValue, negativeSlope and threshold must be at least 0",
                           "ReLU({.maxValue = 6})")};
    Operand x = context.operand(inputs[0]);
    if (options.negativeSlope != 0 && options.threshold == 0 && !options.maxValue)
      return {leakyRelu(x, options.negativeSlope)};
    Operand threshold(options.threshold, context.site);
    Value y = options.threshold == 0 ? relu(x)
                                     : select(greater(x, threshold), x, Operand(0, context.site));
    if (options.maxValue)
      y = min(context.operand(y), Operand(*options.maxValue, context.site));
    if (options.negativeSlope == 0)
      return {y};
    Value below = relu(context.operand(threshold - x));
    return {context.operand(y) -
            context.operand(context.operand(below) * Operand(options.negativeSlope, context.site))};
  }

  ReLUOptions options;
};

// A function with one number.
struct SlopeState : LayerState {
  using Function = Value (*)(Operand, double);
  SlopeState(const char *kind, const std::string &name, Function function, const char *what,
             double number, const Site &site)
      : LayerState(kind, name, site), function(function), what(what), number(number) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    if (!(number >= 0))
      return {context.fail(what + (" is " + std::to_string(number)) + ", expected at least 0")};
    return {function(context.operand(inputs[0]), number)};
  }

  Function function;
  const char *what;
  double number;
};

struct SoftmaxState : LayerState {
  SoftmaxState(const SoftmaxOptions &options, const Site &site)
      : LayerState("Softmax", options.name, site), axis(options.axis) {}
  bool keepsMask() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    return {softmax(context.operand(inputs[0]), axis)};
  }
  int64_t axis;
};

} // namespace

Activation::Activation(const char *activation, Site at)
    : Activation(ActivationOptions{activation, ""}, at) {}
Activation::Activation(ActivationOptions options, Site at)
    : Layer(std::make_shared<ActivationState>(std::move(options), at)) {}
ReLU::ReLU(ReLUOptions options, Site at)
    : Layer(std::make_shared<ReLUState>(std::move(options), at)) {}
LeakyReLU::LeakyReLU(LeakyReLUOptions options, Site at)
    : Layer(std::make_shared<SlopeState>("LeakyReLU", options.name, leakyRelu, "negativeSlope",
                                         options.negativeSlope, at)) {}
ELU::ELU(ELUOptions options, Site at)
    : Layer(std::make_shared<SlopeState>("ELU", options.name, elu, "alpha", options.alpha, at)) {}
Softmax::Softmax(SoftmaxOptions options, Site at)
    : Layer(std::make_shared<SoftmaxState>(options, at)) {}

} // namespace dlc
