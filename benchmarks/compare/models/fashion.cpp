// The convolutional network of examples/fashion_mnist.cpp, 28x28 images.
#include "dlc/dlc.h"

#ifndef DROPOUT
#define DROPOUT 0.4
#endif
using namespace dlc;

static Value block(const Value &x, int64_t filters, std::string number) {
  Value y = Conv2D({.filters = filters,
                    .kernel = 3,
                    .padding = "same",
                    .useBias = false,
                    .name = "conv" + number})(x);
  return Activation("relu")(BatchNormalization({.momentum = 0.9, .name = "norm" + number})(y));
}

Program defineProgram() {
  Value image = Input({28, 28, 1});
  Value x = MaxPooling2D({.pool = 2})(block(image, 32, ""));
  x = MaxPooling2D({.pool = 2})(block(x, 64, "_1"));
  x = Flatten()(block(x, 128, "_2"));
  x = Dense({.units = 128, .activation = "relu", .name = "dense"})(x);
  x = Dropout({.rate = DROPOUT})(x);
  Model model({image}, {Dense({.units = 10, .name = "dense_1"})(x)}, {.name = "fashion"});
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
