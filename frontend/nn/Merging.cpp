// Layers that make one tensor of several.
#include "LayerState.h"

namespace dlc {

using namespace detail;

namespace {

// True where NumPy's rules stretch both to one shape without adding dimensions.
bool stretches(const Value &a, const Value &b) {
  Shape x = a.shape(), y = b.shape();
  if (a.dtype() != b.dtype() || x.size() != y.size())
    return false;
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i].str() != y[i].str() && x[i].str() != "1" && y[i].str() != "1")
      return false;
  return true;
}

// Combines inputs from the first to the last.
struct MergeState : LayerState {
  using Function = Value (*)(Operand, Operand);
  MergeState(const char *kind, const NameOptions &options, Function function, bool average,
             size_t count, const Site &site)
      : LayerState(kind, options.name, site), function(function), average(average), count(count) {}
  size_t arity() const override { return count; }
  bool keepsMask() const override { return true; }

  Values call(CallContext &context, const Values &inputs) override {
    Value total = inputs[0];
    for (size_t i = 1; i < inputs.size(); ++i) {
      if (!stretches(total, inputs[i]))
        return {context.fail("inputs are " + total.str() + " and " + inputs[i].str() +
                                 ", expected equal shapes and types",
                             "project one with Dense or Conv so that both have the same size",
                             inputs[i])};
      total = function(context.operand(total), context.operand(inputs[i]));
    }
    if (average && inputs.size() > 1)
      total = context.operand(total) * Operand(1.0 / double(inputs.size()), context.site);
    return {total};
  }

  Function function;
  bool average;
  size_t count;
};

struct ConcatenateState : LayerState {
  ConcatenateState(const ConcatenateOptions &options, const Site &site)
      : LayerState("Concatenate", options.name, site), axis(options.axis) {}
  bool onlyMoves() const override { return true; }
  size_t arity() const override { return 0; }
  Values call(CallContext &context, const Values &inputs) override {
    std::vector<Operand> operands;
    for (const Value &input : inputs)
      operands.push_back(context.operand(input));
    return {concat(std::move(operands), axis)};
  }
  int64_t axis;
};

struct DotState : LayerState {
  DotState(DotOptions given, const Site &site)
      : LayerState("Dot", given.name, site), options(std::move(given)) {}
  size_t arity() const override { return 2; }

  // The axis of each input; 0 after reporting one that is not there.
  int64_t axisOf(CallContext &context, const Value &x, size_t which) {
    std::vector<int64_t> axes = options.axes.expand(2);
    int64_t axis = axes.size() == 2 ? axes[which] : 0;
    axis += axis < 0 ? x.rank() : 0;
    if (axis >= 1 && axis < x.rank())
      return axis;
    context.fail(axes.size() == 2
                     ? "axis " + std::to_string(axes[which]) + " is no dimension of " +
                           str(x.shape()) + " after the batch"
                     : "axes has " + std::to_string(axes.size()) + " entries, expected 1 or 2",
                 "Dot({.axes = {2, 1}})", x);
    return 0;
  }

  Values call(CallContext &context, const Values &inputs) override {
    int64_t a = axisOf(context, inputs[0], 0);
    int64_t b = a ? axisOf(context, inputs[1], 1) : 0;
    if (!b)
      return {context.entry.poison()};
    Value x = inputs[0], y = inputs[1];
    if (options.normalize) {
      x = unitLength(context.operand(x), a, 1e-7);
      y = unitLength(context.operand(y), b, 1e-7);
    }
    Value result = contract(context.factor(x), context.factor(y),
                            {.aBatch = {0},
                             .bBatch = {0},
                             .aReduce = {a},
                             .bReduce = {b},
                             .result = context.sumType()});
    return {result.rank() == 1 ? expandDims(context.operand(result), 1) : result};
  }

  DotOptions options;
};

Value plus(Operand a, Operand b) { return a + b; }
Value minus(Operand a, Operand b) { return a - b; }
Value times(Operand a, Operand b) { return a * b; }
Value larger(Operand a, Operand b) { return max(a, b); }
Value smaller(Operand a, Operand b) { return min(a, b); }

std::shared_ptr<LayerState> merge(const char *kind, const NameOptions &options,
                                  MergeState::Function function, const Site &at,
                                  bool average = false, size_t count = 0) {
  return std::make_shared<MergeState>(kind, options, function, average, count, at);
}

} // namespace

Add::Add(NameOptions options, Site at) : Layer(merge("Add", options, plus, at)) {}
Subtract::Subtract(NameOptions options, Site at)
    : Layer(merge("Subtract", options, minus, at, false, 2)) {}
Multiply::Multiply(NameOptions options, Site at) : Layer(merge("Multiply", options, times, at)) {}
Average::Average(NameOptions options, Site at) : Layer(merge("Average", options, plus, at, true)) {}
Maximum::Maximum(NameOptions options, Site at) : Layer(merge("Maximum", options, larger, at)) {}
Minimum::Minimum(NameOptions options, Site at) : Layer(merge("Minimum", options, smaller, at)) {}
Concatenate::Concatenate(ConcatenateOptions options, Site at)
    : Layer(std::make_shared<ConcatenateState>(options, at)) {}
Dot::Dot(DotOptions options, Site at) : Layer(std::make_shared<DotState>(std::move(options), at)) {}

} // namespace dlc
