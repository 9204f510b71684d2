// Losses, optimizers and a training run against numbers of a real Keras (golden/make.py).
#include "Evaluate.h"
#include "dlc/dlc.h"

using namespace dlc;
using namespace dlc::test;

namespace {

constexpr double kTolerance = 3e-6;

std::string testName(const testing::TestParamInfo<std::string> &info) { return info.param; }

//===- losses and metrics -------------------------------------------------------------------===//

Loss lossOf(const std::string &name) {
  const std::map<std::string, std::function<Loss()>> losses = {
      {"binary_probabilities", [] { return BinaryCrossentropy(); }},
      {"binary_logits", [] { return BinaryCrossentropy({.fromLogits = true}); }},
      {"binary_smoothing",
       [] { return BinaryCrossentropy({.fromLogits = true, .labelSmoothing = 0.1}); }},
      {"binary_many", [] { return BinaryCrossentropy({.fromLogits = true}); }},
      {"categorical_probabilities", [] { return CategoricalCrossentropy(); }},
      {"categorical_edges", [] { return CategoricalCrossentropy(); }},
      {"categorical_logits", [] { return CategoricalCrossentropy({.fromLogits = true}); }},
      {"categorical_smoothing", [] { return CategoricalCrossentropy({.labelSmoothing = 0.2}); }},
      {"sparse_probabilities", [] { return SparseCategoricalCrossentropy(); }},
      {"sparse_edges", [] { return SparseCategoricalCrossentropy(); }},
      {"sparse_logits", [] { return SparseCategoricalCrossentropy({.fromLogits = true}); }},
      {"mse", [] { return MeanSquaredError(); }},
      {"mse_vector_target", [] { return MeanSquaredError(); }},
      {"mse_time", [] { return MeanSquaredError(); }},
      {"mae", [] { return MeanAbsoluteError(); }},
  };
  auto found = losses.find(name);
  return found == losses.end() ? Loss("unknown") : found->second();
}

class GoldenLoss : public testing::TestWithParam<std::string> {};

TEST_P(GoldenLoss, matches) {
  llvm::json::Object given = golden("losses", GetParam());
  Tensor target = tensorOf(*given.getObject("target"));
  Tensor output = tensorOf(*given.getObject("output"));
  Program program;
  Entry entry = program.entry("loss");
  Value y = entry.input("y", shapeOf(target), typeOf(target));
  Value p = entry.input("p", shapeOf(output));
  Loss loss = lossOf(GetParam());
  bool isLoss = loss.ok();
  if (isLoss) {
    entry.output("samples", loss.perSample(y, p));
    Value mean = loss(y, p);
    entry.output("mean", mean);
    entry.output("gradient", gradient(mean, {p})[0]);
  } else {
    entry.output("samples", Metric(GetParam().c_str()).perSample(y, p));
    entry.output("accuracy", Metric("accuracy").perSample(y, p));
  }
  Runner runner(program);
  auto outputs = runner.run("loss", {{"y", target}, {"p", output}});
  Tensor samples = tensorOf(*given.getObject("samples"));
  expectClose(outputs["samples"], samples, kTolerance, "samples");
  if (!isLoss)
    return expectClose(outputs["accuracy"], samples, kTolerance, "accuracy");
  expectClose(outputs["mean"], tensorOf(*given.getObject("mean")), kTolerance, "mean");
  expectClose(outputs["gradient"], tensorOf(*given.getObject("gradient")), kTolerance, "gradient");
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenLoss, testing::ValuesIn(goldenNames("losses")), testName);

//===- optimizers ---------------------------------------------------------------------------===//

Optimizer optimizerOf(const std::string &name) {
  const std::map<std::string, std::function<Optimizer()>> optimizers = {
      {"sgd", [] { return SGD(); }},
      {"sgd_momentum", [] { return SGD({.learningRate = 0.1, .momentum = 0.9}); }},
      {"sgd_nesterov",
       [] { return SGD({.learningRate = 0.1, .momentum = 0.9, .nesterov = true}); }},
      {"rmsprop", [] { return RMSprop(); }},
      {"rmsprop_momentum",
       [] {
         return RMSprop({.learningRate = 0.01, .rho = 0.8, .momentum = 0.5, .epsilon = 1e-3});
       }},
      {"rmsprop_centered", [] { return RMSprop({.learningRate = 0.01, .centered = true}); }},
      {"adam", [] { return Adam(); }},
      {"adam_options",
       [] {
         return Adam({.learningRate = 0.05, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-2});
       }},
      {"adam_amsgrad", [] { return Adam({.learningRate = 0.01, .amsgrad = true}); }},
  };
  auto found = optimizers.find(name);
  return found == optimizers.end() ? Optimizer("unknown") : found->second();
}

class GoldenOptimizer : public testing::TestWithParam<std::string> {};

TEST_P(GoldenOptimizer, matches) {
  llvm::json::Object given = golden("optimizers", GetParam());
  Program program;
  Entry entry = program.entry("step");
  std::vector<Variable> variables;
  Values gradients;
  std::vector<Tensor> start;
  for (const llvm::json::Value &row : *given.getArray("start")) {
    start.push_back(tensorOf(*row.getAsObject()));
    std::string name = std::to_string(variables.size());
    variables.push_back(program.variable("w" + name, shapeOf(start.back())));
    gradients.push_back(entry.input("g" + name, shapeOf(start.back())));
  }
  optimizerOf(GetParam()).apply(gradients, variables);
  Runner runner(program);
  runner.initialize(0);
  for (size_t i = 0; i < start.size(); ++i)
    runner.state[variables[i].name()] = start[i];
  size_t step = 0;
  for (const llvm::json::Value &row : *given.getArray("gradients")) {
    reference::NamedTensors inputs;
    for (const llvm::json::Value &value : *row.getAsArray())
      inputs.emplace_back("g" + std::to_string(inputs.size()), tensorOf(*value.getAsObject()));
    runner.run("step", inputs);
    const llvm::json::Array &after = *(*given.getArray("after"))[step++].getAsArray();
    for (size_t i = 0; i < after.size(); ++i)
      expectClose(runner.state[variables[i].name()], tensorOf(*after[i].getAsObject()), kTolerance,
                  "step " + std::to_string(step) + ", w" + std::to_string(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Keras, GoldenOptimizer, testing::ValuesIn(goldenNames("optimizers")),
                         testName);

//===- a model ------------------------------------------------------------------------------===//

void expectLogs(std::map<std::string, Tensor> &outputs, const llvm::json::Array &expected) {
  const char *const names[] = {"loss", "accuracy"};
  for (size_t i = 0; i < 2; ++i) {
    std::string name = names[i];
    double value = outputs[name + ".total"].real(0) / outputs[name + ".weight"].real(0);
    EXPECT_NEAR(value, *expected[i].getAsNumber(), 2e-5) << name;
  }
}

TEST(GoldenTraining, convnet) {
  clearSession();
  llvm::json::Object given = golden("training", "convnet");
  Sequential model({Input({6, 6, 1}), Conv2D({.filters = 4, .kernel = 3, .activation = "relu"}),
                    BatchNormalization(), MaxPooling2D(), Flatten(),
                    Dense({.units = 3, .activation = "softmax"})});
  Program program = model.compile({.optimizer = Adam({.learningRate = 0.01}),
                                   .loss = "sparse_categorical_crossentropy",
                                   .metrics = {"accuracy"}});
  Runner runner(program);
  runner.initialize(0);
  for (const auto &[name, value] : *given.getObject("start"))
    runner.state[name.str()] = tensorOf(*value.getAsObject());
  const llvm::json::Array &batches = *given.getArray("batches"), &logs = *given.getArray("logs");
  auto inputsOf = [&](size_t i) {
    const llvm::json::Array &batch = *batches[i].getAsArray();
    return reference::NamedTensors{{"x", tensorOf(*batch[0].getAsObject())},
                                   {"y", tensorOf(*batch[1].getAsObject())}};
  };
  for (size_t i = 0; i < batches.size(); ++i) {
    auto outputs = runner.run("train_step", inputsOf(i));
    expectLogs(outputs, *logs[i].getAsArray());
  }
  // Adam divides by the root of squares: where a gradient is nearly zero, so is what can be said.
  for (const auto &[name, value] : *given.getObject("end"))
    expectClose(runner.state[name.str()], tensorOf(*value.getAsObject()), 1e-4,
                name.str());
  auto evaluated = runner.run("evaluate", inputsOf(0));
  expectLogs(evaluated, *given.getArray("evaluate"));
  auto predicted = runner.run("predict", {inputsOf(0)[0]});
  expectClose(predicted["y"], tensorOf(*given.getObject("predict")), 1e-4, "predict");
}

} // namespace
