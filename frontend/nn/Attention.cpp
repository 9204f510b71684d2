// Attention: the core, and MultiHeadAttention with its projections and masks.
#include "dlc/attention.h"
#include "LayerState.h"
#include "ir/ops/Attention.h"
#include <cmath>

namespace dlc {

using namespace detail;

namespace {

// From query, key and value, [B, time, heads, size] each, to [B, T, heads, V].
struct Core {
  Operand query, key, value;
  DotProductAttentionOptions options;

  Operand at(const Value &result) const { return Operand(result, query.at); }

  // One op that keeps no scores.
  Value run() const {
    if (OpCall types("dotProductAttention", {query, key, value}); !types || !types.sameElements())
      return types.poison();
    std::vector<Operand> operands{query, key, value};
    std::vector<int64_t> maskDims;
    if (options.mask.ok())
      operands.push_back(at(squeezed(maskDims)));
    OpCall call("dotProductAttention", operands);
    if (!call)
      return call.poison();
    mlir::Value random = options.dropout > 0 ? keyOfItsOwn(call) : mlir::Value();
    if (options.dropout > 0 && !random)
      return call.poison();
    double scale = options.scale.value_or(
        1 / std::sqrt(static_cast<double>(query.value.shape().back().value())));
    ir::AttentionGeometry geometry{maskDims, options.causal, 1, scale, options.dropout};
    return call.done(ir::AttentionOp::create(call.builder, call.loc, call[0], call[1], call[2],
                                             operands.size() > 3 ? call[3] : mlir::Value(), random,
                                             geometry));
  }

private:
  // The mask without its dimensions of size 1, and which of the scores' the others are.
  Value squeezed(std::vector<int64_t> &dims) const {
    Shape sizes = options.mask.shape(), kept;
    for (size_t i = 0; i < sizes.size(); ++i)
      if (sizes[i].str() != "1") {
        kept.push_back(sizes[i]);
        dims.push_back(static_cast<int64_t>(i + 4 - sizes.size()));
      }
    return kept.size() == sizes.size() ? options.mask : reshape(at(options.mask), kept);
  }
};

// The initializer of a kernel whose last or first dimensions are heads and their size: fans are
// those of the matrix that it is.
Initializer asMatrix(const Initializer &initializer, int64_t rows, int64_t columns) {
  if (!initializer.ok())
    return initializer;
  return {initializer.name(), [=](Entry entry, const Shape &shape, DType type) {
            return reshape(initializer(entry, {rows, columns}, type), shape);
          }};
}

struct MultiHeadAttentionState : LayerState {
  MultiHeadAttentionState(MultiHeadAttentionOptions given, const Site &site)
      : LayerState("MultiHeadAttention", given.name, site), options(std::move(given)) {}
  size_t arity() const override { return 0; }
  // The result's positions are the query's.
  Value maskAfter(EntryState &entry, const Values &inputs, const Value &) const override {
    return inputs[0].ok() ? entry.maskOf(inputs[0]) : Value();
  }

  std::string findMistake(const Values &inputs) {
    for (const auto &[what, size, least] : {std::tuple("numHeads", options.numHeads, 1),
                                            {"keyDim", options.keyDim, 1},
                                            {"valueDim", options.valueDim, 0},
                                            {"outputDim", options.outputDim, 0}})
      if (size < least)
        return what + (" is " + std::to_string(size)) + ", expected at least " +
               std::to_string(least);
    if (!(options.dropout >= 0 && options.dropout < 1))
      return "dropout is " + std::to_string(options.dropout) + ", expected 0 <= dropout < 1";
    if (inputs.size() > 3)
      return "takes {query, value} or {query, value, key}, got " + std::to_string(inputs.size()) +
             " inputs";
    return "";
  }

  // False after reporting inputs that are not [B, time, features] with a batch and, for value and
  // key, times that agree.
  bool checkInputs(CallContext &context, const Value &query, const Value &value, const Value &key) {
    for (const Value &x : {query, value, key})
      if (!context.checkFloats(x) || !context.lastSize(x, 3, "(B, time, features)"))
        return false;
      else if (x.rank() != 3)
        return fail(context, "input has shape " + str(x.shape()) + ", expected (B, time, features)",
                    "merge the dimensions between with Reshape", x);
    if (value.shape()[0].str() != query.shape()[0].str())
      return fail(context,
                  "query has shape " + str(query.shape()) + " and value " + str(value.shape()) +
                      ", expected one batch",
                  "", value);
    for (size_t i = 0; i < 2; ++i)
      if (value.shape()[i].str() != key.shape()[i].str())
        return fail(context,
                    "value has shape " + str(value.shape()) + " and key " + str(key.shape()) +
                        ", expected equal batches and times",
                    "each key belongs to one value", key);
    return true;
  }

  static bool fail(CallContext &context, std::string message, std::string hint,
                   const Value &cause) {
    context.fail(std::move(message), std::move(hint), cause);
    return false;
  }

  // x [B, time, in] by |name|/kernel (in, heads, size): [B, time, heads, size].
  Value project(CallContext &context, const Value &x, const std::string &name, int64_t size) {
    int64_t in = x.shape().back().value(), heads = options.numHeads;
    Value kernel = context.weight(name + "/kernel", {in, heads, size},
                                  asMatrix(options.kernelInitializer, in, heads * size));
    Value y = contract(context.factor(x), context.factor(kernel),
                       {.aReduce = {2}, .bReduce = {0}, .result = context.sumType()});
    if (!options.useBias)
      return y;
    return context.operand(y) +
           context.operand(context.weight(name + "/bias", {heads, size}, options.biasInitializer));
  }

  // False after reporting a mask that is not Bool or does not stretch to |shape|.
  bool checkMask(CallContext &context, const char *what, const Value &mask, const Shape &shape) {
    Shape given = mask.shape();
    bool fits = mask.dtype() == DType::Bool && given.size() == shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = given[i].str() == shape[i].str() || given[i].str() == "1";
    return fits ||
           fail(context, std::string(what) + " is " + mask.str() + ", expected i1 " + str(shape),
                "compare with notEqual or greater to make a mask", mask);
  }

  // Adds a mask [B, time], at the dimension of [B, heads, T, S] that |axis| says.
  bool addSteps(CallContext &context, const char *what, const Value &mask, const Value &of,
                size_t axis, Value &all) {
    if (!mask.ok())
      return true;
    Shape shape = of.shape();
    if (!checkMask(context, what, mask, {shape[0], shape[1]}))
      return false;
    Shape four = {mask.shape()[0], 1, 1, 1};
    four[axis] = mask.shape()[1];
    return join(context, reshape(context.operand(mask), four), all);
  }

  static bool join(CallContext &context, const Value &mask, Value &all) {
    all = all.ok() ? logicalAnd(context.operand(all), context.operand(mask)) : mask;
    return true;
  }

  // Everything that forbids but causality, or an empty value.
  bool mask(CallContext &context, const Values &inputs, Value &all) {
    const Value &query = inputs[0], &value = inputs[1], &key = inputs[2];
    EntryState &entry = context.entry;
    Value given = context.call.mask, allowed = context.call.attentionMask;
    bool itself = key.sameAs(value);
    if (!addSteps(context, "the query's mask", entry.maskOf(query), query, 2, all) ||
        !addSteps(context, given.ok() ? "mask" : "the value's mask",
                  given.ok() ? given : entry.maskOf(value), value, 3, all) ||
        !addSteps(context, "the key's mask", given.ok() || itself ? Value() : entry.maskOf(key),
                  key, 3, all))
      return false;
    if (!allowed.ok())
      return true;
    Shape three = {query.shape()[0], query.shape()[1], value.shape()[1]}, four = three;
    four.insert(four.begin() + 1, Dim(options.numHeads));
    if (allowed.rank() == 3 && checkMask(context, "attentionMask", allowed, three))
      return join(context, expandDims(context.operand(allowed), 1), all);
    return allowed.rank() != 3 && checkMask(context, "attentionMask", allowed, four) &&
           join(context, allowed, all);
  }

  Values call(CallContext &context, const Values &given) override {
    if (std::string mistake = findMistake(given); !mistake.empty())
      return {context.fail(mistake, "MultiHeadAttention({.numHeads = 8, .keyDim = 64})")};
    Values inputs = given;
    while (inputs.size() < 3)
      inputs.push_back(inputs.back());
    const Value &query = inputs[0], &value = inputs[1], &key = inputs[2];
    DotProductAttentionOptions core;
    if (!checkInputs(context, query, value, key) || !mask(context, inputs, core.mask))
      return {context.entry.poison()};
    int64_t valueDim = options.valueDim ? options.valueDim : options.keyDim;
    core.causal = context.call.useCausalMask;
    core.scale = 1 / std::sqrt(static_cast<double>(options.keyDim));
    core.dropout = context.training ? options.dropout : 0;
    Value q = project(context, query, "query", options.keyDim);
    Value k = project(context, key, "key", options.keyDim);
    Value v = project(context, value, "value", valueDim);
    Value heads = Core{context.operand(q), context.operand(k), context.operand(v), core}.run();
    return {project(context, heads, query.shape().back().value(), valueDim)};
  }

  // Heads [B, T, heads, size] back to [B, T, outputDim].
  Value project(CallContext &context, const Value &x, int64_t features, int64_t size) {
    int64_t out = options.outputDim ? options.outputDim : features, heads = options.numHeads;
    Value kernel = context.weight("attention_output/kernel", {heads, size, out},
                                  asMatrix(options.kernelInitializer, heads * size, out));
    Value y = contract(context.factor(x), context.factor(kernel),
                       {.aReduce = {2, 3}, .bReduce = {0, 1}, .result = context.sumType()});
    if (!options.useBias)
      return y;
    return context.operand(y) +
           context.operand(context.weight("attention_output/bias", {out}, options.biasInitializer));
  }

  MultiHeadAttentionOptions options;
};

} // namespace

Value dotProductAttention(Operand query, Operand key, Operand value,
                          DotProductAttentionOptions options) {
  OpCall call("dotProductAttention", {query, key, value});
  if (!call)
    return call.poison();
  for (size_t i = 0; i < 3; ++i)
    if (call.rank(i) != 4 || !call.shape(i).back().isConstant())
      return call.fail("operand has shape " + ir::sizesToString(call.shape(i)) +
                           ", expected (B, time, heads, size) with a size that is a number",
                       "reshape it", static_cast<int>(i));
  if (!(options.dropout >= 0 && options.dropout < 1))
    return call.fail("dropout is " + std::to_string(options.dropout) +
                     ", expected 0 <= dropout < 1");
  if (options.mask.ok() && options.mask.rank() > 4)
    return call.fail("mask is " + options.mask.str() + ", expected at most 4 dimensions");
  return Core{query, key, value, std::move(options)}.run();
}

MultiHeadAttention::MultiHeadAttention(MultiHeadAttentionOptions options, Site at)
    : Layer(std::make_shared<MultiHeadAttentionState>(std::move(options), at)) {}

} // namespace dlc
