#include "tools/dlc-run/Runner.h"
#include "tools/dlc-run/Draw.h"

#include <algorithm>
#include <cstdio>

using namespace dlc::runtime;
using namespace dlc::tools;

// A failure of the C API as one of the data library's, so that one type travels up.
static Outcome outcome(const Status &status) {
  return status.ok() ? Outcome() : Outcome(Error{status.code(), status.message()});
}

#define TRY(call)                                                                                  \
  do {                                                                                             \
    if (Outcome outcome_ = (call); !outcome_.ok())                                                 \
      return outcome_;                                                                             \
  } while (false)

static std::vector<int64_t> dimsOf(const dlc_tensor_info &info) {
  return std::vector<int64_t>(info.dims, info.dims + info.rank);
}

Outcome Runner::run() {
  dlc_open_options open = {options.variant.empty() ? nullptr : options.variant.c_str()};
  TRY(outcome(Artifact::open(options.artifact.c_str(), artifact, &open)));
  if (options.list) {
    list();
    return Outcome();
  }
  TRY(outcome(artifact.findEntry(options.entry.c_str(), entry)));
  for (const auto &[symbol, value] : options.sizes)
    sizes.push_back({symbol.c_str(), value});
  TRY(outcome(Pool::create(options.threads, pool)));
  TRY(loadInputs());
  bool given = !options.inputs.empty() || !options.draw.empty();
  if (options.bytes && !given && artifact.inputCount(entry) > 0)
    return reportBytes();
  TRY(createState());
  return runEntry();
}

void Runner::list() const {
  char text[256];
  printf("%s (variant %s)\n", artifact.name(), artifact.variant());
  for (uint32_t e = 0; e < artifact.entryCount(); ++e) {
    printf("entry %s\n", artifact.entryName(e));
    for (uint32_t i = 0; i < artifact.inputCount(e); ++i) {
      dlc_artifact_describe_input(artifact.handle(), e, i, text, sizeof text);
      printf("  in  %s: %s\n", artifact.input(e, i).name, text);
    }
    for (uint32_t i = 0; i < artifact.outputCount(e); ++i) {
      dlc_artifact_describe_output(artifact.handle(), e, i, text, sizeof text);
      printf("  out %s: %s\n", artifact.output(e, i).name, text);
    }
  }
  for (uint32_t v = 0; v < artifact.variableCount(); ++v) {
    dlc_artifact_describe_variable(artifact.handle(), v, text, sizeof text);
    printf("variable %s: %s\n", artifact.variable(v).name, text);
  }
}

Outcome Runner::loadInputs() {
  inputs.resize(artifact.inputCount(entry));
  if (!options.draw.empty())
    TRY(loadSamples());
  for (const auto &[name, file] : options.inputs) {
    uint32_t index;
    TRY(outcome(artifact.findInput(entry, name.c_str(), index)));
    Result<Array> loaded = loadArray(file);
    if (!loaded.ok())
      return loaded.error();
    inputs[index] = *loaded;
  }
  return Outcome();
}

// For --draw: samples spread over the data set, the labels being the first column beyond the
// entry's inputs that has one integer per sample.
Outcome Runner::loadSamples() {
  Result<Dataset> data = loadDataset(options.draw);
  if (!data.ok())
    return data.error();
  Dataset chosen =
      data->every(std::max<int64_t>(1, data->size() / options.count)).take(options.count);
  std::vector<InputSpec> specs;
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    dlc_tensor_info info = artifact.input(entry, i);
    specs.push_back({info.name, DType(info.dtype), dimsOf(info)});
  }
  Result<Dataset> fitted = chosen.conform(specs);
  if (!fitted.ok())
    return fitted.error();
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    Result<Array> values = fitted->values(specs[i].name);
    if (!values.ok())
      return values.error();
    inputs[i] = *values;
  }
  for (const Column &column : chosen.columns()) {
    bool scalar = column.sampleDims.empty() && column.scale == 1 && column.offset == 0;
    Result<Array> values = chosen.values(column.name);
    if (!values.ok())
      return values.error();
    if (!specs.empty() && column.name == specs[0].name)
      images = *values;
    else if (!labels && scalar && !fitted->find(column.name))
      labels = *values;
  }
  return Outcome();
}

// Bytes for the sizes of --bind alone; a run reports them from its session.
Outcome Runner::reportBytes() {
  int64_t arena;
  TRY(outcome(artifact.arenaBytes(entry, sizes.data(), sizes.size(), pool.threads(), arena)));
  printf("arena_bytes=%lld\n", static_cast<long long>(arena));
  return Outcome();
}

Outcome Runner::createState() {
  TRY(outcome(State::create(artifact, nullptr, 0, state)));
  if (!options.weights.empty())
    return outcome(state.loadFile(options.weights.c_str(), DLC_ROLES_MODEL));
  if (artifact.entryReads(entry))
    return Error{DLC_INVALID_ARGUMENT, "entry \"" + options.entry +
                                           "\" reads variables: give their values with --weights"};
  return Outcome();
}

Outcome Runner::runEntry() {
  Session session;
  TRY(outcome(Session::create(artifact, state, pool, sizes.data(), sizes.size(), session)));
  session.checkFinite(options.checkFinite);
  TRY(bindInputs(session));
  TRY(bindOutputs(session));
  TRY(outcome(session.prepare(entry)));
  if (options.bytes)
    printf("arena_bytes=%lld\nstate_bytes=%lld\n", static_cast<long long>(session.arenaBytes()),
           static_cast<long long>(state.bytes()));
  TRY(outcome(session.run(entry)));
  return writeOutputs();
}

Outcome Runner::bindInputs(Session &session) {
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    const Array &input = inputs[i];
    if (!input)
      return Error{DLC_INVALID_ARGUMENT, std::string("input \"") + artifact.input(entry, i).name +
                                             "\" is missing: give it with --in"};
    TRY(outcome(session.bindInput(entry, i, uint32_t(input.type()), input.data(),
                                  input.dims().data(), uint32_t(input.rank()))));
  }
  return Outcome();
}

Outcome Runner::bindOutputs(Session &session) {
  for (uint32_t i = 0; i < artifact.outputCount(entry); ++i) {
    dlc_tensor_info info = artifact.output(entry, i);
    TRY(outcome(session.outputDims(entry, i, info.dims)));
    Array output = Array::allocate(DType(info.dtype), dimsOf(info));
    if (!output)
      return Error{DLC_RESOURCE_EXHAUSTED,
                   std::string("output \"") + info.name + "\": out of memory"};
    TRY(outcome(session.bindOutput(entry, i, output.mutableData(), size_t(output.bytes()))));
    outputs.push_back(output);
  }
  return Outcome();
}

Outcome Runner::draw() const {
  if (!images)
    return Error{DLC_INVALID_ARGUMENT, "entry \"" + options.entry + "\" has no input to draw"};
  // The data's own shape says more than that of a model which takes rows of pixels.
  std::vector<int64_t> own(images.dims().begin() + 1, images.dims().end());
  std::vector<int64_t> seen(inputs[0].dims().begin() + 1, inputs[0].dims().end());
  const char *name = artifact.input(entry, 0).name;
  Result<std::pair<int64_t, int64_t>> size = imageSize(name, own.size() > 1 ? own : seen);
  if (!size.ok())
    return size.error();
  bool scores = !outputs.empty() && outputs[0].rank() == 2 && outputs[0].dims()[1] > 1;
  printf("%s", drawSamples(inputs[0], *size, scores ? outputs[0] : Array(), labels).c_str());
  return Outcome();
}

Outcome Runner::writeOutputs() {
  if (!options.draw.empty())
    TRY(draw());
  for (uint32_t i = 0; i < outputs.size() && options.draw.empty(); ++i)
    printf("%s: %s\n", artifact.output(entry, i).name,
           describeShape(outputs[i].type(), outputs[i].dims()).c_str());
  for (const auto &[name, file] : options.outputs) {
    uint32_t index;
    TRY(outcome(artifact.findOutput(entry, name.c_str(), index)));
    TRY(writeNpy(file, outputs[index]));
  }
  return Outcome();
}
