// BatchNormalization and LayerNormalization.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

struct BatchNormalizationState : LayerState {
  BatchNormalizationState(BatchNormalizationOptions given, const Site &site)
      : LayerState("BatchNormalization", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  // moving = momentum * moving + (1 - momentum) * batch.
  void move(CallContext &context, const char *name, const Value &moving, const Value &batch) {
    Value kept = context.operand(moving) * Operand(options.momentum, context.site);
    Value added = context.operand(batch) * Operand(1 - options.momentum, context.site);
    context.assign(name, context.operand(kept) + context.operand(added));
  }

  Values call(CallContext &context, const Values &inputs) override {
    Operand x = context.operand(inputs[0]);
    int64_t channels = context.channels(inputs[0], 2, "at least (B, features)");
    if (!channels)
      return {context.entry.poison()};
    Entry entry(context.entry.handle());
    auto parameter = [&](bool wanted, const char *name, const Initializer &initializer,
                         double otherwise) {
      return wanted ? context.weight(name, {channels}, initializer)
                    : entry.full({channels}, otherwise, DType::F32, context.site);
    };
    Operand gamma = context.operand(parameter(options.scale, "gamma", Ones(), 1));
    Operand beta = context.operand(parameter(options.center, "beta", Zeros(), 0));
    Value mean = context.weight("moving_mean", {channels}, Zeros(), Role::Statistic, false);
    Value variance = context.weight("moving_variance", {channels}, Ones(), Role::Statistic, false);
    if (!context.training || !trainable)
      return {batchNormInference(x, gamma, beta, context.operand(mean), context.operand(variance),
                                 options.epsilon)};
    BatchNormResult result = batchNormTraining(x, gamma, beta, options.epsilon);
    if (result.y.ok()) {
      move(context, "moving_mean", mean, stopGradient(context.operand(result.mean)));
      move(context, "moving_variance", variance, stopGradient(context.operand(result.variance)));
    }
    return {result.y};
  }

  BatchNormalizationOptions options;
};

struct LayerNormalizationState : LayerState {
  LayerNormalizationState(LayerNormalizationOptions given, const Site &site)
      : LayerState("LayerNormalization", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    int64_t channels = context.channels(inputs[0], 2, "at least (B, features)");
    if (!channels)
      return {context.entry.poison()};
    Entry entry(context.entry.handle());
    Value gamma = options.scale ? context.weight("gamma", {channels}, Ones())
                                : entry.full({channels}, 1, DType::F32, context.site);
    Value beta = options.center ? context.weight("beta", {channels}, Zeros())
                                : entry.full({channels}, 0, DType::F32, context.site);
    return {layerNorm(context.operand(inputs[0]), context.operand(gamma), context.operand(beta),
                      options.epsilon)};
  }

  LayerNormalizationOptions options;
};

} // namespace

BatchNormalization::BatchNormalization(BatchNormalizationOptions options, Site at)
    : Layer(std::make_shared<BatchNormalizationState>(std::move(options), at)) {}
LayerNormalization::LayerNormalization(LayerNormalizationOptions options, Site at)
    : Layer(std::make_shared<LayerNormalizationState>(std::move(options), at)) {}

} // namespace dlc
