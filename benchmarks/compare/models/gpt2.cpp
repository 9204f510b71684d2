// A decoder like GPT-2 small: 12 layers, causal, tied embeddings; LENGTH tokens.
#include "dlc/applications.h"
#include "dlc/dlc.h"

#ifndef DROPOUT
#define DROPOUT 0.1
#endif
#ifndef LENGTH
#define LENGTH 64
#endif
using namespace dlc;

Program defineProgram() {
  Model model = applications::GPT2({.sequenceLength = LENGTH, .dropout = DROPOUT});
  return model.compile({.optimizer = Adam({.learningRate = 0.0001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
