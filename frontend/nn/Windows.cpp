// Convolution and pooling layers.
#include "LayerState.h"

namespace dlc {

using namespace detail;

const char *detail::imageShape(size_t spatial) {
  static const char *const names[] = {"(B, length, channels)", "(B, height, width, channels)",
                                      "(B, depth, height, width, channels)"};
  return names[spatial - 1];
}

bool detail::checkSpatialRank(CallContext &context, const Value &x, size_t spatial) {
  if (x.rank() == static_cast<int64_t>(spatial) + 2)
    return true;
  context.fail("input has shape " + str(x.shape()) + ", expected " + imageShape(spatial),
               x.rank() == static_cast<int64_t>(spatial) + 1
                   ? "add a dimension of channels, for example with Reshape"
                   : "use the layer for " + std::to_string(x.rank() - 2) +
                         " spatial dimensions or reshape the input",
               x);
  return false;
}

namespace {

struct ConvState : LayerState {
  ConvState(size_t spatial, ConvOptions given, const Site &site)
      : LayerState("Conv" + std::to_string(spatial) + "D", given.name, site), spatial(spatial),
        options(std::move(given)) {}
  bool keepsMask() const override { return spatial == 1 && options.padding != "valid"; }

  bool checkOptions(CallContext &context, int64_t channels) {
    std::string mistake, hint = kind + "({.filters = 32, .kernel = 3})";
    if (options.filters < 1)
      mistake = "filters is " + std::to_string(options.filters) + ", expected at least 1";
    else if (!options.kernel.given())
      mistake = "kernel is missing";
    else if (options.kernel.expand(spatial).size() != spatial)
      mistake = "kernel has " + std::to_string(options.kernel.expand(spatial).size()) +
                " entries, expected 1 or " + std::to_string(spatial);
    else if (options.groups < 1 || channels % options.groups || options.filters % options.groups)
      mistake = "groups = " + std::to_string(options.groups) + " does not divide both " +
                std::to_string(channels) + " input channels and " +
                std::to_string(options.filters) + " filters",
      hint = "";
    for (int64_t size : options.kernel.expand(spatial))
      if (size < 1)
        mistake = "kernel has a size of " + std::to_string(size) + ", expected at least 1";
    if (!mistake.empty())
      context.fail(mistake, hint);
    return mistake.empty();
  }

  Values call(CallContext &context, const Values &inputs) override {
    const Value &x = inputs[0];
    if (!checkSpatialRank(context, x, spatial))
      return {context.entry.poison()};
    int64_t channels = context.channels(x, 3, imageShape(spatial));
    if (!channels || !checkOptions(context, channels))
      return {context.entry.poison()};
    Shape shape;
    for (int64_t size : options.kernel.expand(spatial))
      shape.push_back(size);
    shape.push_back(channels / options.groups);
    shape.push_back(options.filters);
    Value kernel = context.weight("kernel", shape, options.kernelInitializer);
    WindowOptions window;
    window.strides = options.strides.expand(spatial);
    window.dilations = options.dilation.expand(spatial);
    window.padding = options.padding;
    window.result = context.sumType();
    Value y = conv(context.factor(x), context.factor(kernel), window, options.groups);
    return {context.finish(y, options.useBias, options.filters, options.biasInitializer,
                           options.activation)};
  }

  size_t spatial;
  ConvOptions options;
};

using PoolFunction = Value (*)(Operand, std::vector<int64_t>, WindowOptions);

struct PoolState : LayerState {
  PoolState(const char *prefix, size_t spatial, PoolFunction function, PoolOptions given,
            const Site &site)
      : LayerState(prefix + std::to_string(spatial) + "D", given.name, site), spatial(spatial),
        function(function), options(std::move(given)) {}
  bool onlyMoves() const override { return function == maxPool; }

  Values call(CallContext &context, const Values &inputs) override {
    if (!checkSpatialRank(context, inputs[0], spatial))
      return {context.entry.poison()};
    std::vector<int64_t> pool = options.pool.expand(spatial);
    WindowOptions window;
    window.strides = options.strides.given() ? options.strides.expand(spatial) : pool;
    window.padding = options.padding;
    return {function(context.operand(inputs[0]), pool, window)};
  }

  size_t spatial;
  PoolFunction function;
  PoolOptions options;
};

struct GlobalPoolState : LayerState {
  GlobalPoolState(bool average, size_t spatial, const GlobalPoolOptions &options, const Site &site)
      : LayerState(std::string(average ? "GlobalAveragePooling" : "GlobalMaxPooling") +
                       std::to_string(spatial) + "D",
                   options.name, site),
        average(average), spatial(spatial), keepDims(options.keepDims) {}

  // Sum of real steps over their number.
  Value maskedMean(CallContext &context, const Value &x) {
    Value real = cast(context.operand(context.mask), x.dtype());
    real = expandDims(context.operand(real), 2);
    Value total = sum(context.operand(context.operand(x) * context.operand(real)), {1}, keepDims);
    return context.operand(total) / context.operand(sum(context.operand(real), {1}, keepDims));
  }

  Values call(CallContext &context, const Values &inputs) override {
    if (!checkSpatialRank(context, inputs[0], spatial))
      return {context.entry.poison()};
    if (average && spatial == 1 && context.mask.ok())
      return {maskedMean(context, inputs[0])};
    std::vector<int64_t> axes;
    for (size_t i = 1; i <= spatial; ++i)
      axes.push_back(static_cast<int64_t>(i));
    Operand x = context.operand(inputs[0]);
    return {average ? mean(x, axes, keepDims) : reduceMax(x, axes, keepDims)};
  }

  bool average;
  size_t spatial;
  bool keepDims;
};

} // namespace

#define DLC_WINDOW_LAYERS(N)                                                                       \
  Conv##N##D::Conv##N##D(ConvOptions options, Site at)                                             \
      : Layer(std::make_shared<ConvState>(N, std::move(options), at)) {}                           \
  MaxPooling##N##D::MaxPooling##N##D(PoolOptions options, Site at)                                 \
      : Layer(std::make_shared<PoolState>("MaxPooling", N, maxPool, std::move(options), at)) {}    \
  AveragePooling##N##D::AveragePooling##N##D(PoolOptions options, Site at)                         \
      : Layer(std::make_shared<PoolState>("AveragePooling", N, avgPool, std::move(options), at)) { \
  }                                                                                                \
  GlobalMaxPooling##N##D::GlobalMaxPooling##N##D(GlobalPoolOptions options, Site at)               \
      : Layer(std::make_shared<GlobalPoolState>(false, N, options, at)) {}                         \
  GlobalAveragePooling##N##D::GlobalAveragePooling##N##D(GlobalPoolOptions options, Site at)       \
      : Layer(std::make_shared<GlobalPoolState>(true, N, options, at)) {}

DLC_WINDOW_LAYERS(1)
DLC_WINDOW_LAYERS(2)
DLC_WINDOW_LAYERS(3)
#undef DLC_WINDOW_LAYERS

} // namespace dlc
