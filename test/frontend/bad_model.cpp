// A model with a mistake, for model_file.test.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({Input({28, 28}),
                    Conv2D({.filters = 8, .kernel = 3})});
  return model.compile({.loss = "mse"});
}
