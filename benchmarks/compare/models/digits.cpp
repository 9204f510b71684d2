// The convolutional network of examples/digits_convnet.cpp, 8x8 images.
#include "dlc/dlc.h"

#ifndef DROPOUT
#define DROPOUT 0.3
#endif
using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 32,
              .kernel = 3,
              .padding = "same",
              .activation = "relu",
              .name = "conv"}),
      Conv2D({.filters = 32,
              .kernel = 3,
              .padding = "same",
              .activation = "relu",
              .name = "conv_1"}),
      MaxPooling2D({.pool = 2}),
      Conv2D({.filters = 64,
              .kernel = 3,
              .padding = "same",
              .activation = "relu",
              .name = "conv_2"}),
      Flatten(),
      Dropout({.rate = DROPOUT}),
      Dense({.units = 10, .name = "dense"}),
  });
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
