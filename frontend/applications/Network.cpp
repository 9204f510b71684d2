// Input, top and options of networks for images.
#include "Network.h"
#include "frontend/builder/Graph.h"

namespace dlc::applications {

Network::Network(const char *name, ImageOptions given, int64_t size, int64_t least, Site at)
    : at(at), kind(name), options(std::move(given)) {
  if (options.inputShape.empty())
    options.inputShape = {size, size, 3};
  image = Input(options.inputShape, {}, at);
  check(least);
}

void Network::check(int64_t least) {
  const Shape &shape = options.inputShape;
  std::string mistake, hint;
  if (shape.size() != 3) {
    mistake = "inputShape is " + str(shape) + ", expected (height, width, channels)";
  } else if ((shape[0].isConstant() && shape[0].value() < least) ||
             (shape[1].isConstant() && shape[1].value() < least)) {
    mistake = "inputShape is " + str(shape) + ", expected at least " + std::to_string(least) +
              " x " + std::to_string(least);
    hint = "enlarge the images, for example with UpSampling2D";
  } else if (options.classes < 1) {
    mistake = "classes is " + std::to_string(options.classes) + ", expected at least 1";
  } else if (options.pooling != "" && options.pooling != "avg" && options.pooling != "max") {
    mistake = "pooling '" + options.pooling + "' is unknown";
    hint = "expected 'avg', 'max' or nothing";
  }
  if (!mistake.empty())
    image =
        detail::scratchEntry()->fail(std::string("application '") + kind + "'", at, mistake, hint);
}

Value Network::activate(const Value &x, const std::string &name) const {
  return (*this)(Activation(ActivationOptions{"relu", name}, at), {x});
}

Value Network::normalize(const Value &x, const std::string &name,
                         BatchNormalizationOptions given) const {
  given.name = name;
  return (*this)(BatchNormalization(given, at), {x});
}

Value Network::classify(const Value &x) const {
  return (*this)(Dense({.units = options.classes,
                        .activation = options.classifierActivation,
                        .name = "predictions"},
                       at),
                 {x});
}

Value Network::pool(const Value &x, const std::string &average, const std::string &largest) const {
  if (options.pooling == "avg")
    return (*this)(GlobalAveragePooling2D({.name = average}, at), {x});
  if (options.pooling == "max")
    return (*this)(GlobalMaxPooling2D({.name = largest}, at), {x});
  return x;
}

Value Network::top(const Value &x, const std::string &average, const std::string &largest) const {
  if (!options.includeTop)
    return pool(x, average, largest);
  return classify((*this)(GlobalAveragePooling2D({.name = average}, at), {x}));
}

Model Network::model(const Value &output) const {
  return Model({image}, {output}, {.name = options.name.empty() ? kind : options.name}, at);
}

} // namespace dlc::applications
