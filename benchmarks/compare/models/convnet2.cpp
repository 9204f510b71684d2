// Two convolutions and a dense layer on 8x8 images.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 16,
              .kernel = 3,
              .padding = "same",
              .activation = "relu",
              .name = "conv"}),
      Conv2D({.filters = 16,
              .kernel = 3,
              .padding = "same",
              .activation = "relu",
              .name = "conv_1"}),
      Flatten(),
      Dense({.units = 10, .name = "dense"}),
  });
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
