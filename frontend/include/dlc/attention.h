// Attention: positions of a sequence that look at positions of another, or of the same.
#ifndef DLC_ATTENTION_H
#define DLC_ATTENTION_H

#include "dlc/layer.h"

namespace dlc {

struct MultiHeadAttentionOptions {
  int64_t numHeads = 0;
  /// Size of each head's queries and keys.
  int64_t keyDim = 0;
  /// Size of each head's values; 0: keyDim.
  int64_t valueDim = 0;
  /// The share of probabilities that become 0 in training.
  double dropout = 0;
  bool useBias = true;
  /// Size of the result's last dimension; 0: that of the query.
  int64_t outputDim = 0;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// Called with {query, value} or {query, value, key}, of [B, T, D], [B, S, E] and [B, S, F]; the
/// value is the key when none is given, and one input is all three:
///
///   Value y = MultiHeadAttention({.numHeads = 8, .keyDim = 64})(x, {.useCausalMask = true});
///
/// Heads project each of them, take probabilities softmax(query . key / sqrt(keyDim)) over S, and
/// average the values by them; results of all heads are projected to [B, T, outputDim].
///
/// A position of the query looks where all of these allow it: Call's attentionMask, mask and
/// useCausalMask, and the masks that inputs carry (the query's own hides its rows; in place of
/// Call's mask, the value's and the key's). Where it may look nowhere, probabilities are 0.
///
/// Weights: query/kernel (D, heads, keyDim), query/bias (heads, keyDim), the same of key and value,
/// attention_output/kernel (heads, valueDim, outputDim), attention_output/bias (outputDim).
class MultiHeadAttention : public Layer {
public:
  MultiHeadAttention(MultiHeadAttentionOptions options, Site at = Site::current());
};

struct DotProductAttentionOptions {
  /// Bool, stretches to [B, heads, T, S]: true where a query may look.
  Value mask = {};
  /// Query i looks at keys 0 to i only.
  bool causal = false;
  /// Factor of the products; 1 / sqrt(D) when it is left out.
  std::optional<double> scale = {};
  /// The share of probabilities that become 0; the others are divided by 1 - dropout.
  double dropout = 0;
};
/// softmax(scale * query . key) . value for |query| [B, T, heads, D], |key| [B, S, heads, D] and
/// |value| [B, S, heads, V]: [B, T, heads, V]. A query that may look nowhere gets 0.
Value dotProductAttention(Operand query, Operand key, Operand value,
                          DotProductAttentionOptions options = {});

} // namespace dlc

#endif
