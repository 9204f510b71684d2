// Attention over sequences of any length, with padding and without a look ahead.
#include "dlc/dlc.h"

using namespace dlc;

Program defineProgram() {
  Value x = Input({"S", 24}, {.name = "x"});
  Value seen = Input({"S"}, {.dtype = DType::Bool, .name = "seen"});
  Value y =
      MultiHeadAttention({.numHeads = 3, .keyDim = 8})(x, {.mask = seen, .useCausalMask = true});
  Model model({x, seen}, {Dense({.units = 1})(GlobalAveragePooling1D()(y))});
  return model.compile({.optimizer = SGD({.learningRate = 0.1}), .loss = "mse"});
}
