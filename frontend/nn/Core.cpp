// Dense, Embedding, and the layers that only move or combine elements.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

struct DenseState : LayerState {
  DenseState(DenseOptions given, const Site &site)
      : LayerState("Dense", given.name, site), options(std::move(given)) {}
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    if (options.units < 1)
      return {context.fail("units is " + std::to_string(options.units) + ", expected at least 1",
                           "Dense({.units = 10})")};
    const Value &x = inputs[0];
    if (x.ok() && !isFloat(x.dtype()))
      return {context.fail("input is " + x.str() + ", expected floats",
                           "put Embedding() or a cast before it", x)};
    int64_t in = context.channels(x, 2, "at least (B, features)");
    if (!in)
      return {context.entry.poison()};
    Value kernel = context.weight("kernel", {in, options.units}, options.kernelInitializer);
    Value y = matmul(context.operand(x), context.operand(kernel));
    if (options.useBias)
      y = context.operand(y) +
          context.operand(context.weight("bias", {options.units}, options.biasInitializer));
    return {activation(options.activation, context.operand(y))};
  }

  DenseOptions options;
};

struct EmbeddingState : LayerState {
  EmbeddingState(EmbeddingOptions given, const Site &site)
      : LayerState("Embedding", given.name, site), options(std::move(given)) {}

  Values call(CallContext &context, const Values &inputs) override {
    if (options.inputDim < 1 || options.outputDim < 1)
      return {context.fail("inputDim is " + std::to_string(options.inputDim) +
                               " and outputDim is " + std::to_string(options.outputDim) +
                               ", expected at least 1",
                           "Embedding({.inputDim = 1000, .outputDim = 16})")};
    const Value &x = inputs[0];
    if (x.dtype() != DType::I32 && x.dtype() != DType::I64)
      return {context.fail("input is " + x.str() + ", expected indices of i32 or i64",
                           "Input(shape, {.dtype = DType::I32})", x)};
    Value table = context.weight("embeddings", {options.inputDim, options.outputDim},
                                 options.embeddingsInitializer);
    Value y = gather(context.operand(table), context.operand(x), 0);
    if (options.maskZero && y.ok()) {
      Value mask = notEqual(context.operand(x), Operand(0, context.site));
      context.entry.setMask(y, mask);
    }
    return {y};
  }
  bool isModel() const override { return true; } // its output carries a mask of its own

  EmbeddingOptions options;
};

struct FlattenState : LayerState {
  FlattenState(const NameOptions &options, const Site &site)
      : LayerState("Flatten", options.name, site) {}
  Values call(CallContext &context, const Values &inputs) override {
    Shape shape = inputs[0].shape();
    Dim rest = 1;
    for (size_t i = 1; i < shape.size(); ++i)
      rest = rest * shape[i];
    return {reshape(context.operand(inputs[0]), {shape[0], rest})};
  }
};

struct ReshapeState : LayerState {
  ReshapeState(ReshapeOptions options, const Site &site)
      : LayerState("Reshape", options.name, site), target(std::move(options.shape)) {}
  Values call(CallContext &context, const Values &inputs) override {
    Shape shape = {inputs[0].shape()[0]};
    shape.insert(shape.end(), target.begin(), target.end());
    return {reshape(context.operand(inputs[0]), shape)};
  }
  Shape target;
};

struct DropoutState : LayerState {
  DropoutState(DropoutOptions options, const Site &site)
      : LayerState("Dropout", options.name, site), rate(options.rate) {}
  bool keepsMask() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    if (!(rate >= 0 && rate < 1))
      return {context.fail("rate is " + std::to_string(rate) + ", expected 0 <= rate < 1")};
    if (!context.training || rate == 0)
      return inputs;
    Operand x = context.operand(inputs[0]);
    Value keep = randomBernoulli(x, 1 - rate);
    Value scaled = x * Operand(1 / (1 - rate), context.site);
    return {select(context.operand(keep), context.operand(scaled), Operand(0, context.site))};
  }
  double rate;
};

struct AddState : LayerState {
  AddState(const NameOptions &options, const Site &site)
      : LayerState("Add", options.name, site) {}
  size_t arity() const override { return 0; }
  bool keepsMask() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    Value total = inputs[0];
    for (size_t i = 1; i < inputs.size(); ++i) {
      if (inputs[i].str() != inputs[0].str())
        return {context.fail("inputs are " + inputs[0].str() + " and " + inputs[i].str() +
                                 ", expected equal shapes and types",
                             "project one with Dense or Conv so that both have the same size",
                             inputs[i])};
      total = context.operand(total) + context.operand(inputs[i]);
    }
    return {total};
  }
};

struct ConcatenateState : LayerState {
  ConcatenateState(const ConcatenateOptions &options, const Site &site)
      : LayerState("Concatenate", options.name, site), axis(options.axis) {}
  size_t arity() const override { return 0; }
  Values call(CallContext &context, const Values &inputs) override {
    std::vector<Operand> operands;
    for (const Value &input : inputs)
      operands.push_back(context.operand(input));
    return {concat(std::move(operands), axis)};
  }
  int64_t axis;
};

struct LambdaState : LayerState {
  LambdaState(std::function<Values(Values)> function, size_t count, const LambdaOptions &options,
              const Site &site)
      : LayerState("Lambda", options.name, site), function(std::move(function)), count(count) {}
  size_t arity() const override { return count; }
  bool isUserCode() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    size_t errors = context.entry.program.errors.size();
    Values outputs = function(inputs);
    for (Value &output : outputs) {
      if (output.ok() && EntryState::of(output) == &context.entry)
        continue;
      if (errors == context.entry.program.errors.size())
        context.fail("the function returned a value that was not computed from its inputs",
                     "take what you need as inputs");
      output = context.entry.poison();
    }
    return outputs;
  }
  std::function<Values(Values)> function;
  size_t count;
};

} // namespace

Dense::Dense(DenseOptions options, Site at)
    : Layer(std::make_shared<DenseState>(std::move(options), at)) {}
Embedding::Embedding(EmbeddingOptions options, Site at)
    : Layer(std::make_shared<EmbeddingState>(std::move(options), at)) {}
Flatten::Flatten(NameOptions options, Site at)
    : Layer(std::make_shared<FlattenState>(options, at)) {}
Reshape::Reshape(ReshapeOptions options, Site at)
    : Layer(std::make_shared<ReshapeState>(std::move(options), at)) {}
Dropout::Dropout(DropoutOptions options, Site at)
    : Layer(std::make_shared<DropoutState>(std::move(options), at)) {}
Add::Add(NameOptions options, Site at) : Layer(std::make_shared<AddState>(options, at)) {}
Concatenate::Concatenate(ConcatenateOptions options, Site at)
    : Layer(std::make_shared<ConcatenateState>(options, at)) {}
Lambda::Lambda(std::function<Value(Value)> function, LambdaOptions options, Site at)
    : Layer(std::make_shared<LambdaState>(
          [function](Values inputs) { return Values{function(inputs[0])}; }, 1, options, at)) {}
Lambda::Lambda(std::function<Value(Values)> function, LambdaOptions options, Site at)
    : Layer(std::make_shared<LambdaState>(
          [function](Values inputs) { return Values{function(inputs)}; }, 0, options, at)) {}

} // namespace dlc
