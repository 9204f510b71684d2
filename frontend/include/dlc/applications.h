// Known networks, ready to be compiled or put into larger models. Weights are random until trained
// or loaded.
//
//   Model network = applications::ResNet50({.inputShape = {64, 64, 3}, .classes = 10,
//                                           .classifierActivation = ""});
//   Program program = network.compile({.optimizer = SGD({.momentum = 0.9}),
//                                      .loss = SparseCategoricalCrossentropy({.fromLogits =
//                                      true})});
//
// The convolutional ones are those of Keras 3: the same layers under the same names, so the same
// variables; test/frontend/golden/applications.json has the list. Layers that have no name of their
// own (of Xception's shortcuts, and global pooling) are numbered as usual: call clearSession()
// first where their names matter. Options that do not fit are errors of the model.
#ifndef DLC_APPLICATIONS_H
#define DLC_APPLICATIONS_H

#include "dlc/model.h"

namespace dlc::applications {

struct ImageOptions {
  /// Height, width, channels; empty: the network's own, 224 x 224 x 3 (Xception: 299 x 299 x 3).
  Shape inputShape = {};
  /// With the classifier on top.
  bool includeTop = true;
  /// Without it: "avg" or "max" over the image, or "" for the last feature map.
  std::string pooling = "";
  int64_t classes = 1000;
  /// "" for logits.
  std::string classifierActivation = "softmax";
  std::string name = "";
};

/// He et al. 2015, arXiv:1512.03385; 25,636,712 parameters.
Model ResNet50(ImageOptions options = {}, Site at = Site::current());
/// Simonyan and Zisserman 2014, arXiv:1409.1556; 138,357,544 parameters. With its top it takes
/// images of a known size.
Model VGG16(ImageOptions options = {}, Site at = Site::current());
/// Chollet 2016, arXiv:1610.02357; 22,910,480 parameters.
Model Xception(ImageOptions options = {}, Site at = Site::current());

struct MobileNetV2Options {
  Shape inputShape = {};
  /// Scales the number of filters of every layer.
  double alpha = 1;
  bool includeTop = true;
  std::string pooling = "";
  int64_t classes = 1000;
  std::string classifierActivation = "softmax";
  std::string name = "";
};
/// Sandler et al. 2018, arXiv:1801.04381; 3,538,984 parameters.
Model MobileNetV2(MobileNetV2Options options = {}, Site at = Site::current());

struct BertOptions {
  int64_t vocabularySize = 30522;
  /// A number or a symbol ("S"), which is then at most maxSequenceLength.
  Dim sequenceLength = 128;
  int64_t maxSequenceLength = 512;
  int64_t layers = 12;
  int64_t heads = 12;
  int64_t hiddenDim = 768;
  int64_t intermediateDim = 3072;
  /// Kinds of segments, given by a second input `segments`; 0: there is no such input.
  int64_t segments = 2;
  double dropout = 0.1;
  /// Positions of token 0 are not looked at.
  bool maskPadding = true;
  /// More than 0: logits of so many classes, from the pooled output.
  int64_t classes = 0;
  std::string name = "bert";
};
/// An encoder in the manner of BERT (Devlin et al. 2018, arXiv:1810.04805): embeddings of tokens,
/// positions and segments; layers of attention and of two dense layers (gelu), each normalised
/// after its shortcut. Inputs: I32 `tokens` [B, S] and `segments` [B, S]. Outputs: the sequence [B,
/// S, hiddenDim] and the pooled output, tanh of a dense layer on the first position, [B,
/// hiddenDim]; or logits. The defaults are BERT-base: 109,482,240 parameters.
Model Bert(BertOptions options = {}, Site at = Site::current());

struct GPT2Options {
  int64_t vocabularySize = 50257;
  /// A number or a symbol ("S"), which is then at most maxSequenceLength.
  Dim sequenceLength = 256;
  int64_t maxSequenceLength = 1024;
  int64_t layers = 12;
  int64_t heads = 12;
  int64_t hiddenDim = 768;
  int64_t intermediateDim = 3072;
  double dropout = 0.1;
  std::string name = "gpt2";
};
/// A decoder in the manner of GPT-2 (Radford et al. 2019): embeddings of tokens and positions;
/// layers of causal attention and of two dense layers (gelu by tanh), each after a normalisation
/// and with a shortcut; logits by the table of tokens. Input: I32 `tokens` [B, S]. Output: logits
/// [B, S, vocabularySize]. The defaults are GPT-2 small: 124,439,808 parameters.
Model GPT2(GPT2Options options = {}, Site at = Site::current());

} // namespace dlc::applications

#endif
