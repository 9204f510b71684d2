// Every layer against numbers of a real Keras (golden/make.py): its output, its gradients by inputs
// and weights, its parameters and, in training, its statistics afterwards.
#include "Evaluate.h"
#include "GoldenLayers.h"
#include "dlc/dlc.h"

using namespace dlc;
using namespace dlc::test;

namespace {

constexpr double kTolerance = 3e-6;

struct Case {
  std::string file, name;
};

std::vector<Case> allCases() {
  std::vector<Case> cases;
  for (const char *file : {"layers", "windows", "elements", "attention"})
    for (const std::string &name : goldenNames(file))
      cases.push_back({file, name});
  return cases;
}

// What make.py takes gradients with.
Tensor cotangentFor(const Shape &shape) {
  reference::Dims dims;
  int64_t count = 1;
  for (const Dim &dim : shape) {
    dims.push_back(dim.value());
    count *= dim.value();
  }
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<double>((i * 7919) % 13 - 6) / 8);
  return tensorOf(values, dims);
}

// A case under test: its layer, called in an entry whose inputs are the case's.
class LayerCase {
public:
  explicit LayerCase(const Case &which)
      : which(which), given(golden(which.file, which.name)),
        layer(goldenLayer(which.file, which.name)) {
    for (const llvm::json::Value &row : *given.getArray("inputs"))
      inputs.push_back(input("x" + std::to_string(inputs.size()), *row.getAsObject()));
  }

  void check();

private:
  Value input(const std::string &name, const llvm::json::Object &object) {
    Tensor tensor = tensorOf(object);
    tensors.emplace_back(name, tensor);
    return entry.input(name, shapeOf(tensor), typeOf(tensor));
  }

  // Masks that inputs carry go with them; the others into the call.
  Value mask(const char *name) {
    const llvm::json::Object *object = given.getObject(name);
    return object ? input(name, *object) : Value();
  }

  Call call() {
    const char *const carried[] = {"query_mask", "value_mask", "key_mask"};
    for (size_t i = 0; i < inputs.size() && i < 3; ++i)
      if (Value value = mask(carried[i]); value.ok())
        entry.internal()->setMask(inputs[i], value);
    return {.training = *given.getBoolean("training"),
            .mask = mask("mask"),
            .attentionMask = mask("attention_mask"),
            .useCausalMask = given.getBoolean("use_causal_mask").value_or(false),
            .reverse = given.getBoolean("reverse").value_or(false)};
  }

  // What gradients are taken by: inputs of floats, then weights.
  std::vector<std::pair<std::string, Value>> targets() {
    std::vector<std::pair<std::string, Value>> result;
    for (const Value &x : inputs)
      if (isFloat(x.dtype()))
        result.emplace_back("input " + std::to_string(result.size()), x);
    for (const Variable &variable : layer.trainableVariables(program))
      result.emplace_back(variable.name().substr(layer.name().size() + 1), entry.read(variable));
    return result;
  }

  void checkGradients(std::map<std::string, Tensor> &outputs);

  Case which;
  llvm::json::Object given;
  Program program;
  Entry entry = program.entry("call");
  Layer layer;
  Values inputs;
  reference::NamedTensors tensors;
};

void LayerCase::checkGradients(std::map<std::string, Tensor> &outputs) {
  const llvm::json::Array &byInputs = *given.getArray("gradients");
  const llvm::json::Object &byWeights = *given.getObject("weight_gradients");
  for (size_t i = 0; i < byInputs.size(); ++i) {
    std::string name = "input " + std::to_string(i);
    expectClose(outputs["d " + name], tensorOf(*byInputs[i].getAsObject()), 4 * kTolerance, name);
  }
  for (const auto &[name, value] : byWeights)
    expectClose(outputs["d " + name.str()], tensorOf(*value.getAsObject()), 4 * kTolerance,
                "gradient of " + name.str());
}

void LayerCase::check() {
  bool gradients = given.getArray("gradients");
  Value output = layer(inputs, call());
  if (which.name == "masked_average")
    output = GlobalAveragePooling1D()(output);
  ASSERT_TRUE(output.ok()) << program.errors().front().str();
  entry.output("y", output);
  EXPECT_EQ(layer.parameterCount(), *given.getInteger("parameters"));
  if (gradients) {
    tensors.emplace_back("cotangent", cotangentFor(output.shape()));
    Value loss = sum(output * entry.input("cotangent", output.shape()));
    Values values;
    auto by = targets();
    for (const auto &target : by)
      values.push_back(target.second);
    Values results = gradient(loss, values, /*allowUnused=*/true);
    for (size_t i = 0; i < by.size(); ++i)
      entry.output("d " + by[i].first, results[i]);
  }
  Runner runner(program);
  for (const auto &[name, value] : *given.getObject("weights"))
    runner.state[layer.name() + "/" + name.str()] = tensorOf(*value.getAsObject());
  EXPECT_EQ(runner.state.size(), layer.variables(program).size());
  auto outputs = runner.run("call", tensors);
  expectClose(outputs["y"], tensorOf(*given.getObject("output")), kTolerance, "output");
  if (gradients)
    checkGradients(outputs);
  if (const llvm::json::Object *after = given.getObject("after"))
    for (const auto &[name, value] : *after)
      expectClose(runner.state[layer.name() + "/" + name.str()], tensorOf(*value.getAsObject()),
                  kTolerance, name.str());
}

class GoldenLayer : public testing::TestWithParam<Case> {};

TEST_P(GoldenLayer, matches) { LayerCase(GetParam()).check(); }

INSTANTIATE_TEST_SUITE_P(Keras, GoldenLayer, testing::ValuesIn(allCases()),
                         [](const testing::TestParamInfo<Case> &info) {
                           return info.param.file + "_" + info.param.name;
                         });

} // namespace
