// A network with a weight of many rows and a normalisation behind it: prediction reads both as
// panels of their product, and training refreshes them.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 10, .kernel = 3, .padding = "same", .activation = "relu"}),
      Flatten(),
      Dense({.units = 100}),
      BatchNormalization({.momentum = 0.9, .name = "norm"}),
      Activation("relu"),
      Dense({.units = 10}),
  });
  return model.compile({
      .optimizer = SGD({.learningRate = 0.05}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
