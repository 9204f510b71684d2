// The network of embedded.c: weights, statistics, random numbers, an optimizer's slots, and variables
// that are derived from one and from several others (a filter and an offset with the statistics
// folded in), which entries bring up to date and make stale.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 4, .kernel = 3, .padding = "same"}),
      BatchNormalization(),
      Activation("relu"),
      Flatten(),
      Dropout({.rate = 0.2}),
      Dense({.units = 16, .activation = "relu"}),
      Dense({.units = 10}),
  });
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
