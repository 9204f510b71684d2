// The backend that runs a compiled artifact.
//
// One state, one session. Outputs live in buffers made at prepare time for the most rows; for each
// row count that occurs (the full batch, the last partial one) the views on them are made once, so
// that a step of a known size allocates nothing.
#include "dlc/train.h"
#include "runtime/abi/program.h"
#include "runtime/data/Errors.h"
#include "runtime/train/Manifest.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <map>

namespace dlc::runtime {
namespace {

Outcome toOutcome(const Status &status) {
  if (status.ok())
    return {};
  return Error{status.code(), status.message()};
}

TensorSpec describe(const dlc_tensor_info &info) {
  TensorSpec spec{info.name, static_cast<DType>(info.dtype), {}, 1u << info.role};
  spec.dims.assign(info.dims, info.dims + info.rank);
  return spec;
}

struct EntryState {
  std::vector<TensorSpec> inputs, outputs;
  std::vector<std::vector<int64_t>> inputDims; // as prepared
  std::vector<Array> memory;                   // of the outputs, for the most rows
  std::map<int64_t, std::vector<Array>> views; // on that memory, by rows
  int64_t boundRows = -1;                      // rows that outputs are bound for
  const std::vector<Array> *current = nullptr;
};

class SessionBackend : public TrainBackend {
public:
  static Result<std::unique_ptr<TrainBackend>> create(const Artifact &artifact, const Pool &pool,
                                                      const BackendOptions &options);

  int64_t findEntry(const std::string &name) const override;
  std::vector<std::string> entries() const override { return names; }
  std::vector<TensorSpec> inputs(int64_t entry) const override { return states[entry].inputs; }
  std::vector<TensorSpec> outputs(int64_t entry) const override { return states[entry].outputs; }
  std::vector<TensorSpec> variables() const override { return variableSpecs; }

  Outcome prepare(int64_t entry, const std::vector<std::vector<int64_t>> &inputDims) override;
  Outcome run(int64_t entry, int64_t rows, const std::vector<void *> &inputs) override;
  const std::vector<Array> &results(int64_t entry) const override { return *states[entry].current; }

  Outcome get(const std::string &variable, void *data, size_t bytes) override {
    return toOutcome(state.get(variable.c_str(), data, bytes));
  }
  Outcome set(const std::string &variable, const void *data, size_t bytes) override {
    return toOutcome(state.set(variable.c_str(), data, bytes));
  }

private:
  Outcome bindInputs(int64_t entry, int64_t rows, const std::vector<void *> &inputs);
  Outcome bindOutputs(int64_t entry, int64_t rows);
  Outcome makeViews(int64_t entry, int64_t rows);

  State state;
  Session session;
  std::vector<std::string> names;
  std::vector<EntryState> states;
  std::vector<TensorSpec> variableSpecs;
};

Result<std::unique_ptr<TrainBackend>> SessionBackend::create(const Artifact &artifact,
                                                             const Pool &pool,
                                                             const BackendOptions &options) {
  auto backend = std::make_unique<SessionBackend>();
  if (Status status = State::create(artifact, nullptr, 0, backend->state); !status.ok())
    return toOutcome(status).error();
  if (Status status = Session::create(artifact, backend->state, pool, nullptr, 0, backend->session);
      !status.ok())
    return toOutcome(status).error();
  backend->session.checkFinite(options.checkFinite);
  for (uint32_t entry = 0; entry < artifact.entryCount(); ++entry) {
    EntryState described;
    for (uint32_t i = 0; i < artifact.inputCount(entry); ++i)
      described.inputs.push_back(describe(artifact.input(entry, i)));
    for (uint32_t i = 0; i < artifact.outputCount(entry); ++i)
      described.outputs.push_back(describe(artifact.output(entry, i)));
    backend->names.push_back(artifact.entryName(entry));
    backend->states.push_back(std::move(described));
  }
  for (uint32_t i = 0; i < artifact.variableCount(); ++i)
    if (artifact.variable(i).role != DLC_ROLE_CACHE)
      backend->variableSpecs.push_back(describe(artifact.variable(i)));
  return std::unique_ptr<TrainBackend>(std::move(backend));
}

int64_t SessionBackend::findEntry(const std::string &name) const {
  auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : found - names.begin();
}

Outcome SessionBackend::bindInputs(int64_t entry, int64_t rows, const std::vector<void *> &inputs) {
  EntryState &e = states[entry];
  for (size_t i = 0; i < e.inputs.size(); ++i) {
    std::vector<int64_t> &dims = e.inputDims[i];
    if (!dims.empty() && e.inputs[i].dims[0] < 0)
      dims[0] = rows;
    Status status = session.bindInput(static_cast<uint32_t>(entry), static_cast<uint32_t>(i),
                                      static_cast<uint32_t>(e.inputs[i].type), inputs[i],
                                      dims.data(), static_cast<uint32_t>(dims.size()));
    if (!status.ok())
      return toOutcome(status);
  }
  return {};
}

Outcome SessionBackend::makeViews(int64_t entry, int64_t rows) {
  EntryState &e = states[entry];
  std::vector<Array> views;
  for (size_t i = 0; i < e.outputs.size(); ++i) {
    int64_t dims[DLC_MAX_RANK];
    Status status =
        session.outputDims(static_cast<uint32_t>(entry), static_cast<uint32_t>(i), dims);
    if (!status.ok())
      return toOutcome(status);
    std::vector<int64_t> shape(dims, dims + e.outputs[i].dims.size());
    // Memory is made for the first, largest shape; an output may still grow when it does not
    // follow the rows.
    Array whole = Array::view(e.outputs[i].type, shape, nullptr);
    if (e.memory.size() <= i)
      e.memory.emplace_back();
    if (!e.memory[i] || e.memory[i].bytes() < whole.bytes()) {
      e.memory[i] = Array::allocate(e.outputs[i].type, shape);
      if (!e.memory[i])
        return Error{DLC_RESOURCE_EXHAUSTED,
                     absl::StrCat("not enough memory for output '", e.outputs[i].name, "' ",
                                  describeShape(e.outputs[i].type, shape))};
    }
    views.push_back(Array::view(e.outputs[i].type, shape, e.memory[i].data()));
  }
  e.views[rows] = std::move(views);
  return {};
}

Outcome SessionBackend::bindOutputs(int64_t entry, int64_t rows) {
  EntryState &e = states[entry];
  if (e.boundRows == rows)
    return {};
  if (e.views.find(rows) == e.views.end())
    if (Outcome outcome = makeViews(entry, rows); !outcome.ok())
      return outcome;
  e.current = &e.views[rows];
  for (size_t i = 0; i < e.outputs.size(); ++i) {
    Status status = session.bindOutput(static_cast<uint32_t>(entry), static_cast<uint32_t>(i),
                                       e.memory[i].mutableData(), e.memory[i].bytes());
    if (!status.ok())
      return toOutcome(status);
  }
  e.boundRows = rows;
  return {};
}

Outcome SessionBackend::prepare(int64_t entry, const std::vector<std::vector<int64_t>> &inputDims) {
  EntryState &e = states[entry];
  int64_t rows = 0;
  for (size_t i = 0; i < e.inputs.size(); ++i)
    if (!e.inputs[i].dims.empty() && e.inputs[i].dims[0] < 0)
      rows = std::max(rows, inputDims[i][0]);
  if (e.inputDims != inputDims) {
    e.inputDims = inputDims;
    e.memory.clear();
    e.views.clear();
    e.boundRows = -1;
  }
  // The session learns the sizes from inputs of these shapes; what they hold does not matter.
  static char nothing[64] = {};
  if (Outcome outcome = bindInputs(entry, rows, std::vector<void *>(e.inputs.size(), nothing));
      !outcome.ok())
    return outcome;
  if (Outcome outcome = toOutcome(session.prepare(static_cast<uint32_t>(entry))); !outcome.ok())
    return outcome;
  return bindOutputs(entry, rows);
}

Outcome SessionBackend::run(int64_t entry, int64_t rows, const std::vector<void *> &inputs) {
  if (Outcome outcome = bindInputs(entry, rows, inputs); !outcome.ok())
    return outcome;
  if (Outcome outcome = bindOutputs(entry, rows); !outcome.ok())
    return outcome;
  return toOutcome(session.run(static_cast<uint32_t>(entry)));
}

} // namespace

Result<std::unique_ptr<TrainBackend>> openSessionBackend(const Artifact &artifact,
                                                         const Pool &pool,
                                                         const BackendOptions &options) {
  return SessionBackend::create(artifact, pool, options);
}

Result<TrainingSignature> readSignature(const Artifact &artifact) {
  absl::StatusOr<proto::Manifest> manifest = train::readManifest(artifact);
  if (!manifest.ok())
    return data::toError(manifest.status());
  if (manifest->has_training())
    return train::signatureFromManifest(manifest->training());
  Result<std::unique_ptr<TrainBackend>> backend = openSessionBackend(artifact, Pool());
  return backend.ok() ? Result<TrainingSignature>(inferSignature(**backend))
                      : Result<TrainingSignature>(backend.error());
}

} // namespace dlc::runtime
