// Layers that normalise by the batch, by each row, or by groups of channels.
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

struct GroupNormalizationState : LayerState {
  GroupNormalizationState(GroupNormalizationOptions given, const Site &site)
      : LayerState("GroupNormalization", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  // [B, rest, groups, channels of a group], so that two dimensions are reduced whatever the rank.
  Value parted(CallContext &context, const Value &x, int64_t groups, int64_t channels) {
    Shape shape = x.shape();
    Dim rest = 1;
    for (size_t i = 1; i + 1 < shape.size(); ++i)
      rest = rest * shape[i];
    return reshape(context.operand(x), {shape[0], rest, groups, channels / groups});
  }

  Values call(CallContext &context, const Values &inputs) override {
    const Value &x = inputs[0];
    int64_t channels = context.channels(x, 2, "at least (B, channels)");
    if (!channels)
      return {context.entry.poison()};
    int64_t groups = options.groups == -1 ? channels : options.groups;
    if (groups < 1 || channels % groups)
      return {context.fail("groups is " + std::to_string(options.groups) +
                               ", which does not divide " + std::to_string(channels) + " channels",
                           "GroupNormalization({.groups = 1}) takes all channels together", x)};
    auto at = [&](const Value &value) { return context.operand(value); };
    Value apart = parted(context, x, groups, channels);
    Value centered = at(apart) - at(mean(at(apart), {1, 3}, /*keepDims=*/true));
    Value variance = mean(at(square(at(centered))), {1, 3}, /*keepDims=*/true);
    Value y = at(centered) * at(rsqrt(at(at(variance) + Operand(options.epsilon, context.site))));
    y = reshape(at(y), x.shape());
    if (options.scale)
      y = at(y) * at(context.weight("gamma", {channels}, Ones()));
    if (options.center)
      y = at(y) + at(context.weight("beta", {channels}, Zeros()));
    return {y};
  }

  GroupNormalizationOptions options;
};

struct RMSNormalizationState : LayerState {
  RMSNormalizationState(RMSNormalizationOptions given, const Site &site)
      : LayerState("RMSNormalization", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    int64_t channels = context.channels(inputs[0], 2, "at least (B, features)");
    if (!channels)
      return {context.entry.poison()};
    auto at = [&](const Value &value) { return context.operand(value); };
    Operand x = at(inputs[0]);
    Value power = mean(at(square(x)), {-1}, /*keepDims=*/true);
    Value y = x * at(rsqrt(at(at(power) + Operand(options.epsilon, context.site))));
    return {at(y) * at(context.weight("scale", {channels}, Ones()))};
  }

  RMSNormalizationOptions options;
};

struct UnitNormalizationState : LayerState {
  UnitNormalizationState(const NameOptions &options, const Site &site)
      : LayerState("UnitNormalization", options.name, site) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    return {unitLength(context.operand(inputs[0]), -1, 1e-12)};
  }
};

} // namespace

Value detail::unitLength(Operand x, int64_t axis, double epsilon) {
  Value power = sum(Operand(square(x), x.at), {axis}, /*keepDims=*/true);
  Value inverse = rsqrt(Operand(power, x.at));
  return x * Operand(min(Operand(inverse, x.at), Operand(1 / epsilon, x.at)), x.at);
}

BatchNormalization::BatchNormalization(BatchNormalizationOptions options, Site at)
    : Layer(std::make_shared<BatchNormalizationState>(std::move(options), at)) {}
LayerNormalization::LayerNormalization(LayerNormalizationOptions options, Site at)
    : Layer(std::make_shared<LayerNormalizationState>(std::move(options), at)) {}
GroupNormalization::GroupNormalization(GroupNormalizationOptions options, Site at)
    : Layer(std::make_shared<GroupNormalizationState>(std::move(options), at)) {}
RMSNormalization::RMSNormalization(RMSNormalizationOptions options, Site at)
    : Layer(std::make_shared<RMSNormalizationState>(std::move(options), at)) {}
UnitNormalization::UnitNormalization(NameOptions options, Site at)
    : Layer(std::make_shared<UnitNormalizationState>(options, at)) {}

} // namespace dlc
