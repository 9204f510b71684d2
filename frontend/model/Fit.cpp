// Training in this process: the program is compiled to an artifact in memory, the artifact is
// opened by the runtime, and a Trainer does the rest.
#include "ModelState.h"
#include "codegen/include/dlc/codegen.h"
#include "dlc/fit.h"
#include <cstring>

namespace dlc {

using namespace detail;
using runtime::Array;
using runtime::Dataset;
using runtime::Outcome;
using runtime::Result;

namespace detail {

struct Learner {
  runtime::Artifact artifact;
  runtime::Pool pool;
  std::unique_ptr<runtime::TrainBackend> backend;
  std::unique_ptr<runtime::Trainer> trainer;
};

} // namespace detail

namespace {

runtime::Error errorOf(const runtime::Status &status) {
  return {status.code(), status.message()};
}

// The artifact of the model's program, opened.
Outcome build(ModelState &model, Learner &learner) {
  std::string bytecode = model.program->bytecode();
  if (!model.program->ok()) {
    std::string text;
    for (const Error &error : model.program->errors())
      text += (text.empty() ? "" : "\n") + error.str();
    return runtime::Error{DLC_INVALID_ARGUMENT, text};
  }
  codegen::CompileOptions options;
  options.cacheFolder = codegen::defaultCacheFolder();
  codegen::CompileResult result = codegen::compileModule(bytecode, options);
  if (!result.ok())
    return runtime::Error{DLC_INTERNAL, result.error};
  if (runtime::Status status = runtime::Artifact::openMemory(
          result.output.data(), result.output.size(), model.name.c_str(), learner.artifact);
      !status.ok())
    return errorOf(status);
  if (runtime::Status status = runtime::Pool::create(model.threads, learner.pool); !status.ok())
    return errorOf(status);
  return {};
}

// The model's learner, made on first use with first values of seed 0.
Result<Learner *> learnerOf(ModelState &model) {
  if (model.learner)
    return model.learner.get();
  if (!model.program)
    return runtime::Error{DLC_FAILED_PRECONDITION,
                          "model '" + model.name + "' was not compiled; call compile() first"};
  auto learner = std::make_shared<Learner>();
  if (Outcome outcome = build(model, *learner); !outcome.ok())
    return outcome.error();
  auto signature = runtime::readSignature(learner->artifact);
  if (!signature.ok())
    return signature.error();
  auto backend = runtime::openSessionBackend(learner->artifact, learner->pool);
  if (!backend.ok())
    return backend.error();
  learner->backend = std::move(*backend);
  learner->trainer = std::make_unique<runtime::Trainer>(*learner->backend, *signature);
  if (Outcome outcome = learner->trainer->initialize(0); !outcome.ok())
    return outcome.error();
  model.learner = learner;
  return learner.get();
}

// The arrays of a model with one input and one output, under the names of its entries.
Result<Dataset> pairOf(const ModelState &model, const Array &x, const Array *y) {
  Names names = namesOf(model);
  if (names.inputs.size() != 1 || names.outputs.size() != 1)
    return runtime::Error{DLC_INVALID_ARGUMENT,
                          "model '" + model.name + "' has " + std::to_string(names.inputs.size()) +
                              " inputs and " + std::to_string(names.outputs.size()) +
                              " outputs; pass a data set that names them"};
  std::vector<runtime::NamedArray> columns = {{names.inputs[0], x}};
  if (y)
    columns.push_back({names.targets[0], *y});
  return Dataset::fromArrays(columns);
}

const runtime::TensorSpec *findVariable(const std::vector<runtime::TensorSpec> &variables,
                                        const std::string &name) {
  for (const runtime::TensorSpec &variable : variables)
    if (variable.name == name)
      return &variable;
  return nullptr;
}

runtime::Error unknownVariable(const std::string &name) {
  return {DLC_NOT_FOUND, "the model has no variable \"" + name + "\""};
}

} // namespace

Result<runtime::History> Model::fit(const Dataset &data, const runtime::FitOptions &options) {
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  return (*learner)->trainer->fit(data, options);
}

Result<runtime::History> Model::fit(const Array &x, const Array &y,
                                    const runtime::FitOptions &options) {
  Result<Dataset> data = pairOf(model(), x, &y);
  if (!data.ok())
    return data.error();
  return fit(*data, options);
}

Result<runtime::Logs> Model::evaluate(const Dataset &data) {
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  runtime::EvaluateOptions options;
  options.progress.mode = runtime::ProgressMode::None;
  return (*learner)->trainer->evaluate(data, options);
}

Result<runtime::Logs> Model::evaluate(const Array &x, const Array &y) {
  Result<Dataset> data = pairOf(model(), x, &y);
  if (!data.ok())
    return data.error();
  return evaluate(*data);
}

Result<std::vector<runtime::NamedArray>> Model::predict(const Dataset &data) {
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  return (*learner)->trainer->predict(data);
}

Result<Array> Model::predict(const Array &x) {
  Result<Dataset> data = pairOf(model(), x, nullptr);
  if (!data.ok())
    return data.error();
  Result<std::vector<runtime::NamedArray>> outputs = predict(*data);
  if (!outputs.ok())
    return outputs.error();
  return outputs->front().array;
}

Result<runtime::Logs> Model::trainOnBatch(const Array &x, const Array &y) {
  Result<Dataset> data = pairOf(model(), x, &y);
  if (!data.ok())
    return data.error();
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  return (*learner)->trainer->trainOnBatch(*data);
}

Result<Array> Model::weight(const std::string &name) {
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  std::vector<runtime::TensorSpec> variables = (*learner)->backend->variables();
  const runtime::TensorSpec *variable = findVariable(variables, name);
  if (!variable)
    return unknownVariable(name);
  Array array = Array::allocate(variable->type, variable->dims);
  if (Outcome outcome = (*learner)->backend->get(name, array.mutableData(),
                                                 static_cast<size_t>(array.bytes()));
      !outcome.ok())
    return outcome.error();
  return array;
}

Outcome Model::setWeight(const std::string &name, const Array &value) {
  Result<Learner *> learner = learnerOf(model());
  if (!learner.ok())
    return learner.error();
  std::vector<runtime::TensorSpec> variables = (*learner)->backend->variables();
  const runtime::TensorSpec *variable = findVariable(variables, name);
  if (!variable)
    return unknownVariable(name);
  if (variable->type != value.type() || variable->dims != value.dims())
    return runtime::Error{DLC_INVALID_ARGUMENT,
                          "variable \"" + name + "\" is " +
                              runtime::describeShape(variable->type, variable->dims) + ", got " +
                              runtime::describeShape(value.type(), value.dims())};
  return (*learner)->backend->set(name, value.data(), static_cast<size_t>(value.bytes()));
}

Outcome Model::saveWeights(const std::string &path) {
  Result<Learner *> learner = learnerOf(model());
  return learner.ok() ? (*learner)->trainer->saveWeights(path) : learner.error();
}

Outcome Model::loadWeights(const std::string &path) {
  Result<Learner *> learner = learnerOf(model());
  return learner.ok() ? (*learner)->trainer->loadWeights(path) : learner.error();
}

Outcome Model::initialize(uint64_t seed) {
  Result<Learner *> learner = learnerOf(model());
  return learner.ok() ? (*learner)->trainer->initialize(seed) : learner.error();
}

Model &Model::setThreads(uint32_t threads) {
  model().threads = threads;
  return *this;
}

runtime::Trainer *Model::trainer() const {
  return model().learner ? model().learner->trainer.get() : nullptr;
}

} // namespace dlc
