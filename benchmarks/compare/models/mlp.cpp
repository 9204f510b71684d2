// 784-512-512-10, for handwritten digits.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({784}),
      Dense({.units = 512, .activation = "relu", .name = "dense"}),
      Dense({.units = 512, .activation = "relu", .name = "dense_1"}),
      Dense({.units = 10, .name = "dense_2"}),
  });
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
