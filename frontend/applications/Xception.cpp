// Xception: separable convolutions, with a shortcut around every few of them.
#include "Network.h"

namespace dlc::applications {

namespace {

class Blocks {
public:
  explicit Blocks(const Network &net) : net(net) {}

  Value convolution(const Value &x, const std::string &name, int64_t filters,
                    int64_t stride) const {
    Value y = net(
        Conv2D({.filters = filters, .kernel = 3, .strides = stride, .useBias = false, .name = name},
               net.at),
        {x});
    return net.activate(net.normalize(y, name + "_bn"), name + "_act");
  }

  Value separable(const Value &x, const std::string &name, int64_t filters) const {
    Value y = net(
        SeparableConv2D(
            {.filters = filters, .kernel = 3, .padding = "same", .useBias = false, .name = name},
            net.at),
        {x});
    return net.normalize(y, name + "_bn");
  }

  // Halves the image; the shortcut is a convolution with stride 2.
  Value shrink(const Value &x, int number, int64_t first, int64_t second, bool activate) const {
    std::string block = "block" + std::to_string(number);
    Value shortcut = net(
        Conv2D({.filters = second, .kernel = 1, .strides = 2, .padding = "same", .useBias = false},
               net.at),
        {x});
    shortcut = net.normalize(shortcut, "");
    Value y = activate ? net.activate(x, block + "_sepconv1_act") : x;
    y = separable(y, block + "_sepconv1", first);
    y = net.activate(y, block + "_sepconv2_act");
    y = separable(y, block + "_sepconv2", second);
    y = net(
        MaxPooling2D({.pool = 3, .strides = 2, .padding = "same", .name = block + "_pool"}, net.at),
        {y});
    return net(Add({}, net.at), {y, shortcut});
  }

  Value keep(const Value &x, int number) const {
    Value y = x;
    for (int i = 1; i <= 3; ++i) {
      std::string name = "block" + std::to_string(number) + "_sepconv" + std::to_string(i);
      y = separable(net.activate(y, name + "_act"), name, 728);
    }
    return net(Add({}, net.at), {y, x});
  }

private:
  const Network &net;
};

} // namespace

Model Xception(ImageOptions options, Site at) {
  Network net("xception", std::move(options), 299, 71, at);
  Blocks blocks(net);
  Value x = blocks.convolution(net.input(), "block1_conv1", 32, 2);
  x = blocks.convolution(x, "block1_conv2", 64, 1);
  x = blocks.shrink(x, 2, 128, 128, /*activate=*/false);
  x = blocks.shrink(x, 3, 256, 256, /*activate=*/true);
  x = blocks.shrink(x, 4, 728, 728, /*activate=*/true);
  for (int number = 5; number <= 12; ++number)
    x = blocks.keep(x, number);
  x = blocks.shrink(x, 13, 728, 1024, /*activate=*/true);
  x = net.activate(blocks.separable(x, "block14_sepconv1", 1536), "block14_sepconv1_act");
  x = net.activate(blocks.separable(x, "block14_sepconv2", 2048), "block14_sepconv2_act");
  std::string pooling = net.given().includeTop ? "avg_pool" : "";
  return net.model(net.top(x, pooling, ""));
}

} // namespace dlc::applications
