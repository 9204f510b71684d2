// Op functions that compute: comparison, reductions, contractions, normalisation, losses.
#include "Graph.h"

namespace dlc {

using detail::OpCall;

static std::string text(llvm::ArrayRef<ir::SizeAttr> sizes) { return ir::sizesToString(sizes); }

static Value compare(ir::ComparePredicate predicate, const char *name, Operand a, Operand b) {
  OpCall call(name, {a, b});
  if (!call || !call.sameElements() || !call.broadcast())
    return call.poison();
  return call.done(ir::CompareOp::create(call.builder, call.loc, predicate, call[0], call[1]));
}

Value equal(Operand a, Operand b) { return compare(ir::ComparePredicate::eq, "equal", a, b); }
Value notEqual(Operand a, Operand b) { return compare(ir::ComparePredicate::ne, "notEqual", a, b); }
Value less(Operand a, Operand b) { return compare(ir::ComparePredicate::lt, "less", a, b); }
Value lessEqual(Operand a, Operand b) {
  return compare(ir::ComparePredicate::le, "lessEqual", a, b);
}
Value greater(Operand a, Operand b) { return compare(ir::ComparePredicate::gt, "greater", a, b); }
Value greaterEqual(Operand a, Operand b) {
  return compare(ir::ComparePredicate::ge, "greaterEqual", a, b);
}

Value select(Operand predicate, Operand onTrue, Operand onFalse) {
  // Numbers take the type of the branches, never of the predicate.
  if (onTrue.isNumber && !onFalse.isNumber)
    onTrue = Operand(fullLike(onFalse, onTrue.number), onTrue.at);
  else if (onFalse.isNumber && !onTrue.isNumber)
    onFalse = Operand(fullLike(onTrue, onFalse.number), onFalse.at);
  OpCall call("select", {predicate, onTrue, onFalse});
  if (!call)
    return call.poison();
  if (!call.type(0).getElementType().isInteger(1))
    return call.fail("the predicate has element type " +
                         std::string(name(detail::fromType(call.type(0).getElementType()))) +
                         ", expected i1",
                     "compare it with something", 0);
  if (!call.sameElements(1) || !call.broadcast())
    return call.poison();
  return call.done(ir::SelectOp::create(call.builder, call.loc, call[0], call[1], call[2]));
}

Value cast(Operand x, DType type) {
  OpCall call("cast", {x});
  if (!call)
    return call.poison();
  mlir::Type element = detail::toType(call.entry->context(), type);
  if (element == call.type(0).getElementType())
    return x.value;
  return call.done(ir::CastOp::create(call.builder, call.loc, call[0], element));
}

Value clip(Operand x, double low, double high, Site at) {
  return min(Operand(max(x, Operand(low, at)), at), Operand(high, at));
}

Value square(Operand x) { return mul(x, x); }

Value fullLike(Operand x, double number) {
  OpCall call("fullLike", {x});
  return call ? call.wrap(ir::buildSplat(call.builder, call.loc, call.type(0), number))
              : call.poison();
}

//===- reductions ---------------------------------------------------------------------------===//

template <typename Op>
static Value reduce(const char *name, Operand x, std::vector<int64_t> axes, bool keepDims) {
  OpCall call(name, {x});
  if (!call || !call.axes(axes, call.rank(0), /*emptyIsAll=*/true))
    return call.poison();
  Value result = call.done(Op::create(call.builder, call.loc, call[0], llvm::ArrayRef(axes)));
  if (!keepDims || !result.ok())
    return result;
  ir::Shape sizes = call.shape(0);
  Shape shape;
  for (const auto &[i, size] : llvm::enumerate(sizes))
    shape.push_back(llvm::is_contained(axes, static_cast<int64_t>(i)) ? Dim(1)
                                                                      : detail::fromSize(size));
  return reshape(Operand(result, x.at), shape);
}

Value sum(Operand x, std::vector<int64_t> axes, bool keepDims) {
  return reduce<ir::SumOp>("sum", x, std::move(axes), keepDims);
}
Value mean(Operand x, std::vector<int64_t> axes, bool keepDims) {
  return reduce<ir::MeanOp>("mean", x, std::move(axes), keepDims);
}
Value prod(Operand x, std::vector<int64_t> axes, bool keepDims) {
  return reduce<ir::ProdOp>("prod", x, std::move(axes), keepDims);
}
Value reduceMax(Operand x, std::vector<int64_t> axes, bool keepDims) {
  return reduce<ir::ReduceMaxOp>("reduceMax", x, std::move(axes), keepDims);
}
Value reduceMin(Operand x, std::vector<int64_t> axes, bool keepDims) {
  return reduce<ir::ReduceMinOp>("reduceMin", x, std::move(axes), keepDims);
}

template <typename Op>
static Value argReduce(const char *name, Operand x, int64_t axis, DType type) {
  OpCall call(name, {x});
  if (!call || !call.axis(axis, call.rank(0)))
    return call.poison();
  return call.done(Op::create(call.builder, call.loc, call[0], axis,
                              detail::toType(call.entry->context(), type)));
}

Value argmax(Operand x, int64_t axis, DType type) {
  return argReduce<ir::ArgmaxOp>("argmax", x, axis, type);
}
Value argmin(Operand x, int64_t axis, DType type) {
  return argReduce<ir::ArgminOp>("argmin", x, axis, type);
}

//===- contractions -------------------------------------------------------------------------===//

// Paired dimensions must exist, be distinct on their side, and have equal sizes.
static bool checkPairs(OpCall &call, const char *what, std::vector<int64_t> &a,
                       std::vector<int64_t> &b) {
  if (a.size() != b.size()) {
    call.fail(std::string(what) + " dimensions are " + std::to_string(a.size()) + " of a and " +
              std::to_string(b.size()) + " of b");
    return false;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (!call.axis(a[i], call.rank(0)) || !call.axis(b[i], call.rank(1)))
      return false;
    if (call.shape(0)[a[i]] != call.shape(1)[b[i]]) {
      call.fail(std::string(what) + " dimensions " + std::to_string(a[i]) + " of " +
                    text(call.shape(0)) + " and " + std::to_string(b[i]) + " of " +
                    text(call.shape(1)) + " differ in size",
                "", 1);
      return false;
    }
  }
  return true;
}

Value contract(Operand a, Operand b, ContractOptions options) {
  OpCall call("contract", {a, b});
  mlir::Type element;
  if (!call || !call.sameElements() || !call.sumsIn(options.result, element) ||
      !checkPairs(call, "batch", options.aBatch, options.bBatch) ||
      !checkPairs(call, "reduced", options.aReduce, options.bReduce))
    return call.poison();
  for (auto *side : {&options.aBatch, &options.bBatch}) {
    std::vector<int64_t> used = *side;
    const auto &reduced = side == &options.aBatch ? options.aReduce : options.bReduce;
    used.insert(used.end(), reduced.begin(), reduced.end());
    llvm::sort(used);
    if (std::adjacent_find(used.begin(), used.end()) != used.end())
      return call.fail("a dimension is given twice");
  }
  return call.done(ir::ContractOp::create(
      call.builder, call.loc, call[0], call[1], llvm::ArrayRef(options.aBatch),
      llvm::ArrayRef(options.bBatch), llvm::ArrayRef(options.aReduce),
      llvm::ArrayRef(options.bReduce), element));
}

Value matmul(Operand a, Operand b, std::optional<DType> result) {
  OpCall call("matmul", {a, b});
  if (!call || !call.sameElements())
    return call.poison();
  int64_t rankA = call.rank(0), rankB = call.rank(1);
  if (!rankA || !rankB)
    return call.fail("operands have ranks " + std::to_string(rankA) + " and " +
                         std::to_string(rankB) + ", expected at least 1",
                     "multiply by a scalar with *");
  int64_t inner = rankB > 1 ? rankB - 2 : 0;
  ir::Shape sizesA = call.shape(0), sizesB = call.shape(1);
  if (sizesA[rankA - 1] != sizesB[inner])
    return call.fail("shapes " + text(sizesA) + " and " + text(sizesB) + " do not multiply: " +
                         ir::sizeToString(sizesA[rankA - 1]) + " and " +
                         ir::sizeToString(sizesB[inner]) + " differ",
                     "transpose one operand, or use contract", 1);
  ContractOptions options{{}, {}, {rankA - 1}, {inner}, result};
  if (rankB > 2)
    for (int64_t i = 0; i < rankB - 2; ++i) {
      options.aBatch.push_back(i);
      options.bBatch.push_back(i);
    }
  if (rankB > 2 && rankA != rankB)
    return call.fail("shapes " + text(sizesA) + " and " + text(sizesB) +
                         " have different numbers of leading dimensions",
                     "broadcast one operand first", 1);
  return contract(a, b, options);
}

//===- ops with one axis or a number as attribute -------------------------------------------===//

static mlir::Operation *make(OpCall &call, const char *name, mlir::TypeRange results,
                             llvm::ArrayRef<mlir::NamedAttribute> attributes) {
  mlir::OperationState state(call.loc, std::string("dlc.") + name);
  state.addOperands(call.values());
  state.addTypes(results);
  state.addAttributes(attributes);
  return call.builder.create(state);
}

static mlir::NamedAttribute integer(OpCall &call, const char *name, int64_t value) {
  return call.builder.getNamedAttr(name, call.builder.getI64IntegerAttr(value));
}

static Value alongAxis(const char *name, Operand x, int64_t axis) {
  OpCall call(name, {x});
  if (!call || !call.axis(axis, call.rank(0)))
    return call.poison();
  return call.done(make(call, name, {call[0].getType()}, {integer(call, "axis", axis)}));
}

Value softmax(Operand x, int64_t axis) { return alongAxis("softmax", x, axis); }
Value logSoftmax(Operand x, int64_t axis) { return alongAxis("log_softmax", x, axis); }

// Scale, offset, mean and variance: vectors as long as the last dimension of x.
static bool checkChannels(OpCall &call) {
  if (call.rank(0) < 1) {
    call.fail("input is a scalar, expected at least one dimension", "", 0);
    return false;
  }
  ir::SizeAttr channels = call.shape(0).back();
  for (size_t i = 1; i < call.values().size(); ++i)
    if (call.rank(i) != 1 || call.shape(i)[0] != channels) {
      call.fail("operand " + std::to_string(i) + " has shape " + text(call.shape(i)) +
                    ", expected (" + ir::sizeToString(channels) + ") for an input of shape " +
                    text(call.shape(0)),
                "", static_cast<int>(i));
      return false;
    }
  return call.sameElements();
}

static mlir::NamedAttribute epsilonOf(OpCall &call, double epsilon) {
  return call.builder.getNamedAttr("epsilon", call.builder.getF64FloatAttr(epsilon));
}

BatchNormResult batchNormTraining(Operand x, Operand scale, Operand offset, double epsilon) {
  OpCall call("batchNormTraining", {x, scale, offset});
  if (!call || !checkChannels(call))
    return {call.poison(), call.poison(), call.poison()};
  mlir::Type statistic = call[1].getType();
  Values results = call.doneAll(make(call, "batch_norm_training",
                                     {call[0].getType(), statistic, statistic},
                                     {epsilonOf(call, epsilon)}));
  return {results[0], results[1], results[2]};
}

Value batchNormInference(Operand x, Operand scale, Operand offset, Operand mean, Operand variance,
                         double epsilon) {
  OpCall call("batchNormInference", {x, scale, offset, mean, variance});
  if (!call || !checkChannels(call))
    return call.poison();
  return call.done(
      make(call, "batch_norm_inference", {call[0].getType()}, {epsilonOf(call, epsilon)}));
}

Value layerNorm(Operand x, Operand scale, Operand offset, double epsilon) {
  OpCall call("layerNorm", {x, scale, offset});
  if (!call || !checkChannels(call))
    return call.poison();
  return call.done(make(call, "layer_norm", {call[0].getType()}, {epsilonOf(call, epsilon)}));
}

//===- losses -------------------------------------------------------------------------------===//

static mlir::Type withoutLast(OpCall &call) {
  return ir::tensorType(call.entry->context(),
                        llvm::ArrayRef<ir::SizeAttr>(call.shape(0)).drop_back(),
                        call.type(0).getElementType());
}

static Value labelMismatch(OpCall &call) {
  return call.fail("labels have shape " + text(call.shape(1)) + " for logits of shape " +
                       text(call.shape(0)),
                   "integer labels go with the sparse form, one-hot labels with the other", 1);
}

Value sparseSoftmaxCrossEntropy(Operand logits, Operand labels) {
  OpCall call("sparseSoftmaxCrossEntropy", {logits, labels});
  if (!call)
    return call.poison();
  if (call.rank(0) < 1 || llvm::ArrayRef<ir::SizeAttr>(call.shape(0)).drop_back() !=
                              llvm::ArrayRef<ir::SizeAttr>(call.shape(1)))
    return labelMismatch(call);
  return call.done(make(call, "sparse_softmax_cross_entropy", {withoutLast(call)}, {}));
}

Value softmaxCrossEntropy(Operand logits, Operand labels) {
  OpCall call("softmaxCrossEntropy", {logits, labels});
  if (!call || !call.sameElements())
    return call.poison();
  if (call.rank(0) < 1 || call.shape(0) != call.shape(1))
    return labelMismatch(call);
  return call.done(make(call, "softmax_cross_entropy", {withoutLast(call)}, {}));
}

//===- indexing -----------------------------------------------------------------------------===//

static bool checkIndices(OpCall &call, size_t which) {
  mlir::Type element = call.type(which).getElementType();
  if (element.isSignlessInteger(32) || element.isSignlessInteger(64))
    return true;
  call.fail("indices have element type " + std::string(name(detail::fromType(element))) +
                ", expected i32 or i64",
            "cast them", static_cast<int>(which));
  return false;
}

Value gather(Operand x, Operand indices, int64_t axis) {
  OpCall call("gather", {x, indices});
  if (!call || !call.axis(axis, call.rank(0)) || !checkIndices(call, 1))
    return call.poison();
  return call.done(ir::GatherOp::create(call.builder, call.loc, call[0], call[1], axis));
}

Value scatterAdd(Operand x, Operand indices, Operand updates, int64_t axis) {
  OpCall call("scatterAdd", {x, indices, updates});
  if (!call || !call.axis(axis, call.rank(0)) || !checkIndices(call, 1))
    return call.poison();
  return call.done(
      ir::ScatterAddOp::create(call.builder, call.loc, call[0], call[1], call[2], axis));
}

Value oneHot(Operand indices, const Dim &depth, DType type) {
  OpCall call("oneHot", {indices});
  if (!call || !checkIndices(call, 0))
    return call.poison();
  ir::Shape sizes = call.shape(0);
  sizes.push_back(call.entry->program.toSize(depth));
  mlir::Type result = ir::tensorType(call.entry->context(), sizes,
                                     detail::toType(call.entry->context(), type));
  return call.done(make(call, "one_hot", {result}, {}));
}

} // namespace dlc
