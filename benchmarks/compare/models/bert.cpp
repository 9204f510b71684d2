// An encoder like BERT-base: 12 layers, LENGTH tokens, two classes.
#include "dlc/applications.h"
#include "dlc/dlc.h"

#ifndef DROPOUT
#define DROPOUT 0.1
#endif
#ifndef LENGTH
#define LENGTH 128
#endif
using namespace dlc;

Program defineProgram() {
  Model model = applications::Bert({.sequenceLength = LENGTH, .dropout = DROPOUT, .classes = 2});
  return model.compile({.optimizer = Adam({.learningRate = 0.0001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
