#include "runtime/train/Metrics.h"

#include "absl/strings/str_cat.h"
#include "runtime/data/Convert.h"

#include <algorithm>

namespace dlc::runtime::train {
namespace {

Logs sorted(std::vector<std::pair<std::string, double>> values) {
  std::sort(values.begin(), values.end());
  Logs logs;
  for (const auto &[name, value] : values)
    logs.set(name, value);
  return logs;
}

absl::Status toStatus(const Outcome &outcome) {
  return absl::Status(static_cast<absl::StatusCode>(outcome.code()), outcome.message());
}

} // namespace

absl::StatusOr<MetricSums> MetricSums::create(TrainBackend &backend,
                                              const TrainingSignature &signature, int64_t entry) {
  MetricSums result;
  result.metrics = signature.metrics;
  std::vector<std::string> names;
  for (const MetricOutput &metric : signature.metrics) {
    names.push_back(metric.total);
    names.push_back(metric.weight);
  }
  if (!signature.finalizeMetrics.empty()) {
    result.finalizeEntry = backend.findEntry(signature.finalizeMetrics);
    if (result.finalizeEntry < 0)
      return absl::NotFoundError(
          absl::StrCat("the model has no entry '", signature.finalizeMetrics, "'"));
    for (const TensorSpec &input : backend.inputs(result.finalizeEntry))
      names.push_back(input.name);
  }
  std::vector<TensorSpec> outputs = backend.outputs(entry);
  for (const std::string &name : names) {
    if (result.find(name))
      continue;
    auto output = std::find_if(outputs.begin(), outputs.end(),
                               [&](const TensorSpec &spec) { return spec.name == name; });
    int64_t elements = output == outputs.end() ? -1 : data::checkedElements(output->dims);
    if (elements < 0)
      return absl::InvalidArgumentError(absl::StrCat("entry '", backend.entries()[entry],
                                                     "' has no output '", name,
                                                     "' of a fixed size, which its metrics need"));
    result.sums.push_back({name, output - outputs.begin(), std::vector<double>(elements)});
  }
  return result;
}

const MetricSums::Sum *MetricSums::find(const std::string &name) const {
  for (const Sum &sum : sums)
    if (sum.name == name)
      return &sum;
  return nullptr;
}

void MetricSums::reset() {
  for (Sum &sum : sums)
    std::fill(sum.total.begin(), sum.total.end(), 0);
}

void MetricSums::add(const std::vector<Array> &results) {
  for (Sum &sum : sums)
    for (size_t i = 0; i < sum.total.size(); ++i)
      sum.total[i] += data::elementAsDouble(results[sum.output].data(), results[sum.output].type(),
                                            static_cast<int64_t>(i));
}

NamedTotals MetricSums::totals() const {
  NamedTotals totals;
  for (const Sum &sum : sums)
    totals.emplace_back(sum.name, sum.total);
  return totals;
}

bool MetricSums::restore(const NamedTotals &totals) {
  auto fits = [](const Sum &sum, const NamedTotals::value_type &saved) {
    return sum.name == saved.first && sum.total.size() == saved.second.size();
  };
  if (!std::equal(sums.begin(), sums.end(), totals.begin(), totals.end(), fits)) {
    reset();
    return false;
  }
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i].total = totals[i].second;
  return true;
}

bool MetricSums::value(const std::string &metric, double &out) const {
  for (const MetricOutput &known : metrics) {
    if (known.name != metric)
      continue;
    double weight = find(known.weight)->total[0];
    out = weight == 0 ? 0 : find(known.total)->total[0] / weight;
    return true;
  }
  return false;
}

absl::StatusOr<Logs> MetricSums::values(TrainBackend &backend) const {
  if (finalizeEntry >= 0)
    return finalize(backend);
  std::vector<std::pair<std::string, double>> values;
  for (const MetricOutput &metric : metrics) {
    double result = 0;
    value(metric.name, result);
    values.emplace_back(metric.name, result);
  }
  return sorted(std::move(values));
}

absl::StatusOr<Logs> MetricSums::finalize(TrainBackend &backend) const {
  std::vector<Array> inputs;
  std::vector<void *> pointers;
  std::vector<std::vector<int64_t>> shapes;
  for (const TensorSpec &input : backend.inputs(finalizeEntry)) {
    const std::vector<double> &total = find(input.name)->total;
    inputs.push_back(Array::allocate(input.type, input.dims));
    if (inputs.back().elements() != static_cast<int64_t>(total.size()))
      return absl::InvalidArgumentError(absl::StrCat(
          "input '", input.name, "' of the entry that finalizes metrics has the shape ",
          describeShape(input.type, input.dims), ", its sum has ", total.size(), " elements"));
    data::convert(total.data(), DType::F64, inputs.back().mutableData(), input.type,
                  static_cast<int64_t>(total.size()));
    pointers.push_back(inputs.back().mutableData());
    shapes.push_back(input.dims);
  }
  if (Outcome outcome = backend.prepare(finalizeEntry, shapes); !outcome.ok())
    return toStatus(outcome);
  if (Outcome outcome = backend.run(finalizeEntry, 0, pointers); !outcome.ok())
    return toStatus(outcome);
  std::vector<std::pair<std::string, double>> values;
  std::vector<TensorSpec> outputs = backend.outputs(finalizeEntry);
  const std::vector<Array> &results = backend.results(finalizeEntry);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (results[i].elements() == 1)
      values.emplace_back(outputs[i].name,
                          data::elementAsDouble(results[i].data(), results[i].type(), 0));
  return sorted(std::move(values));
}

} // namespace dlc::runtime::train
