// MobileNetV2: inverted bottlenecks, which widen, convolve each channel by itself, and narrow.
#include "Network.h"

namespace dlc::applications {

namespace {

// |filters| as a multiple of 8, at most a tenth smaller.
int64_t divisible(double filters) {
  auto rounded = std::max<int64_t>(8, static_cast<int64_t>(filters + 4) / 8 * 8);
  return static_cast<double>(rounded) < 0.9 * filters ? rounded + 8 : rounded;
}

class MobileNet {
public:
  MobileNet(const Network &net, double alpha) : net(net), alpha(alpha) {}

  Value normalized(const Value &x, const std::string &name) const {
    return net.normalize(x, name, {.momentum = 0.999});
  }
  Value clipped(const Value &x, const std::string &name) const {
    return net(ReLU({.maxValue = 6, .name = name}, net.at), {x});
  }
  Value pointwise(const Value &x, int64_t filters, const std::string &name) const {
    return net(
        Conv2D({.filters = filters, .kernel = 1, .padding = "same", .useBias = false, .name = name},
               net.at),
        {x});
  }

  // Block |id|; block 0 does not widen.
  Value block(const Value &input, int id, int64_t filters, int64_t stride) const {
    if (!input.ok())
      return input;
    std::string prefix = id ? "block_" + std::to_string(id) + "_" : "expanded_conv_";
    int64_t channels = input.shape().back().value();
    Value x = input;
    if (id) {
      x = pointwise(x, 6 * channels, prefix + "expand");
      x = clipped(normalized(x, prefix + "expand_BN"), prefix + "expand_relu");
    }
    x = depthwise(x, stride, prefix);
    x = clipped(normalized(x, prefix + "depthwise_BN"), prefix + "depthwise_relu");
    int64_t narrow = divisible(static_cast<double>(static_cast<int64_t>(double(filters) * alpha)));
    x = normalized(pointwise(x, narrow, prefix + "project"), prefix + "project_BN");
    if (channels != narrow || stride != 1)
      return x;
    return net(Add({.name = prefix + "add"}, net.at), {input, x});
  }

private:
  Value depthwise(Value x, int64_t stride, const std::string &prefix) const {
    if (stride == 2) {
      // Even sizes need no element before them; of a symbolic size both ends are padded.
      auto before = [&](size_t axis) {
        Dim size = x.shape()[axis];
        return size.isConstant() ? size.value() % 2 : 0;
      };
      x = net(ZeroPadding2D({.padding = {{before(1), 1}, {before(2), 1}}, .name = prefix + "pad"},
                            net.at),
              {x});
    }
    return net(DepthwiseConv2D({.kernel = 3,
                                .strides = stride,
                                .padding = stride == 1 ? "same" : "valid",
                                .useBias = false,
                                .name = prefix + "depthwise"},
                               net.at),
               {x});
  }

  const Network &net;
  double alpha;
};

} // namespace

Model MobileNetV2(MobileNetV2Options options, Site at) {
  Network net("mobilenetv2",
              {options.inputShape, options.includeTop, options.pooling, options.classes,
               options.classifierActivation, options.name},
              224, 32, at);
  MobileNet blocks(net, options.alpha);
  Value x = net(Conv2D({.filters = divisible(32 * options.alpha),
                        .kernel = 3,
                        .strides = 2,
                        .padding = "same",
                        .useBias = false,
                        .name = "Conv1"},
                       at),
                {net.input()});
  x = blocks.clipped(blocks.normalized(x, "bn_Conv1"), "Conv1_relu");
  const struct {
    int64_t filters;
    int count;
    int64_t stride;
  } stacks[] = {{16, 1, 1}, {24, 2, 2},  {32, 3, 2}, {64, 4, 2},
                {96, 3, 1}, {160, 3, 2}, {320, 1, 1}};
  int id = 0;
  for (const auto &stack : stacks)
    for (int i = 0; i < stack.count; ++i)
      x = blocks.block(x, id++, stack.filters, i ? 1 : stack.stride);
  x = net(Conv2D({.filters = options.alpha > 1 ? divisible(1280 * options.alpha) : 1280,
                  .kernel = 1,
                  .useBias = false,
                  .name = "Conv_1"},
                 at),
          {x});
  x = blocks.clipped(blocks.normalized(x, "Conv_1_bn"), "out_relu");
  return net.model(net.top(x, "", ""));
}

} // namespace dlc::applications
