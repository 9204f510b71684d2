// Layers that draw random numbers in training: dropout and noise.
#include "LayerState.h"
#include <cmath>

namespace dlc {

using namespace detail;

namespace {

struct NoiseState : LayerState {
  using LayerState::LayerState;
  bool keepsMask() const override { return true; }

  bool checkRate(CallContext &context, double rate) {
    if (rate >= 0 && rate < 1)
      return true;
    context.fail("rate is " + std::to_string(rate) + ", expected 0 <= rate < 1");
    return false;
  }
};

struct DropoutState : NoiseState {
  DropoutState(DropoutOptions options, const Site &site)
      : NoiseState("Dropout", options.name, site), rate(options.rate) {}
  Values call(CallContext &context, const Values &inputs) override {
    if (!checkRate(context, rate))
      return {context.entry.poison()};
    if (!context.training || rate == 0)
      return inputs;
    return {dropElements(context.operand(inputs[0]), rate)};
  }
  double rate;
};

struct SpatialDropoutState : NoiseState {
  SpatialDropoutState(size_t spatial, DropoutOptions options, const Site &site)
      : NoiseState("SpatialDropout" + std::to_string(spatial) + "D", options.name, site),
        spatial(spatial), rate(options.rate) {}
  Values call(CallContext &context, const Values &inputs) override {
    const Value &x = inputs[0];
    if (!checkRate(context, rate) || !checkSpatialRank(context, x, spatial))
      return {context.entry.poison()};
    if (!context.training || rate == 0)
      return inputs;
    Shape shape = x.shape();
    for (size_t i = 1; i <= spatial; ++i)
      shape[i] = 1;
    Value one = Entry(context.entry.handle()).full(shape, 1, x.dtype(), context.site);
    return {context.operand(x) * context.operand(dropElements(context.operand(one), rate))};
  }
  size_t spatial;
  double rate;
};

struct GaussianNoiseState : NoiseState {
  GaussianNoiseState(GaussianNoiseOptions options, const Site &site)
      : NoiseState("GaussianNoise", options.name, site), stddev(options.stddev) {}
  Values call(CallContext &context, const Values &inputs) override {
    if (!(stddev >= 0 && std::isfinite(stddev)))
      return {context.fail("stddev is " + std::to_string(stddev) + ", expected at least 0",
                           "GaussianNoise({.stddev = 0.1})")};
    if (!context.training || stddev == 0)
      return inputs;
    Operand x = context.operand(inputs[0]);
    Value noise = randomNormal(x, {}, inputs[0].dtype());
    return {x + context.operand(context.operand(noise) * Operand(stddev, context.site))};
  }
  double stddev;
};

struct GaussianDropoutState : NoiseState {
  GaussianDropoutState(DropoutOptions options, const Site &site)
      : NoiseState("GaussianDropout", options.name, site), rate(options.rate) {}
  Values call(CallContext &context, const Values &inputs) override {
    if (!checkRate(context, rate))
      return {context.entry.poison()};
    if (!context.training || rate == 0)
      return inputs;
    Operand x = context.operand(inputs[0]);
    double stddev = std::sqrt(rate / (1 - rate));
    Value noise = randomNormal(x, {}, inputs[0].dtype());
    Value scaled = context.operand(noise) * Operand(stddev, context.site);
    return {x * context.operand(context.operand(scaled) + Operand(1, context.site))};
  }
  double rate;
};

} // namespace

Value detail::dropElements(Operand x, double rate) {
  Value keep = randomBernoulli(x, 1 - rate);
  Value scaled = x * Operand(1 / (1 - rate), x.at);
  return select(Operand(keep, x.at), Operand(scaled, x.at), Operand(0, x.at));
}

Dropout::Dropout(DropoutOptions options, Site at)
    : Layer(std::make_shared<DropoutState>(std::move(options), at)) {}
SpatialDropout1D::SpatialDropout1D(DropoutOptions options, Site at)
    : Layer(std::make_shared<SpatialDropoutState>(1, std::move(options), at)) {}
SpatialDropout2D::SpatialDropout2D(DropoutOptions options, Site at)
    : Layer(std::make_shared<SpatialDropoutState>(2, std::move(options), at)) {}
SpatialDropout3D::SpatialDropout3D(DropoutOptions options, Site at)
    : Layer(std::make_shared<SpatialDropoutState>(3, std::move(options), at)) {}
GaussianNoise::GaussianNoise(GaussianNoiseOptions options, Site at)
    : Layer(std::make_shared<GaussianNoiseState>(std::move(options), at)) {}
GaussianDropout::GaussianDropout(DropoutOptions options, Site at)
    : Layer(std::make_shared<GaussianDropoutState>(std::move(options), at)) {}

} // namespace dlc
