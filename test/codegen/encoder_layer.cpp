// A layer of an encoder, small but of the usual make: attention, dense layers with gelu, and layer
// norms behind their shortcuts, with the step that trains them. The assembly test reads its kernels.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Value x = Input({128, 256});
  Value a = MultiHeadAttention({.numHeads = 4, .keyDim = 64})(x);
  Value y = LayerNormalization()(Add()({x, a}));
  Value h = Dense({.units = 1024, .activation = "gelu"})(y);
  Value z = LayerNormalization()(Add()({y, Dense({.units = 256})(h)}));
  Value logits = Dense({.units = 16})(Flatten()(z));
  Model model({x}, {logits});
  return model.compile({.optimizer = Adam({.learningRate = 0.0001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}
