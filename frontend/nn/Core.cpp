// Dense, Lambda, and the layers that only move elements.
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
    int64_t in = context.checkFloats(x) ? context.channels(x, 2, "at least (B, features)") : 0;
    if (!in)
      return {context.entry.poison()};
    Value kernel = context.weight("kernel", {in, options.units}, options.kernelInitializer);
    Value y = matmul(context.factor(x), context.factor(kernel), context.sumType());
    return {context.finish(y, options.useBias, options.units, options.biasInitializer,
                           options.activation)};
  }

  DenseOptions options;
};

struct FlattenState : LayerState {
  FlattenState(const NameOptions &options, const Site &site)
      : LayerState("Flatten", options.name, site) {}
  bool onlyMoves() const override { return true; }
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
  bool onlyMoves() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    Shape shape = {inputs[0].shape()[0]};
    shape.insert(shape.end(), target.begin(), target.end());
    return {reshape(context.operand(inputs[0]), shape)};
  }
  Shape target;
};

struct PermuteState : LayerState {
  PermuteState(PermuteOptions given, const Site &site)
      : LayerState("Permute", given.name, site), options(std::move(given)) {}
  bool onlyMoves() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    std::vector<int64_t> sorted = options.dims, permutation = {0}, every;
    std::sort(sorted.begin(), sorted.end());
    for (int64_t i = 1; i < inputs[0].rank(); ++i)
      every.push_back(i);
    if (sorted != every)
      return {context.fail("dims are no permutation of the dimensions 1 to " +
                               std::to_string(every.size()) + " of " + str(inputs[0].shape()),
                           "the batch is dimension 0 and stays: Permute({.dims = {2, 1}})",
                           inputs[0])};
    permutation.insert(permutation.end(), options.dims.begin(), options.dims.end());
    return {transpose(context.operand(inputs[0]), permutation)};
  }
  PermuteOptions options;
};

struct RepeatVectorState : LayerState {
  RepeatVectorState(RepeatVectorOptions options, const Site &site)
      : LayerState("RepeatVector", options.name, site), n(options.n) {}
  bool onlyMoves() const override { return true; }
  Values call(CallContext &context, const Values &inputs) override {
    Shape shape = inputs[0].shape();
    if (shape.size() != 2)
      return {context.fail("input has shape " + str(shape) + ", expected (B, features)",
                           "put Flatten() before it", inputs[0])};
    if (n.isConstant() && n.value() < 1)
      return {context.fail("n is " + n.str() + ", expected at least 1")};
    Value row = expandDims(context.operand(inputs[0]), 1);
    return {broadcastTo(context.operand(row), {shape[0], n, shape[1]})};
  }
  Dim n;
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
Flatten::Flatten(NameOptions options, Site at)
    : Layer(std::make_shared<FlattenState>(options, at)) {}
Reshape::Reshape(ReshapeOptions options, Site at)
    : Layer(std::make_shared<ReshapeState>(std::move(options), at)) {}
Permute::Permute(PermuteOptions options, Site at)
    : Layer(std::make_shared<PermuteState>(std::move(options), at)) {}
RepeatVector::RepeatVector(RepeatVectorOptions options, Site at)
    : Layer(std::make_shared<RepeatVectorState>(std::move(options), at)) {}
Lambda::Lambda(std::function<Value(Value)> function, LambdaOptions options, Site at)
    : Layer(std::make_shared<LambdaState>(
          [function](Values inputs) { return Values{function(inputs[0])}; }, 1, options, at)) {}
Lambda::Lambda(std::function<Value(Values)> function, LambdaOptions options, Site at)
    : Layer(std::make_shared<LambdaState>(
          [function](Values inputs) { return Values{function(inputs)}; }, 0, options, at)) {}

} // namespace dlc
