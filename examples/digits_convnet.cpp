// A small convolutional network that reads handwritten digits (8x8 images, 10 classes).
//
//   dlc compile examples/digits_convnet.cpp -o digits.dlca
//   D=examples/data/digits.csv.gz
//   dlc train digits.dlca --data "x=$D:0-63*0.0625,y=$D:64,?except=5" --epochs 30 --weights w
//   dlc evaluate digits.dlca --weights w --data "x=$D:0-63*0.0625,y=$D:64,?every=5"
//
// Reaches a test accuracy of at least 0.97 on the 360 images that training never sees.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Sequential model({
      Input({8, 8, 1}),
      Conv2D({.filters = 32, .kernel = 3, .padding = "same", .activation = "relu"}),
      Conv2D({.filters = 32, .kernel = 3, .padding = "same", .activation = "relu"}),
      MaxPooling2D({.pool = 2}),
      Conv2D({.filters = 64, .kernel = 3, .padding = "same", .activation = "relu"}),
      Flatten(),
      Dropout({.rate = 0.3}),
      Dense({.units = 10}),
  });
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
