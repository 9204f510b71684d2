// Xception of dlc::applications on 299x299 images, 1000 classes, logits.
#include "dlc/applications.h"
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Model model = applications::Xception({.classifierActivation = ""});
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
