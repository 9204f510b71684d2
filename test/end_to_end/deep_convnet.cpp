// Deep enough that activations are most of what a training step keeps: normalisation and dropout in
// every layer, whose values the backward pass reads again.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({Input({8, 8, 1})});
  for (int layer = 0; layer < 10; ++layer) {
    model.add(Conv2D({.filters = 16, .kernel = 3, .padding = "same"}));
    model.add(BatchNormalization());
    model.add(Activation("relu"));
    model.add(Dropout({.rate = 0.1}));
  }
  model.add(Flatten());
  model.add(Dense({.units = 10}));
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
