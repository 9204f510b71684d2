// Every kind of layer: the ones that only combine, move or change elements are here, the others in
// the headers that this one includes. layer.h says what a layer is.
#ifndef DLC_LAYERS_H
#define DLC_LAYERS_H

#include "dlc/attention.h"
#include "dlc/layer.h"
#include "dlc/normalization.h"
#include "dlc/windows.h"

namespace dlc {

struct DenseOptions {
  int64_t units = 0;
  std::string activation = "";
  bool useBias = true;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// y = activation(x kernel + bias) on the last dimension of an input of any rank >= 2. Weights:
/// kernel (in, units), bias (units).
class Dense : public Layer {
public:
  Dense(DenseOptions options, Site at = Site::current());
};

struct ActivationOptions {
  std::string activation;
  std::string name = "";
};
/// `Activation("relu")`: see activation() for the names.
class Activation : public Layer {
public:
  Activation(const char *activation, Site at = Site::current());
  Activation(ActivationOptions options, Site at = Site::current());
};

struct ReLUOptions {
  /// The largest result, if there is one.
  std::optional<double> maxValue = {};
  /// Slope below the threshold.
  double negativeSlope = 0;
  double threshold = 0;
  std::string name = "";
};
/// maxValue above it, x above the threshold, negativeSlope * (x - threshold) below.
class ReLU : public Layer {
public:
  ReLU(ReLUOptions options = {}, Site at = Site::current());
};

struct LeakyReLUOptions {
  double negativeSlope = 0.3;
  std::string name = "";
};
/// x where it is positive, else negativeSlope * x.
class LeakyReLU : public Layer {
public:
  LeakyReLU(LeakyReLUOptions options = {}, Site at = Site::current());
};

struct ELUOptions {
  double alpha = 1;
  std::string name = "";
};
/// x where it is positive, else alpha * (exp(x) - 1).
class ELU : public Layer {
public:
  ELU(ELUOptions options = {}, Site at = Site::current());
};

struct SoftmaxOptions {
  int64_t axis = -1;
  std::string name = "";
};
class Softmax : public Layer {
public:
  Softmax(SoftmaxOptions options = {}, Site at = Site::current());
};

// Of two or more inputs (Subtract: of two) of one rank and element type; sizes of 1 stretch.
class Add : public Layer {
public:
  Add(NameOptions options = {}, Site at = Site::current());
};
/// The first minus the second.
class Subtract : public Layer {
public:
  Subtract(NameOptions options = {}, Site at = Site::current());
};
class Multiply : public Layer {
public:
  Multiply(NameOptions options = {}, Site at = Site::current());
};
class Average : public Layer {
public:
  Average(NameOptions options = {}, Site at = Site::current());
};
class Maximum : public Layer {
public:
  Maximum(NameOptions options = {}, Site at = Site::current());
};
class Minimum : public Layer {
public:
  Minimum(NameOptions options = {}, Site at = Site::current());
};

struct ConcatenateOptions {
  int64_t axis = -1;
  std::string name = "";
};
/// Inputs one after the other along an axis.
class Concatenate : public Layer {
public:
  Concatenate(ConcatenateOptions options = {}, Site at = Site::current());
};

struct DotOptions {
  /// Dimensions to multiply and sum over, of the first and the second input: `1`, `{2, 1}`.
  Sizes axes = -1;
  /// Divide inputs by their length along the axis first: the cosine.
  bool normalize = false;
  std::string name = "";
};
/// Sums of products of two inputs, for each sample: [B, m, k] and [B, n, k] to [B, m, n] with axes
/// 2. Vectors give [B, 1].
class Dot : public Layer {
public:
  Dot(DotOptions options, Site at = Site::current());
};

/// [B, ...] to [B, product of the rest].
class Flatten : public Layer {
public:
  Flatten(NameOptions options = {}, Site at = Site::current());
};

struct ReshapeOptions {
  /// Without the batch; one size may be -1.
  Shape shape;
  std::string name = "";
};
class Reshape : public Layer {
public:
  Reshape(ReshapeOptions options, Site at = Site::current());
};

struct PermuteOptions {
  /// Dimension i of the result is dimension dims[i - 1] of the input; the batch is dimension 0 and
  /// stays.
  std::vector<int64_t> dims;
  std::string name = "";
};
class Permute : public Layer {
public:
  Permute(PermuteOptions options, Site at = Site::current());
};

struct RepeatVectorOptions {
  Dim n = 1;
  std::string name = "";
};
/// [B, features] to [B, n, features].
class RepeatVector : public Layer {
public:
  RepeatVector(RepeatVectorOptions options, Site at = Site::current());
};

struct DropoutOptions {
  /// The share of elements that become 0 in training; the others are divided by 1 - rate.
  double rate = 0.5;
  std::string name = "";
};
class Dropout : public Layer {
public:
  Dropout(DropoutOptions options, Site at = Site::current());
};
/// Drops whole channels: one draw for each sample and channel.
class SpatialDropout1D : public Layer {
public:
  SpatialDropout1D(DropoutOptions options, Site at = Site::current());
};
class SpatialDropout2D : public Layer {
public:
  SpatialDropout2D(DropoutOptions options, Site at = Site::current());
};
class SpatialDropout3D : public Layer {
public:
  SpatialDropout3D(DropoutOptions options, Site at = Site::current());
};

struct GaussianNoiseOptions {
  double stddev = 0;
  std::string name = "";
};
/// Adds normal numbers in training.
class GaussianNoise : public Layer {
public:
  GaussianNoise(GaussianNoiseOptions options, Site at = Site::current());
};
/// Multiplies by normal numbers of mean 1 and variance rate / (1 - rate) in training.
class GaussianDropout : public Layer {
public:
  GaussianDropout(DropoutOptions options, Site at = Site::current());
};

struct EmbeddingOptions {
  int64_t inputDim = 0;
  int64_t outputDim = 0;
  /// The result carries the mask x != 0.
  bool maskZero = false;
  Initializer embeddingsInitializer = RandomUniform(-0.05, 0.05);
  std::string name = "";
};
/// Rows of a table by integer index: [B, ...] of I32 or I64 to [B, ..., outputDim]. Weights:
/// embeddings (inputDim, outputDim).
class Embedding : public Layer {
public:
  Embedding(EmbeddingOptions options, Site at = Site::current());
};

/// An embedding whose table also makes logits, tied: called with {.reverse = true} it takes [B,
/// ..., outputDim] to [B, ..., inputDim], by the transposed table. Weights: embeddings (inputDim,
/// outputDim).
class ReversibleEmbedding : public Layer {
public:
  ReversibleEmbedding(EmbeddingOptions options, Site at = Site::current());
};

struct PositionEmbeddingOptions {
  /// The longest input.
  int64_t sequenceLength = 0;
  Initializer embeddingsInitializer = GlorotUniform();
  std::string name = "";
};
/// A learned vector for each position, in the shape of the input: [B, time, features]. Weights:
/// embeddings (sequenceLength, features). A symbolic length gets sequenceLength as its maximum.
class PositionEmbedding : public Layer {
public:
  PositionEmbedding(PositionEmbeddingOptions options, Site at = Site::current());
};

struct LambdaOptions {
  std::string name = "";
};
/// Code of the user on ops; without weights.
///
///   Lambda([](Value x) { return tanh(x) * 2; })
class Lambda : public Layer {
public:
  Lambda(std::function<Value(Value)> function, LambdaOptions options = {},
         Site at = Site::current());
  Lambda(std::function<Value(Values)> function, LambdaOptions options = {},
         Site at = Site::current());
};

} // namespace dlc

#endif
