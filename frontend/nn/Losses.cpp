// Losses, exact to the reference: where it clips, clips; where it renormalises, renormalises.
#include "LayerState.h"
#include "dlc/training.h"

namespace dlc {

using namespace detail;

namespace {

constexpr double kEpsilon = 1e-7;

Value smooth(const Value &target, double smoothing, double classes) {
  return smoothing == 0 ? target : target * (1 - smoothing) + smoothing / classes;
}

// Reports a target that does not fit; (B,) and (B, 1) are the same thing.
Value alignTarget(const char *loss, const Value &target, const Value &output) {
  if (!target.ok() || !output.ok())
    return target;
  if (target.rank() + 1 == output.rank() && output.shape().back().isConstant() &&
      output.shape().back().value() == 1)
    return expandDims(target, target.rank());
  if (str(target.shape()) == str(output.shape()))
    return target;
  OpCall call(loss, {Operand(target), Operand(output)});
  return call.fail("targets have shape " + str(target.shape()) + " for an output of shape " +
                       str(output.shape()),
                   target.rank() < output.rank()
                       ? "integer labels go with sparse_categorical_crossentropy"
                       : "the last layer must give what the targets hold",
                   1);
}

// log p of probabilities along the last dimension: p / sum(p), clipped.
Value logOfProbabilities(const Value &output) {
  Value normal = output / sum(output, {-1}, /*keepDims=*/true);
  return log(clip(normal, kEpsilon, 1 - kEpsilon));
}

Value binary(const CrossentropyOptions &options, const Value &given, const Value &output) {
  Value target = alignTarget("binary_crossentropy", given, output);
  Value y = smooth(target, options.labelSmoothing, 2);
  if (options.fromLogits)
    return mean(sigmoidCrossEntropy(output, y), {-1});
  Value p = clip(output, kEpsilon, 1 - kEpsilon);
  return mean(-(y * log(p) + (1.0 - y) * log(1.0 - p)), {-1});
}

Value categorical(const CrossentropyOptions &options, const Value &given, const Value &output) {
  Value target = alignTarget("categorical_crossentropy", given, output);
  if (!target.ok() || !output.ok())
    return target;
  double classes = static_cast<double>(output.shape().back().value());
  Value y = smooth(target, options.labelSmoothing, classes);
  if (options.fromLogits)
    return softmaxCrossEntropy(output, y);
  return -sum(y * logOfProbabilities(output), {-1});
}

Value sparse(const SparseCrossentropyOptions &options, const Value &given, const Value &output) {
  Value target = given;
  if (target.ok() && target.rank() == output.rank() && target.shape().back().isConstant() &&
      target.shape().back().value() == 1)
    target = squeeze(target, {-1});
  if (options.fromLogits)
    return sparseSoftmaxCrossEntropy(output, target);
  if (!target.ok() || !output.ok())
    return target;
  if (target.rank() + 1 != output.rank()) {
    OpCall call("sparse_categorical_crossentropy", {Operand(target), Operand(output)});
    return call.fail("labels have shape " + str(target.shape()) + " for an output of shape " +
                         str(output.shape()),
                     "one-hot labels go with categorical_crossentropy", 1);
  }
  Value y = oneHot(target, output.shape().back(), output.dtype());
  return -sum(y * logOfProbabilities(output), {-1});
}

Loss byName(const std::string &name) {
  if (name == "binary_crossentropy")
    return BinaryCrossentropy();
  if (name == "categorical_crossentropy")
    return CategoricalCrossentropy();
  if (name == "sparse_categorical_crossentropy")
    return SparseCategoricalCrossentropy();
  if (name == "mse" || name == "mean_squared_error")
    return MeanSquaredError();
  if (name == "mae" || name == "mean_absolute_error")
    return MeanAbsoluteError();
  return {name, TargetKind::SameAsOutput, nullptr};
}

} // namespace

Loss::Loss(const char *name) : Loss(byName(name)) {}

Value Loss::perSample(const Value &target, const Value &output, Site at) const {
  CallFrame frame("loss", text, target.ok() ? target : output, at);
  return function(target, output);
}

Value Loss::operator()(const Value &target, const Value &output, Site at) const {
  CallFrame frame("loss", text, target.ok() ? target : output, at);
  return mean(function(target, output));
}

Loss BinaryCrossentropy(CrossentropyOptions options) {
  return {"binary_crossentropy", TargetKind::SameAsOutput,
          [=](Value target, Value output) { return binary(options, target, output); }};
}

Loss CategoricalCrossentropy(CrossentropyOptions options) {
  return {"categorical_crossentropy", TargetKind::SameAsOutput,
          [=](Value target, Value output) { return categorical(options, target, output); }};
}

Loss SparseCategoricalCrossentropy(SparseCrossentropyOptions options) {
  return {"sparse_categorical_crossentropy", TargetKind::ClassIndex,
          [=](Value target, Value output) { return sparse(options, target, output); }};
}

Loss MeanSquaredError() {
  return {"mean_squared_error", TargetKind::SameAsOutput, [](Value target, Value output) {
            return mean(square(output - alignTarget("mean_squared_error", target, output)), {-1});
          }};
}

Loss MeanAbsoluteError() {
  return {"mean_absolute_error", TargetKind::SameAsOutput, [](Value target, Value output) {
            return mean(abs(output - alignTarget("mean_absolute_error", target, output)), {-1});
          }};
}

} // namespace dlc
