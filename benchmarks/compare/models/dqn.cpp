// The network of a small control task: 4-32-32-2.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({4}),
      Dense({.units = 32, .activation = "relu", .name = "dense"}),
      Dense({.units = 32, .activation = "relu", .name = "dense_1"}),
      Dense({.units = 2, .name = "dense_2"}),
  });
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
