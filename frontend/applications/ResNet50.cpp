// ResNet-50: stacks of bottlenecks, each with a shortcut around it.
#include "Network.h"

namespace dlc::applications {

namespace {

class ResNet {
public:
  explicit ResNet(const Network &net) : net(net) {}

  Value stack(Value x, const std::string &name, int64_t filters, int blocks, int64_t stride) const {
    for (int i = 1; i <= blocks; ++i)
      x = block(x, name + "_block" + std::to_string(i), filters, i == 1 ? stride : 1, i == 1);
    return x;
  }

  Value normalized(const Value &x, const std::string &name, const ConvOptions &options) const {
    return net.normalize(net(Conv2D(options, net.at), {x}), name + "_bn", {.epsilon = 1.001e-5});
  }

private:
  // The shortcut of a stack's first block changes the number of channels, and the size.
  Value block(const Value &x, const std::string &name, int64_t filters, int64_t stride,
              bool first) const {
    Value shortcut = x;
    if (first)
      shortcut = normalized(
          x, name + "_0",
          {.filters = 4 * filters, .kernel = 1, .strides = stride, .name = name + "_0_conv"});
    Value y =
        normalized(x, name + "_1",
                   {.filters = filters, .kernel = 1, .strides = stride, .name = name + "_1_conv"});
    y = net.activate(y, name + "_1_relu");
    y = normalized(y, name + "_2",
                   {.filters = filters, .kernel = 3, .padding = "same", .name = name + "_2_conv"});
    y = net.activate(y, name + "_2_relu");
    y = normalized(y, name + "_3", {.filters = 4 * filters, .kernel = 1, .name = name + "_3_conv"});
    y = net(Add({.name = name + "_add"}, net.at), {shortcut, y});
    return net.activate(y, name + "_out");
  }

  const Network &net;
};

} // namespace

Model ResNet50(ImageOptions options, Site at) {
  Network net("resnet50", std::move(options), 224, 32, at);
  ResNet blocks(net);
  Value x = net(ZeroPadding2D({.padding = 3, .name = "conv1_pad"}, at), {net.input()});
  x = blocks.normalized(x, "conv1",
                        {.filters = 64, .kernel = 7, .strides = 2, .name = "conv1_conv"});
  x = net.activate(x, "conv1_relu");
  x = net(ZeroPadding2D({.padding = 1, .name = "pool1_pad"}, at), {x});
  x = net(MaxPooling2D({.pool = 3, .strides = 2, .name = "pool1_pool"}, at), {x});
  x = blocks.stack(x, "conv2", 64, 3, 1);
  x = blocks.stack(x, "conv3", 128, 4, 2);
  x = blocks.stack(x, "conv4", 256, 6, 2);
  x = blocks.stack(x, "conv5", 512, 3, 2);
  return net.model(net.top(x, "avg_pool", "max_pool"));
}

} // namespace dlc::applications
