// Metrics: accuracy in its three forms, and losses as metrics.
#include "LayerState.h"
#include "dlc/training.h"

namespace dlc {

namespace {

bool isSize(const Dim &dim, int64_t value) { return dim.isConstant() && dim.value() == value; }

Value asFloat(const Value &matches) { return cast(matches, DType::F32); }

// Right where (output > 0.5) is the target; mean over the last dimension.
Value binaryAccuracy(Value target, Value output) {
  if (target.rank() + 1 == output.rank())
    target = expandDims(target, target.rank());
  Value decided = cast(greater(output, 0.5), output.dtype());
  return mean(asFloat(equal(decided, cast(target, output.dtype()))), {-1});
}

Value categoricalAccuracy(Value target, Value output) {
  return asFloat(equal(argmax(target, -1), argmax(output, -1)));
}

Value sparseAccuracy(Value target, Value output) {
  if (target.rank() == output.rank() && isSize(target.shape().back(), 1))
    target = squeeze(target, {-1});
  return asFloat(equal(cast(target, DType::I32), argmax(output, -1)));
}

// As Keras resolves "accuracy": one output is binary, integer targets of a lower rank are sparse.
Value accuracy(Value target, Value output) {
  if (!target.ok() || !output.ok())
    return target;
  if (output.rank() == 0 || isSize(output.shape().back(), 1))
    return binaryAccuracy(target, output);
  if (target.rank() < output.rank() || isSize(target.shape().back(), 1))
    return sparseAccuracy(target, output);
  return categoricalAccuracy(target, output);
}

Metric byName(const std::string &name) {
  if (name == "accuracy")
    return {name, accuracy};
  if (name == "binary_accuracy")
    return {name, binaryAccuracy};
  if (name == "categorical_accuracy")
    return {name, categoricalAccuracy};
  if (name == "sparse_categorical_accuracy")
    return {name, sparseAccuracy};
  Loss loss(name.c_str());
  if (!loss.ok())
    return {name, Loss::Function()};
  return {name, [loss](Value target, Value output) { return loss.perSample(target, output); }};
}

} // namespace

Metric::Metric(const char *name) : Metric(byName(name)) {}

Value Metric::perSample(const Value &target, const Value &output, Site at) const {
  detail::CallFrame frame("metric", text, target.ok() ? target : output, at);
  return function(target, output);
}

} // namespace dlc
