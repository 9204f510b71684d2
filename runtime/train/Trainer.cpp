// The trainer's small parts: variables, learning rate, weights, and what callbacks ask for.
#include "dlc/train.h"
#include "runtime/data/Convert.h"
#include "runtime/train/TrainerState.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include <algorithm>
#include <cmath>

namespace dlc::runtime {
namespace train {

Error toError(const absl::Status &status) {
  return {static_cast<dlc_code>(status.code()), std::string(status.message())};
}

Result<int64_t> requireEntry(const TrainBackend &backend, const std::string &name,
                             const std::string &role) {
  int64_t entry = name.empty() ? -1 : backend.findEntry(name);
  if (entry >= 0)
    return entry;
  std::string known;
  for (const std::string &other : backend.entries())
    absl::StrAppend(&known, known.empty() ? "" : ", ", other);
  return Error{DLC_NOT_FOUND, absl::StrCat("the model has no entry for ", role,
                                           name.empty() ? "" : absl::StrCat(" ('", name, "')"),
                                           "; its entries are ", known)};
}

} // namespace train

namespace {

Outcome fromStatus(const Status &status) {
  if (status.ok())
    return {};
  return Error{status.code(), status.message()};
}

} // namespace

Trainer::Trainer(TrainBackend &backend, TrainingSignature signature)
    : impl(std::make_unique<Impl>(backend, std::move(signature))) {}
Trainer::~Trainer() = default;

Outcome Trainer::initialize(uint64_t seed) {
  Result<int64_t> entry =
      train::requireEntry(impl->backend, impl->signature.initialize, "initial values");
  if (!entry.ok())
    return entry.error();
  for (const TensorSpec &variable : impl->backend.variables()) {
    if (!(variable.role & DLC_ROLES_RNG))
      continue;
    // {seed, step}: every draw is a function of these two.
    std::vector<int64_t> key(static_cast<size_t>(data::checkedElements(variable.dims)), 0);
    if (!key.empty())
      key[0] = static_cast<int64_t>(seed);
    if (Outcome outcome = impl->backend.set(variable.name, key.data(), key.size() * 8);
        !outcome.ok())
      return outcome;
  }
  if (Outcome outcome = impl->backend.prepare(*entry, {}); !outcome.ok())
    return outcome;
  return impl->backend.run(*entry, 0, {});
}

void Trainer::stop() { impl->stop = true; }
bool Trainer::stopped() const { return impl->stop; }
const History &Trainer::history() const { return impl->history; }
const FitOptions &Trainer::fitOptions() const { return impl->options; }
int64_t Trainer::firstEpoch() const { return impl->firstEpoch; }
int64_t Trainer::stepsPerEpoch() const { return impl->stepsPerEpoch; }
bool Trainer::hasValidation() const { return impl->validates; }
TrainBackend &Trainer::backend() const { return impl->backend; }
const TrainingSignature &Trainer::signature() const { return impl->signature; }

void Trainer::print(const std::string &line) {
  if (!impl->progress)
    impl->progress = std::make_unique<train::Progress>(ProgressOptions());
  impl->progress->message(line);
}

Logs Trainer::runningLogs() const {
  if (!impl->sums)
    return {};
  absl::StatusOr<Logs> logs = impl->sums->values(impl->backend);
  return logs.ok() ? *logs : Logs();
}

namespace {

// The learning rate's variable; an error says why callbacks cannot have it.
Result<TensorSpec> findLearningRate(const TrainBackend &backend, const std::string &name) {
  for (const TensorSpec &variable : backend.variables())
    if (!name.empty() && variable.name == name && data::checkedElements(variable.dims) == 1)
      return variable;
  return Error{DLC_NOT_FOUND, name.empty()
                                  ? "the model has no learning rate that can be changed"
                                  : absl::StrCat("the model has no scalar variable '", name, "'")};
}

} // namespace

Result<double> Trainer::learningRate() const {
  Result<TensorSpec> variable = findLearningRate(impl->backend, impl->signature.learningRate);
  if (!variable.ok())
    return variable.error();
  char value[8] = {};
  Outcome outcome = impl->backend.get(variable->name, value, dtypeBytes(variable->type));
  if (!outcome.ok())
    return outcome.error();
  return data::elementAsDouble(value, variable->type, 0);
}

Outcome Trainer::setLearningRate(double rate) {
  Result<TensorSpec> variable = findLearningRate(impl->backend, impl->signature.learningRate);
  if (!variable.ok())
    return variable.error();
  char value[8] = {};
  data::convert(&rate, DType::F64, value, variable->type, 1);
  return impl->backend.set(variable->name, value, dtypeBytes(variable->type));
}

Result<std::vector<NamedArray>> Trainer::snapshot(uint32_t roles) const {
  std::vector<NamedArray> values;
  for (const TensorSpec &variable : impl->backend.variables()) {
    if (!(variable.role & roles))
      continue;
    Array array = Array::allocate(variable.type, variable.dims);
    if (!array)
      return Error{DLC_RESOURCE_EXHAUSTED,
                   absl::StrCat("not enough memory for a copy of '", variable.name, "'")};
    if (Outcome outcome = impl->backend.get(variable.name, array.mutableData(), array.bytes());
        !outcome.ok())
      return outcome.error();
    values.push_back({variable.name, array});
  }
  return values;
}

Outcome Trainer::restore(const std::vector<NamedArray> &values) {
  for (const auto &[name, array] : values)
    if (Outcome outcome = impl->backend.set(name, array.data(), array.bytes()); !outcome.ok())
      return outcome;
  return {};
}

void Trainer::Impl::clearBefore(const std::string &path) {
  if (cleared.insert(path).second)
    train::removeAbandoned(path);
}

Outcome Trainer::saveWeights(const std::string &path, uint32_t roles) {
  impl->clearBefore(path);
  Result<std::vector<NamedArray>> values = snapshot(roles);
  if (!values.ok())
    return values.error();
  std::vector<dlc_named_tensor> tensors;
  for (const auto &[name, array] : *values)
    tensors.push_back({name.c_str(), static_cast<uint32_t>(array.type()),
                       static_cast<uint32_t>(array.rank()), array.dims().data(), array.data()});
  return fromStatus(Weights::write(path.c_str(), tensors.data(), tensors.size()));
}

Outcome Trainer::loadWeights(const std::string &path, uint32_t roles) {
  Weights file;
  if (Status status = Weights::open(path.c_str(), file); !status.ok())
    return fromStatus(status);
  // Everything is read and checked before anything is changed.
  std::vector<NamedArray> values;
  for (const TensorSpec &variable : impl->backend.variables()) {
    if (!(variable.role & roles))
      continue;
    uint32_t index = 0;
    if (Status status = file.find(variable.name.c_str(), index); !status.ok())
      return fromStatus(status);
    dlc_tensor_info info = file.tensor(index);
    std::vector<int64_t> dims(info.dims, info.dims + info.rank);
    auto type = static_cast<DType>(info.dtype);
    if (type != variable.type || dims != variable.dims)
      return Error{DLC_INVALID_ARGUMENT, absl::StrCat(path, ": '", variable.name, "': expected ",
                                                      describeShape(variable.type, variable.dims),
                                                      ", got ", describeShape(type, dims))};
    Array array = Array::allocate(type, dims);
    if (!array)
      return Error{DLC_RESOURCE_EXHAUSTED, absl::StrCat(path, ": not enough memory")};
    if (Status status = file.read(index, array.mutableData(), array.bytes()); !status.ok())
      return fromStatus(status);
    values.push_back({variable.name, array});
  }
  return restore(values);
}

Outcome Trainer::saveTrainingState(const std::string &path) {
  if (impl->endingEpoch) {
    impl->pendingStates.push_back(path);
    return {};
  }
  impl->clearBefore(path);
  return train::writeTrainingState(*this, *impl, path);
}

Result<MetricDirection> Trainer::direction(const std::string &metric, Mode mode) const {
  if (mode != Mode::Auto)
    return mode == Mode::Min ? MetricDirection::Min : MetricDirection::Max;
  std::string name = absl::StartsWith(metric, "val_") ? metric.substr(4) : metric;
  for (const MetricOutput &known : impl->signature.metrics)
    if (known.name == name && known.direction != MetricDirection::Unknown)
      return known.direction;
  if (name == "loss" || absl::EndsWith(name, "_loss"))
    return MetricDirection::Min;
  return Error{DLC_INVALID_ARGUMENT,
               absl::StrCat("metric '", metric,
                            "' does not say whether less or more is better; set "
                            "the callback's mode to min or max")};
}

} // namespace dlc::runtime
