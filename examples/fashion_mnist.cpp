// A convolutional network for Fashion-MNIST (28x28 images of clothes, 10 classes).
//
//   dlc compile examples/fashion_mnist.cpp -o fashion.dlca
//   dlc train fashion.dlca --epochs 8 --batch 64
//     --data "x=train-images-idx3-ubyte.gz:*1/255,y=train-labels-idx1-ubyte.gz"
//     --validation "x=t10k-images-idx3-ubyte.gz:*1/255,y=t10k-labels-idx1-ubyte.gz"
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Value image = Input({28, 28, 1});
  Value x = Conv2D({.filters = 32, .kernel = 3, .padding = "same", .useBias = false})(image);
  x = Activation("relu")(BatchNormalization()(x));
  x = MaxPooling2D({.pool = 2})(x);
  x = Conv2D({.filters = 64, .kernel = 3, .padding = "same", .useBias = false})(x);
  x = Activation("relu")(BatchNormalization()(x));
  x = MaxPooling2D({.pool = 2})(x);
  x = Dropout({.rate = 0.25})(Flatten()(x));
  x = Dense({.units = 128, .activation = "relu"})(x);
  x = Dropout({.rate = 0.3})(x);
  Value logits = Dense({.units = 10})(x);

  Model model({image}, {logits}, {.name = "fashion"});
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
