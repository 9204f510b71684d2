// The layer of encoder_layer.cpp with dropout where BERT has it: on the probabilities of attention,
// and before both shortcuts. The assembly test reads its kernels.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Value x = Input({128, 256});
  Value a = MultiHeadAttention({.numHeads = 4, .keyDim = 64, .dropout = 0.1})(x);
  Value y = LayerNormalization()(Add()({x, Dropout({.rate = 0.1})(a)}));
  Value h = Dense({.units = 256})(Dense({.units = 1024, .activation = "gelu"})(y));
  Value z = LayerNormalization()(Add()({y, Dropout({.rate = 0.1})(h)}));
  Value logits = Dense({.units = 16})(Flatten()(z));
  Model model({x}, {logits});
  return model.compile({.optimizer = Adam({.learningRate = 0.0001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
