// ResNet50 of dlc::applications on 224x224 images, 1000 classes, logits.
#include "dlc/applications.h"
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Model model = applications::ResNet50({.classifierActivation = ""});
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
