// One dense layer: what a call costs.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({Input({32}), Dense({.units = 32, .name = "dense"})});
  return model.compile({.optimizer = SGD({.learningRate = 0.01}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
