// Transformers: an encoder in the manner of BERT and a decoder in the manner of GPT-2.
#include "dlc/applications.h"
#include "frontend/builder/Graph.h"

namespace dlc::applications {

namespace {

// What both are made of. Calls are recorded at the place where the user asked for the model.
class Transformer {
public:
  struct Sizes {
    int64_t layers, heads, hidden, intermediate;
    double dropout;
  };
  Transformer(const char *kind, Sizes sizes, Initializer initializer, std::string activation,
              Site at)
      : kind(kind), sizes(sizes), initializer(std::move(initializer)),
        activation(std::move(activation)), at(at) {}

  // False after reporting sizes that fit no model.
  bool check(int64_t vocabulary, int64_t positions) const {
    const std::pair<const char *, int64_t> counts[] = {
        {"vocabularySize", vocabulary}, {"maxSequenceLength", positions},
        {"layers", sizes.layers},       {"heads", sizes.heads},
        {"hiddenDim", sizes.hidden},    {"intermediateDim", sizes.intermediate}};
    for (const auto &[what, count] : counts)
      if (count < 1)
        return fail(what + (" is " + std::to_string(count)) + ", expected at least 1", "");
    if (sizes.hidden % sizes.heads)
      return fail("hiddenDim = " + std::to_string(sizes.hidden) +
                      " is no multiple of heads = " + std::to_string(sizes.heads),
                  "each head takes an equal part of the features");
    return true;
  }

  Value call(const Layer &layer, const Values &inputs, const Call &options = {}) const {
    return layer(inputs, options, at);
  }
  Value add(const Values &inputs, const std::string &name) const {
    return call(Add({.name = name}, at), inputs);
  }
  Value dropout(const Value &x, const std::string &name) const {
    return call(Dropout({.rate = sizes.dropout, .name = name}, at), {x});
  }
  Value normalize(const Value &x, double epsilon, const std::string &name) const {
    return call(LayerNormalization({.epsilon = epsilon, .name = name}, at), {x});
  }
  Value dense(const Value &x, int64_t units, const std::string &function,
              const std::string &name) const {
    return call(Dense({.units = units,
                       .activation = function,
                       .kernelInitializer = initializer,
                       .name = name},
                      at),
                {x});
  }
  Value attend(const Value &x, const Call &options, const std::string &name) const {
    return call(MultiHeadAttention({.numHeads = sizes.heads,
                                    .keyDim = sizes.hidden / sizes.heads,
                                    .dropout = sizes.dropout,
                                    .kernelInitializer = initializer,
                                    .name = name},
                                   at),
                {x}, options);
  }
  Value feedForward(const Value &x, const std::string &layer) const {
    Value y = dense(x, sizes.intermediate, activation, layer + "/intermediate");
    return dense(y, sizes.hidden, "", layer + "/output");
  }
  Value addPositions(const Value &x, int64_t count) const {
    Value positions = call(PositionEmbedding({.sequenceLength = count,
                                              .embeddingsInitializer = initializer,
                                              .name = "position_embedding"},
                                             at),
                           {x});
    return add({x, positions}, "embeddings");
  }

  const char *kind;
  Sizes sizes;
  Initializer initializer;
  std::string activation;
  Site at;

private:
  bool fail(std::string message, std::string hint) const {
    detail::scratchEntry()->fail(std::string("application '") + kind + "'", at, std::move(message),
                                 std::move(hint));
    return false;
  }
};

class BertEncoder : public Transformer {
public:
  BertEncoder(const BertOptions &options, Site at)
      : Transformer("bert",
                    {options.layers, options.heads, options.hiddenDim, options.intermediateDim,
                     options.dropout},
                    TruncatedNormal(0, 0.02), "gelu", at),
        options(options) {}

  Value embed(const Value &tokens, const Value &segments) const {
    Value x = call(Embedding({.inputDim = options.vocabularySize,
                              .outputDim = options.hiddenDim,
                              .embeddingsInitializer = initializer,
                              .name = "token_embedding"},
                             at),
                   {tokens});
    x = addPositions(x, options.maxSequenceLength);
    if (segments.ok())
      x = add({x, call(Embedding({.inputDim = options.segments,
                                  .outputDim = options.hiddenDim,
                                  .embeddingsInitializer = initializer,
                                  .name = "segment_embedding"},
                                 at),
                       {segments})},
              "segmented");
    return dropout(normalize(x, 1e-12, "embeddings_layer_norm"), "embeddings_dropout");
  }

  // True where there is a token.
  Value padding(const Value &tokens) const {
    if (!options.maskPadding)
      return Value();
    return call(Lambda([](Value x) { return notEqual(x, 0); }, {.name = "padding_mask"}, at),
                {tokens});
  }

  // Every layer normalises what its halves and their shortcuts add up to.
  Value encode(Value x, const Value &mask, int64_t index) const {
    std::string layer = "transformer_layer_" + std::to_string(index);
    Value y = attend(x, {.mask = mask}, layer + "/self_attention");
    x = add({x, dropout(y, layer + "/self_attention_dropout")}, layer + "/self_attention_add");
    x = normalize(x, 1e-12, layer + "/self_attention_layer_norm");
    y = dropout(feedForward(x, layer), layer + "/output_dropout");
    return normalize(add({x, y}, layer + "/output_add"), 1e-12, layer + "/output_layer_norm");
  }

  Value pool(const Value &x) const {
    int64_t features = options.hiddenDim;
    Value first =
        call(Lambda(
                 [features](Value y) {
                   Dim batch = y.shape()[0];
                   return reshape(slice(y, {0, 0, 0}, {batch, 1, features}), {batch, features});
                 },
                 {.name = "first_position"}, at),
             {x});
    return dense(first, features, "tanh", "pooled_dense");
  }

private:
  const BertOptions &options;
};

} // namespace

Model Bert(BertOptions options, Site at) {
  BertEncoder bert(options, at);
  Value tokens = Input({options.sequenceLength}, {.dtype = DType::I32, .name = "tokens"}, at);
  Values inputs = {tokens};
  if (options.segments > 0)
    inputs.push_back(
        Input({options.sequenceLength}, {.dtype = DType::I32, .name = "segments"}, at));
  if (!bert.check(options.vocabularySize, options.maxSequenceLength))
    return Model(inputs, {Value()}, {.name = options.name}, at);
  Value mask = bert.padding(tokens);
  Value x = bert.embed(tokens, options.segments > 0 ? inputs[1] : Value());
  for (int64_t i = 0; i < options.layers; ++i)
    x = bert.encode(x, mask, i);
  Value pooled = bert.pool(x);
  if (options.classes < 1)
    return Model(inputs, {x, pooled}, {.name = options.name}, at);
  Value logits =
      bert.dense(bert.dropout(pooled, "classifier_dropout"), options.classes, "", "logits");
  return Model(inputs, {logits}, {.name = options.name}, at);
}

Model GPT2(GPT2Options options, Site at) {
  Transformer gpt(
      "gpt2",
      {options.layers, options.heads, options.hiddenDim, options.intermediateDim, options.dropout},
      RandomNormal(0, 0.02), "gelu_approximate", at);
  Value tokens = Input({options.sequenceLength}, {.dtype = DType::I32, .name = "tokens"}, at);
  if (!gpt.check(options.vocabularySize, options.maxSequenceLength))
    return Model({tokens}, {Value()}, {.name = options.name}, at);
  ReversibleEmbedding table({.inputDim = options.vocabularySize,
                             .outputDim = options.hiddenDim,
                             .embeddingsInitializer = gpt.initializer,
                             .name = "token_embedding"},
                            at);
  Value x = gpt.addPositions(gpt.call(table, {tokens}), options.maxSequenceLength);
  x = gpt.dropout(x, "embeddings_dropout");
  for (int64_t i = 0; i < options.layers; ++i) {
    std::string layer = "transformer_layer_" + std::to_string(i);
    Value y = gpt.normalize(x, 1e-5, layer + "/self_attention_layer_norm");
    y = gpt.attend(y, {.useCausalMask = true}, layer + "/self_attention");
    x = gpt.add({x, gpt.dropout(y, layer + "/self_attention_dropout")},
                layer + "/self_attention_add");
    y = gpt.feedForward(gpt.normalize(x, 1e-5, layer + "/output_layer_norm"), layer);
    x = gpt.add({x, gpt.dropout(y, layer + "/output_dropout")}, layer + "/output_add");
  }
  x = gpt.normalize(x, 1e-5, "layer_norm");
  return Model({tokens}, {gpt.call(table, {x}, {.reverse = true})}, {.name = options.name}, at);
}

} // namespace dlc::applications
