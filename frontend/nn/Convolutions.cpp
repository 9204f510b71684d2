// Convolutions besides the plain ones: depthwise, separable, transposed.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

// What is wrong with the options that all convolutions have; empty when nothing is.
std::string mistakeIn(const Sizes &kernel, const Sizes &strides, const Sizes &dilation,
                      size_t spatial) {
  if (!kernel.given())
    return "kernel is missing";
  for (const auto &[what, sizes] :
       {std::pair("kernel", &kernel), {"strides", &strides}, {"dilation", &dilation}}) {
    std::vector<int64_t> list = sizes->expand(spatial);
    if (list.size() != spatial)
      return std::string(what) + " has " + std::to_string(list.size()) +
             " entries, expected 1 or " + std::to_string(spatial);
    for (int64_t size : list)
      if (size < 1)
        return std::string(what) + " has a size of " + std::to_string(size) +
               ", expected at least 1";
  }
  return "";
}

std::string atLeastOne(const char *what, int64_t value) {
  return value >= 1 ? ""
                    : std::string(what) + " is " + std::to_string(value) + ", expected at least 1";
}

Shape shapeOf(const std::vector<int64_t> &window, std::initializer_list<int64_t> rest) {
  Shape shape(window.begin(), window.end());
  shape.insert(shape.end(), rest.begin(), rest.end());
  return shape;
}

struct ConvolutionState : LayerState {
  ConvolutionState(std::string kind, std::string name, size_t spatial, const Site &site)
      : LayerState(std::move(kind), std::move(name), site), spatial(spatial) {}

  // The channels of the input; 0 after reporting what is wrong with it or with the options.
  int64_t prepare(CallContext &context, const Value &x, const std::string &mistake,
                  const char *example) {
    if (!checkSpatialRank(context, x, spatial) || !context.checkFloats(x))
      return 0;
    int64_t channels = context.channels(x, 3, imageShape(spatial));
    if (channels && !mistake.empty())
      context.fail(mistake, kind + example);
    return mistake.empty() ? channels : 0;
  }

  // Filters (k..., C, multiplier) become those of as many groups as there are channels.
  Value depthwise(CallContext &context, const Value &x, const char *weight,
                  const std::vector<int64_t> &window, int64_t multiplier,
                  const Initializer &initializer, WindowOptions options) {
    options.result = context.sumType();
    int64_t channels = x.shape().back().value();
    Value kernel = context.weight(weight, shapeOf(window, {channels, multiplier}), initializer);
    Value grouped = reshape(context.operand(kernel), shapeOf(window, {1, channels * multiplier}));
    return conv(context.factor(x), context.factor(grouped), options, channels);
  }

  size_t spatial;
};

struct DepthwiseConvState : ConvolutionState {
  DepthwiseConvState(size_t spatial, DepthwiseConvOptions given, const Site &site)
      : ConvolutionState("DepthwiseConv" + std::to_string(spatial) + "D", given.name, spatial,
                         site),
        options(std::move(given)) {}

  Values call(CallContext &context, const Values &inputs) override {
    std::string mistake = mistakeIn(options.kernel, options.strides, options.dilation, spatial);
    if (mistake.empty())
      mistake = atLeastOne("depthMultiplier", options.depthMultiplier);
    int64_t channels = prepare(context, inputs[0], mistake, "({.kernel = 3})");
    if (!channels)
      return {context.entry.poison()};
    WindowOptions window{options.strides.expand(spatial), options.dilation.expand(spatial),
                         options.padding};
    Value y = depthwise(context, inputs[0], "kernel", options.kernel.expand(spatial),
                        options.depthMultiplier, options.depthwiseInitializer, window);
    return {context.finish(y, options.useBias, channels * options.depthMultiplier,
                           options.biasInitializer, options.activation)};
  }

  DepthwiseConvOptions options;
};

struct SeparableConvState : ConvolutionState {
  SeparableConvState(size_t spatial, SeparableConvOptions given, const Site &site)
      : ConvolutionState("SeparableConv" + std::to_string(spatial) + "D", given.name, spatial,
                         site),
        options(std::move(given)) {}

  Values call(CallContext &context, const Values &inputs) override {
    std::string mistake = mistakeIn(options.kernel, options.strides, options.dilation, spatial);
    if (mistake.empty())
      mistake = atLeastOne("filters", options.filters);
    if (mistake.empty())
      mistake = atLeastOne("depthMultiplier", options.depthMultiplier);
    int64_t channels = prepare(context, inputs[0], mistake, "({.filters = 32, .kernel = 3})");
    if (!channels)
      return {context.entry.poison()};
    WindowOptions window{options.strides.expand(spatial), options.dilation.expand(spatial),
                         options.padding};
    Value y = depthwise(context, inputs[0], "depthwise_kernel", options.kernel.expand(spatial),
                        options.depthMultiplier, options.depthwiseInitializer, window);
    int64_t between = channels * options.depthMultiplier;
    Value pointwise = context.weight(
        "pointwise_kernel", shapeOf(std::vector<int64_t>(spatial, 1), {between, options.filters}),
        options.pointwiseInitializer);
    WindowOptions once;
    once.result = context.sumType();
    y = conv(context.factor(y), context.factor(pointwise), once);
    return {context.finish(y, options.useBias, options.filters, options.biasInitializer,
                           options.activation)};
  }

  SeparableConvOptions options;
};

struct ConvTransposeState : ConvolutionState {
  ConvTransposeState(size_t spatial, ConvTransposeOptions given, const Site &site)
      : ConvolutionState("Conv" + std::to_string(spatial) + "DTranspose", given.name, spatial,
                         site),
        options(std::move(given)) {}

  std::string findMistake() {
    std::string mistake = mistakeIn(options.kernel, options.strides, options.dilation, spatial);
    if (mistake.empty())
      mistake = atLeastOne("filters", options.filters);
    if (mistake.empty() && options.padding != "valid" && options.padding != "same")
      mistake = "padding '" + options.padding + "' is unknown, expected 'valid' or 'same'";
    if (!mistake.empty())
      return mistake;
    std::vector<int64_t> strides = options.strides.expand(spatial);
    std::vector<int64_t> dilation = options.dilation.expand(spatial);
    if (*std::max_element(strides.begin(), strides.end()) > 1 &&
        *std::max_element(dilation.begin(), dilation.end()) > 1)
      return "strides and dilation are both larger than 1";
    std::vector<int64_t> output = options.outputPadding.expand(spatial);
    if (!options.outputPadding.given())
      return "";
    if (output.size() != spatial)
      return "outputPadding has " + std::to_string(output.size()) + " entries, expected 1 or " +
             std::to_string(spatial);
    for (size_t i = 0; i < spatial; ++i)
      if (output[i] < 0 || output[i] >= strides[i])
        return "outputPadding is " + std::to_string(output[i]) + " for a stride of " +
               std::to_string(strides[i]) + ", expected 0 <= outputPadding < stride";
    return "";
  }

  // The result is (n - 1) stride + 2 - k + before + after elements, where before and after are
  // what is put around the input with stride - 1 zeros between its elements. The convolution whose
  // transpose this is has k - 1 minus those amounts around its input instead; a negative one means
  // elements at the end that no window covers.
  void addDimension(size_t i, const Dim &size, WindowOptions &window, Shape &sizes) {
    int64_t stride = window.strides[i];
    int64_t k = (options.kernel.expand(spatial)[i] - 1) * window.dilations[i] + 1;
    bool given = options.outputPadding.given();
    int64_t extra = given ? options.outputPadding.expand(spatial)[i] : 0;
    int64_t before = k - 1, after = k - 1 + (given ? extra : std::max(k, stride) - k);
    if (options.padding == "same") {
      int64_t total = given ? k + k % 2 - 2 + extra : stride + k - 2;
      before = std::min((total + 1) / 2, k - 1);
      after = total - before;
    }
    sizes.push_back(size * stride + (2 - k - stride + before + after));
    window.padLow.push_back(k - 1 - before);
    window.padHigh.push_back(std::max<int64_t>(0, k - 1 - after));
  }

  Values call(CallContext &context, const Values &inputs) override {
    int64_t channels =
        prepare(context, inputs[0], findMistake(), "({.filters = 32, .kernel = 3, .strides = 2})");
    if (!channels)
      return {context.entry.poison()};
    WindowOptions window{options.strides.expand(spatial), options.dilation.expand(spatial),
                         "explicit"};
    Shape input = inputs[0].shape(), sizes;
    for (size_t i = 0; i < spatial; ++i)
      addDimension(i, input[i + 1], window, sizes);
    Value kernel = context.weight(
        "kernel", shapeOf(options.kernel.expand(spatial), {options.filters, channels}),
        options.kernelInitializer);
    window.result = context.sumType();
    Value y = convTranspose(context.factor(inputs[0]), context.factor(kernel), sizes, window);
    return {context.finish(y, options.useBias, options.filters, options.biasInitializer,
                           options.activation)};
  }

  ConvTransposeOptions options;
};

} // namespace

#define DLC_CONVOLUTION(NAME, STATE, OPTIONS, N)                                                   \
  NAME::NAME(OPTIONS options, Site at)                                                             \
      : Layer(std::make_shared<STATE>(N, std::move(options), at)) {}
DLC_CONVOLUTION(DepthwiseConv1D, DepthwiseConvState, DepthwiseConvOptions, 1)
DLC_CONVOLUTION(DepthwiseConv2D, DepthwiseConvState, DepthwiseConvOptions, 2)
DLC_CONVOLUTION(SeparableConv1D, SeparableConvState, SeparableConvOptions, 1)
DLC_CONVOLUTION(SeparableConv2D, SeparableConvState, SeparableConvOptions, 2)
DLC_CONVOLUTION(Conv1DTranspose, ConvTransposeState, ConvTransposeOptions, 1)
DLC_CONVOLUTION(Conv2DTranspose, ConvTransposeState, ConvTransposeOptions, 2)
DLC_CONVOLUTION(Conv3DTranspose, ConvTransposeState, ConvTransposeOptions, 3)
#undef DLC_CONVOLUTION

} // namespace dlc
