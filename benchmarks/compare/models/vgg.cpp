// A VGG-like network for 32x32 colour images: pairs of 3x3 convolutions with batch normalisation,
// 64 to 256 filters, two dense layers with dropout; 10 classes, logits.
#include "dlc/dlc.h"

#ifndef DROPOUT
#define DROPOUT 0.5
#endif
using namespace dlc;

static Value convolved(const Value &x, int64_t filters, const std::string &name) {
  Value y = Conv2D({.filters = filters, .kernel = 3, .padding = "same", .useBias = false,
                    .name = name + "_conv"})(x);
  return Activation("relu")(BatchNormalization({.name = name + "_bn"})(y));
}

Program defineProgram() {
  Value image = Input({32, 32, 3});
  Value x = image;
  for (int block = 0; block < 3; ++block) {
    for (int index = 0; index < 2; ++index)
      x = convolved(x, int64_t(64) << block,
                    "block" + std::to_string(block + 1) + "_" + std::to_string(index + 1));
    x = MaxPooling2D({.pool = 2})(x);
  }
  x = Dense({.units = 512, .activation = "relu", .name = "fc"})(Flatten()(x));
  x = Dropout({.rate = DROPOUT})(x);
  Model model({image}, {Dense({.units = 10, .name = "predictions"})(x)}, {.name = "vgg"});
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
