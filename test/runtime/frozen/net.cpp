// The network of the frozen artifacts, api1.dlca so far: small, with one layer of each kind that
// has state of each kind that training changes: weights, random numbers, an optimizer's slots.
//
//   dlc compile test/runtime/frozen/net.cpp --cpu=x86-64-v2 -o test/runtime/frozen/apiN.dlca
//
// made api1.dlca with the compiler of API version 1.0 and ABI version 2, and will make those of
// later major versions. A file that stands here is never made anew: that later runtimes open it,
// train it and come to the same numbers is what frozen_test.cpp is about.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({Input({16}), Dense({.units = 8, .activation = "relu"}),
                    Dropout({.rate = 0.25}), Dense({.units = 4})},
                   {.name = "frozen"});
  return model.compile({.optimizer = SGD({.learningRate = 0.05, .momentum = 0.9}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
