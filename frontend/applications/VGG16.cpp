// VGG16: blocks of 3 x 3 convolutions between poolings.
#include "Network.h"

namespace dlc::applications {

Model VGG16(ImageOptions options, Site at) {
  Network net("vgg16", std::move(options), 224, 32, at);
  const struct {
    int64_t filters;
    int convolutions;
  } blocks[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
  Value x = net.input();
  for (int i = 0; i < 5; ++i) {
    std::string block = "block" + std::to_string(i + 1);
    for (int j = 1; j <= blocks[i].convolutions; ++j)
      x = net(Conv2D({.filters = blocks[i].filters,
                      .kernel = 3,
                      .padding = "same",
                      .activation = "relu",
                      .name = block + "_conv" + std::to_string(j)},
                     at),
              {x});
    x = net(MaxPooling2D({.name = block + "_pool"}, at), {x});
  }
  if (!net.given().includeTop)
    return net.model(net.pool(x, "", ""));
  x = net(Flatten({.name = "flatten"}, at), {x});
  for (const char *name : {"fc1", "fc2"})
    x = net(Dense({.units = 4096, .activation = "relu", .name = name}, at), {x});
  return net.model(net.classify(x));
}

} // namespace dlc::applications
