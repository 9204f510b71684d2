// The network of embed_train_c and embed_cpp: reads 28x28 images of ten classes, as MNIST has them.
//
//   dlc compile examples/embed_train_c/model.cpp --emit=obj -o mnist_mlp.o     # and mnist_mlp.h
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model(
      {Input({784}), Dense({.units = 128, .activation = "relu"}), Dense({.units = 10})},
      {.name = "mnist_mlp"});
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
