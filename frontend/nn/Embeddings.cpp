// Tables of vectors: by index, by position, and tables that also make logits.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

struct EmbeddingState : LayerState {
  EmbeddingState(const char *kind, EmbeddingOptions given, const Site &site)
      : LayerState(kind, given.name, site), options(std::move(given)) {}
  bool isModel() const override { return true; } // its output carries a mask of its own

  bool checkOptions(CallContext &context) {
    if (options.inputDim >= 1 && options.outputDim >= 1)
      return true;
    context.fail("inputDim is " + std::to_string(options.inputDim) + " and outputDim is " +
                     std::to_string(options.outputDim) + ", expected at least 1",
                 kind + "({.inputDim = 1000, .outputDim = 16})");
    return false;
  }

  Value table(CallContext &context) {
    return context.weight("embeddings", {options.inputDim, options.outputDim},
                          options.embeddingsInitializer);
  }

  Values call(CallContext &context, const Values &inputs) override {
    if (!checkOptions(context))
      return {context.entry.poison()};
    const Value &x = inputs[0];
    if (x.dtype() != DType::I32 && x.dtype() != DType::I64)
      return {context.fail("input is " + x.str() + ", expected indices of i32 or i64",
                           "Input(shape, {.dtype = DType::I32})", x)};
    Value y = gather(context.operand(table(context)), context.operand(x), 0);
    if (options.maskZero && y.ok()) {
      Value mask = notEqual(context.operand(x), Operand(0, context.site));
      context.entry.setMask(y, mask);
    }
    return {y};
  }

  EmbeddingOptions options;
};

struct ReversibleEmbeddingState : EmbeddingState {
  ReversibleEmbeddingState(EmbeddingOptions options, const Site &site)
      : EmbeddingState("ReversibleEmbedding", std::move(options), site) {}

  // Logits of the features' own positions: the mask, if any, goes on.
  Value maskAfter(EntryState &entry, const Values &inputs, const Value &mask) const override {
    return isFloat(inputs[0].dtype()) ? mask : Value();
  }

  Values call(CallContext &context, const Values &inputs) override {
    if (!context.call.reverse)
      return EmbeddingState::call(context, inputs);
    const Value &x = inputs[0];
    if (!checkOptions(context) || !context.checkFloats(x))
      return {context.entry.poison()};
    if (x.rank() < 2 || x.shape().back().str() != std::to_string(options.outputDim))
      return {context.fail("input has shape " + str(x.shape()) + ", expected (B, ..., " +
                               std::to_string(options.outputDim) + ") for the way back",
                           "project it with Dense to the size of the embeddings", x)};
    return {contract(context.factor(x), context.factor(table(context)),
                     {.aReduce = {x.rank() - 1}, .bReduce = {1}, .result = context.sumType()})};
  }
};

struct PositionEmbeddingState : LayerState {
  PositionEmbeddingState(PositionEmbeddingOptions given, const Site &site)
      : LayerState("PositionEmbedding", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  // A symbol is given the table's length as its maximum, which calls of the program then check.
  bool fits(CallContext &context, const Dim &time) {
    if (!time.isConstant() && time.expression()->op == '$') {
      context.entry.program.boundSymbol(time.expression()->symbol, options.sequenceLength);
      return true;
    }
    return time.isConstant() && time.value() <= options.sequenceLength;
  }

  Values call(CallContext &context, const Values &inputs) override {
    const Value &x = inputs[0];
    Shape shape = x.shape();
    if (shape.size() != 3)
      return {context.fail("input has shape " + str(shape) + ", expected (B, time, features)",
                           "put Embedding() before it", x)};
    if (options.sequenceLength < 1)
      return {context.fail("sequenceLength is " + std::to_string(options.sequenceLength) +
                               ", expected at least 1",
                           "PositionEmbedding({.sequenceLength = 512})")};
    if (!fits(context, shape[1]))
      return {context.fail("input has shape " + str(shape) + " but the table has " +
                               std::to_string(options.sequenceLength) + " positions",
                           "raise sequenceLength or shorten the input", x)};
    int64_t features = context.channels(x, 3, "(B, time, features)");
    if (!features)
      return {context.entry.poison()};
    Value table = context.weight("embeddings", {options.sequenceLength, features},
                                 options.embeddingsInitializer);
    Value rows = slice(context.operand(table), {0, 0}, {shape[1], features});
    return {broadcastTo(context.operand(rows), shape)};
  }

  PositionEmbeddingOptions options;
};

} // namespace

Embedding::Embedding(EmbeddingOptions options, Site at)
    : Layer(std::make_shared<EmbeddingState>("Embedding", std::move(options), at)) {}
ReversibleEmbedding::ReversibleEmbedding(EmbeddingOptions options, Site at)
    : Layer(std::make_shared<ReversibleEmbeddingState>(std::move(options), at)) {}
PositionEmbedding::PositionEmbedding(PositionEmbeddingOptions options, Site at)
    : Layer(std::make_shared<PositionEmbeddingState>(std::move(options), at)) {}

} // namespace dlc
