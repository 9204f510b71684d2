// Passes over data without an update: evaluation, prediction, and single batches.
#include "dlc/train.h"
#include "runtime/data/Convert.h"
#include "runtime/train/TrainerState.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <cstring>

namespace dlc::runtime {
namespace train {

Result<std::unique_ptr<BatchStream>> openStream(TrainBackend &backend, int64_t entry,
                                                const Dataset &data, const StreamOptions &options) {
  std::vector<InputSpec> inputs;
  for (const TensorSpec &input : backend.inputs(entry))
    inputs.push_back({input.name, input.type, input.dims});
  Result<Dataset> fitted = data.conform(inputs);
  if (!fitted.ok())
    return fitted.error();
  Result<std::unique_ptr<BatchStream>> stream = BatchStream::create(*fitted, options);
  if (!stream.ok())
    return stream;
  int64_t rows = std::min(options.batchSize, data.size());
  std::vector<std::vector<int64_t>> shapes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    // A model compiled for one batch size takes no other, the last batch of a pass included.
    int64_t fixed = inputs[i].dims[0];
    if (fixed >= 0 && (fixed != rows || data.size() % rows != 0))
      return Error{DLC_INVALID_ARGUMENT,
                   absl::StrCat("the model was compiled for batches of ", fixed, " samples; got ",
                                data.size(), " samples in batches of ", rows)};
    shapes.push_back(fitted->columns()[i].sampleDims);
    shapes.back().insert(shapes.back().begin(), rows);
  }
  if (Outcome outcome = backend.prepare(entry, shapes); !outcome.ok())
    return outcome.error();
  return stream;
}

Outcome runBatches(TrainBackend &backend, int64_t entry, BatchStream &stream, int64_t batches,
                   MetricSums &sums, const std::function<void(int64_t done)> &each) {
  sums.reset();
  stream.start(0, batches);
  int64_t done = 0;
  while (const Batch *batch = stream.next()) {
    if (Outcome outcome = backend.run(entry, batch->rows, batch->columns); !outcome.ok())
      return outcome;
    sums.add(backend.results(entry));
    each(++done);
  }
  return {};
}

namespace {

// One batch of everything in |data| through |entry|.
Result<Logs> runOnce(TrainBackend &backend, const TrainingSignature &signature, int64_t entry,
                     const Dataset &data) {
  StreamOptions options;
  options.batchSize = data.size();
  options.prefetch = 0;
  Result<std::unique_ptr<BatchStream>> stream = openStream(backend, entry, data, options);
  if (!stream.ok())
    return stream.error();
  absl::StatusOr<MetricSums> sums = MetricSums::create(backend, signature, entry);
  if (!sums.ok())
    return toError(sums.status());
  if (Outcome outcome = runBatches(backend, entry, **stream, 1, *sums, [](int64_t) {});
      !outcome.ok())
    return outcome.error();
  absl::StatusOr<Logs> logs = sums->values(backend);
  return logs.ok() ? Result<Logs>(*logs) : Result<Logs>(toError(logs.status()));
}

// Appends the rows of one batch's outputs.
Outcome collect(const std::vector<TensorSpec> &outputs, const std::vector<Array> &results,
                int64_t samples, int64_t first, int64_t rows, std::vector<NamedArray> &into) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Array &result = results[i];
    if (result.rank() == 0 || result.dims()[0] != rows)
      return Error{DLC_INVALID_ARGUMENT,
                   absl::StrCat("output '", outputs[i].name, "' is ",
                                describeShape(result.type(), result.dims()), " for ", rows,
                                " samples; predict needs one row per sample")};
    if (into.size() <= i) {
      std::vector<int64_t> dims = result.dims();
      dims[0] = samples;
      into.push_back({outputs[i].name, Array::allocate(result.type(), dims)});
      if (!into.back().array)
        return Error{DLC_RESOURCE_EXHAUSTED,
                     absl::StrCat("not enough memory for ", describeShape(result.type(), dims))};
    }
    std::memcpy(static_cast<char *>(into[i].array.mutableData()) + first * (result.bytes() / rows),
                result.data(), result.bytes());
  }
  return {};
}

} // namespace
} // namespace train

Result<Logs> Trainer::evaluate(const Dataset &data, const EvaluateOptions &options) {
  TrainBackend &backend = impl->backend;
  Result<int64_t> entry = train::requireEntry(backend, impl->signature.evaluate, "evaluation");
  if (!entry.ok())
    return entry.error();
  StreamOptions streamOptions;
  streamOptions.batchSize = options.batchSize;
  streamOptions.prefetch = options.prefetch;
  Result<std::unique_ptr<BatchStream>> stream =
      train::openStream(backend, *entry, data, streamOptions);
  if (!stream.ok())
    return stream.error();
  absl::StatusOr<train::MetricSums> sums =
      train::MetricSums::create(backend, impl->signature, *entry);
  if (!sums.ok())
    return train::toError(sums.status());

  int64_t steps = (*stream)->batchesPerPass();
  steps = options.steps > 0 ? std::min(options.steps, steps) : steps;
  impl->progress = std::make_unique<train::Progress>(options.progress);
  impl->progress->beginEvaluation(steps);
  auto report = [&](int64_t done) {
    if (impl->progress->due())
      if (absl::StatusOr<Logs> logs = sums->values(backend); logs.ok())
        impl->progress->update(done, *logs);
  };
  if (Outcome outcome = train::runBatches(backend, *entry, **stream, steps, *sums, report);
      !outcome.ok())
    return outcome.error();
  absl::StatusOr<Logs> logs = sums->values(backend);
  if (!logs.ok())
    return train::toError(logs.status());
  impl->progress->endEvaluation(steps, *logs);
  for (const std::shared_ptr<Callback> &callback : options.callbacks)
    if (Outcome outcome = callback->onEvaluateEnd(*this, *logs); !outcome.ok())
      return outcome.error();
  return *logs;
}

Result<std::vector<NamedArray>> Trainer::predict(const Dataset &data, int64_t batchSize) {
  TrainBackend &backend = impl->backend;
  Result<int64_t> entry = train::requireEntry(backend, impl->signature.predict, "prediction");
  if (!entry.ok())
    return entry.error();
  StreamOptions options;
  options.batchSize = batchSize;
  Result<std::unique_ptr<BatchStream>> stream = train::openStream(backend, *entry, data, options);
  if (!stream.ok())
    return stream.error();
  (*stream)->start(0, (*stream)->batchesPerPass());
  std::vector<TensorSpec> outputs = backend.outputs(*entry);
  std::vector<NamedArray> all;
  int64_t first = 0;
  while (const Batch *batch = (*stream)->next()) {
    if (Outcome outcome = backend.run(*entry, batch->rows, batch->columns); !outcome.ok())
      return outcome.error();
    if (Outcome outcome =
            train::collect(outputs, backend.results(*entry), data.size(), first, batch->rows, all);
        !outcome.ok())
      return outcome.error();
    first += batch->rows;
  }
  return all;
}

Result<Logs> Trainer::trainOnBatch(const Dataset &batch) {
  Result<int64_t> entry = train::requireEntry(impl->backend, impl->signature.train, "training");
  return entry.ok() ? train::runOnce(impl->backend, impl->signature, *entry, batch)
                    : Result<Logs>(entry.error());
}

Result<Logs> Trainer::testOnBatch(const Dataset &batch) {
  Result<int64_t> entry =
      train::requireEntry(impl->backend, impl->signature.evaluate, "evaluation");
  return entry.ok() ? train::runOnce(impl->backend, impl->signature, *entry, batch)
                    : Result<Logs>(entry.error());
}

} // namespace dlc::runtime
