// What the networks for images share: their input, their top, and layers called in one breath at
// the user's place.
#pragma once
#include "dlc/applications.h"

namespace dlc::applications {

/// A network under construction. Calls are recorded at the place where the user asked for it.
class Network {
public:
  /// Reports what is wrong with |options|. |size| is the usual height and width, |least| the
  /// smallest one.
  Network(const char *name, ImageOptions options, int64_t size, int64_t least, Site at);

  /// The image; poisoned after a report.
  Value input() const { return image; }

  /// One call of a layer.
  Value operator()(const Layer &layer, const Values &inputs) const { return layer(inputs, {}, at); }
  Value activate(const Value &x, const std::string &name) const;
  Value normalize(const Value &x, const std::string &name,
                  BatchNormalizationOptions options = {}) const;

  /// Average pooling and the classifier, or what the options say instead. Empty names number the
  /// pooling layers.
  Value top(const Value &x, const std::string &average, const std::string &largest) const;
  Value classify(const Value &x) const;
  Value pool(const Value &x, const std::string &average, const std::string &largest) const;
  /// The model from the image to |output|.
  Model model(const Value &output) const;

  const ImageOptions &given() const { return options; }
  const Site at;

private:
  void check(int64_t least);

  const char *kind;
  ImageOptions options;
  Value image;
};

} // namespace dlc::applications
