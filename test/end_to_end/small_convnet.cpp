// A network small enough for the evaluator, with one layer of each kind that training needs.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 4, .kernel = 3, .padding = "same", .activation = "relu"}),
      MaxPooling2D({.pool = 2}),
      Flatten(),
      Dense({.units = 16, .activation = "relu"}),
      Dense({.units = 10}),
  });
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
