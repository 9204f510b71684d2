// The training signature: from the manifest, or guessed from names.
#include "dlc/train.h"
#include "runtime/train/Manifest.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dlc::runtime {
namespace train {

absl::StatusOr<proto::Manifest> readManifest(const Artifact &artifact) {
  size_t bytes = 0;
  const void *data = artifact.manifest(bytes);
  proto::Manifest manifest;
  if (bytes > 0 && !manifest.ParseFromArray(data, static_cast<int>(bytes)))
    return absl::DataLossError(
        absl::StrCat("the manifest of '", artifact.name(), "' is damaged (", bytes, " bytes)"));
  return manifest;
}

TrainingSignature signatureFromManifest(const proto::TrainingSignature &message) {
  TrainingSignature signature;
  signature.initialize = message.initialize();
  signature.train = message.train();
  signature.evaluate = message.evaluate();
  signature.predict = message.predict();
  signature.finalizeMetrics = message.finalize_metrics();
  signature.learningRate = message.learning_rate();
  for (const proto::Metric &metric : message.metrics()) {
    MetricDirection direction = metric.direction() == proto::Metric::MIN ? MetricDirection::Min
                                : metric.direction() == proto::Metric::MAX
                                    ? MetricDirection::Max
                                    : MetricDirection::Unknown;
    signature.metrics.push_back({metric.name(), metric.total(), metric.weight(), direction});
  }
  return signature;
}

namespace {

// By what the word says: losses and errors fall, accuracies and areas rise.
MetricDirection guessDirection(const std::string &name) {
  for (const char *word : {"loss", "error", "mse", "mae", "entropy"})
    if (absl::StrContains(name, word))
      return MetricDirection::Min;
  for (const char *word : {"acc", "auc", "precision", "recall", "f1"})
    if (absl::StrContains(name, word))
      return MetricDirection::Max;
  return MetricDirection::Unknown;
}

} // namespace
} // namespace train

TrainingSignature inferSignature(const TrainBackend &backend) {
  TrainingSignature signature;
  auto entryIfThere = [&](const char *name) {
    return backend.findEntry(name) >= 0 ? std::string(name) : std::string();
  };
  signature.initialize = entryIfThere("initialize");
  signature.train = entryIfThere("train_step");
  signature.evaluate = entryIfThere("evaluate");
  signature.predict = entryIfThere("predict");
  signature.finalizeMetrics = entryIfThere("finalize_metrics");
  const std::string &source = signature.train.empty() ? signature.evaluate : signature.train;
  std::vector<TensorSpec> outputs;
  if (!source.empty())
    outputs = backend.outputs(backend.findEntry(source));
  for (const TensorSpec &total : outputs) {
    if (!absl::EndsWith(total.name, ".total"))
      continue;
    std::string name = total.name.substr(0, total.name.size() - 6);
    for (const TensorSpec &weight : outputs)
      if (weight.name == name + ".weight" && total.dims.empty() && weight.dims.empty())
        signature.metrics.push_back({name, total.name, weight.name, train::guessDirection(name)});
  }
  for (const TensorSpec &variable : backend.variables())
    if (variable.name == "optimizer/learning_rate")
      signature.learningRate = variable.name;
  return signature;
}

} // namespace dlc::runtime
