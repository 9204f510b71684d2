// A network as small as they get, for a machine that has no operating system: two numbers in, one
// out. embed_c trains it to tell whether the two differ.
//
//   dlc compile examples/embed_c/model.cpp --emit=obj --freestanding --bind B=4 -o tiny.o
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({Input({2}), Dense({.units = 8, .activation = "tanh"}), Dense({.units = 1})},
                   {.name = "tiny"});
  return model.compile({
      .optimizer = Adam({.learningRate = 0.03}),
      .loss = BinaryCrossentropy({.fromLogits = true}),
  });
}
