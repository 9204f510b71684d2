// A convolutional network for Fashion-MNIST (28x28 images of clothes, 10 classes).
//
//   dlc compile examples/fashion_mnist.cpp -o fashion.dlca
//   dlc train fashion.dlca --epochs 8 --batch 128 --weights w
//     --data "x=train-images-idx3-ubyte.gz:*1/255,y=train-labels-idx1-ubyte.gz"
//   dlc evaluate fashion.dlca --weights w
//     --data "x=t10k-images-idx3-ubyte.gz:*1/255,y=t10k-labels-idx1-ubyte.gz"
//
// Reaches 91 % test accuracy within 8 epochs (0.9154 measured with seed 1).
#include "dlc/dlc.h"

using namespace dlc;

// Convolution, normalisation, activation. Normalisation brings an offset of its own.
static Value block(const Value &x, int64_t filters) {
  Value y = Conv2D({.filters = filters, .kernel = 3, .padding = "same", .useBias = false})(x);
  return Activation("relu")(BatchNormalization({.momentum = 0.9})(y));
}

Program defineProgram() {
  Value image = Input({28, 28, 1});
  Value x = MaxPooling2D({.pool = 2})(block(image, 32));
  x = MaxPooling2D({.pool = 2})(block(x, 64));
  x = Flatten()(block(x, 128));
  x = Dense({.units = 128, .activation = "relu"})(x);
  x = Dropout({.rate = 0.4})(x);
  Value logits = Dense({.units = 10})(x);

  Model model({image}, {logits}, {.name = "fashion"});
  return model.compile({
      .optimizer = Adam({.learningRate = 0.001}),
      .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
      .metrics = {"accuracy"},
  });
}
