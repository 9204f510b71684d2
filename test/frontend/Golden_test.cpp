// Layers, losses, optimizers and a training run against numbers of a real Keras (golden/make.py).
#include "Evaluate.h"
#include "dlc/dlc.h"

using namespace dlc;
using namespace dlc::test;

namespace {

constexpr double kTolerance = 3e-6;

Shape shapeOf(const Tensor &tensor) {
  return Shape(tensor.dims().begin(), tensor.dims().end());
}

DType typeOf(const Tensor &tensor) {
  return tensor.type() == reference::DType::I32 ? DType::I32 : DType::F32;
}

//===- layers -------------------------------------------------------------------------------===//

// The layer of a golden case, with the same options as in make.py.
Layer layerOf(const std::string &name) {
  const std::map<std::string, std::function<Layer()>> layers = {
      {"dense_no_bias_3d", [] { return Dense({.units = 3, .useBias = false}); }},
      {"conv1d_valid", [] { return Conv1D({.filters = 3, .kernel = 4, .strides = 2}); }},
      {"conv1d_same",
       [] { return Conv1D({.filters = 3, .kernel = 4, .strides = 2, .padding = "same"}); }},
      {"conv1d_causal",
       [] { return Conv1D({.filters = 3, .kernel = 3, .padding = "causal", .dilation = 2}); }},
      {"conv2d_valid", [] { return Conv2D({.filters = 5, .kernel = 3, .activation = "relu"}); }},
      {"conv2d_same_stride",
       [] { return Conv2D({.filters = 3, .kernel = {3, 2}, .strides = 2, .padding = "same"}); }},
      {"conv2d_dilated",
       [] { return Conv2D({.filters = 3, .kernel = 3, .padding = "same", .dilation = 2}); }},
      {"conv2d_groups", [] { return Conv2D({.filters = 6, .kernel = 3, .groups = 2}); }},
      {"conv2d_no_bias", [] { return Conv2D({.filters = 3, .kernel = 1, .useBias = false}); }},
      {"conv3d_same",
       [] { return Conv3D({.filters = 3, .kernel = 3, .strides = {1, 2, 1}, .padding = "same"}); }},
      {"max_pooling1d", [] { return MaxPooling1D(); }},
      {"max_pooling2d_same",
       [] { return MaxPooling2D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"max_pooling2d", [] { return MaxPooling2D({.pool = {2, 3}}); }},
      {"max_pooling3d", [] { return MaxPooling3D(); }},
      {"average_pooling1d_same",
       [] { return AveragePooling1D({.pool = 4, .strides = 3, .padding = "same"}); }},
      {"average_pooling2d_same",
       [] { return AveragePooling2D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"average_pooling2d", [] { return AveragePooling2D(); }},
      {"average_pooling3d_same",
       [] { return AveragePooling3D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"global_max_pooling1d", [] { return GlobalMaxPooling1D(); }},
      {"global_max_pooling2d_keep", [] { return GlobalMaxPooling2D({.keepDims = true}); }},
      {"global_max_pooling3d", [] { return GlobalMaxPooling3D(); }},
      {"global_average_pooling1d", [] { return GlobalAveragePooling1D(); }},
      {"global_average_pooling2d", [] { return GlobalAveragePooling2D(); }},
      {"global_average_pooling3d_keep", [] { return GlobalAveragePooling3D({.keepDims = true}); }},
      {"flatten", [] { return Flatten(); }},
      {"reshape", [] { return Reshape({.shape = {-1, 8}}); }},
      {"dropout_inference", [] { return Dropout({.rate = 0.5}); }},
      {"batch_normalization_inference", [] { return BatchNormalization(); }},
      {"batch_normalization_training", [] { return BatchNormalization(); }},
      {"batch_normalization_options",
       [] {
         return BatchNormalization(
             {.momentum = 0.9, .epsilon = 1e-5, .center = false, .scale = false});
       }},
      {"layer_normalization", [] { return LayerNormalization(); }},
      {"layer_normalization_options",
       [] { return LayerNormalization({.epsilon = 1e-5, .center = false}); }},
      {"activation_relu", [] { return Activation("relu"); }},
      {"activation_softmax", [] { return Activation("softmax"); }},
      {"add", [] { return Add(); }},
      {"concatenate", [] { return Concatenate(); }},
      {"concatenate_axis1", [] { return Concatenate({.axis = 1}); }},
      {"embedding", [] { return Embedding({.inputDim = 6, .outputDim = 3}); }},
      {"masked_average",
       [] { return Embedding({.inputDim = 6, .outputDim = 3, .maskZero = true}); }},
  };
  if (auto found = layers.find(name); found != layers.end())
    return found->second();
  EXPECT_EQ(name.substr(0, 6), "dense_") << "no layer for golden case " << name;
  return Dense({.units = 4, .activation = name.substr(6)});
}

class GoldenLayer : public testing::TestWithParam<std::string> {};

TEST_P(GoldenLayer, matches) {
  llvm::json::Object given = golden("layers", GetParam());
  Program program;
  Entry entry = program.entry("call");
  Values inputs;
  reference::NamedTensors tensors;
  for (const llvm::json::Value &row : *given.getArray("inputs")) {
    Tensor tensor = tensorOf(*row.getAsObject());
    std::string name = "x" + std::to_string(inputs.size());
    inputs.push_back(entry.input(name, shapeOf(tensor), typeOf(tensor)));
    tensors.emplace_back(name, tensor);
  }
  Layer layer = layerOf(GetParam());
  bool training = *given.getBoolean("training");
  Value output = layer(inputs, {.training = training});
  if (GetParam() == "masked_average")
    output = GlobalAveragePooling1D()(output);
  entry.output("y", output);
  EXPECT_EQ(layer.parameterCount(), *given.getInteger("parameters"));

  Runner runner(program);
  for (const auto &[name, value] : *given.getObject("weights"))
    runner.state[layer.name() + "/" + name.str()] = tensorOf(*value.getAsObject());
  EXPECT_EQ(runner.state.size(), layer.variables(program).size());
  auto outputs = runner.run("call", tensors);
  expectClose(outputs["y"], tensorOf(*given.getObject("output")), kTolerance, "output");
  if (const llvm::json::Object *after = given.getObject("after"))
    for (const auto &[name, value] : *after)
      expectClose(runner.state[layer.name() + "/" + name.str()],
                  tensorOf(*value.getAsObject()), kTolerance, name.str());
}

std::string testName(const testing::TestParamInfo<std::string> &info) { return info.param; }

INSTANTIATE_TEST_SUITE_P(Keras, GoldenLayer, testing::ValuesIn(goldenNames("layers")), testName);

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
