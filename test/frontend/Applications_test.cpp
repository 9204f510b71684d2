// The known networks against real Keras (golden/make.py): names, shapes and parameters of every
// layer, and outputs of small ones with weights of a formula; transformers' parameters; messages.
#include "Evaluate.h"
#include "dlc/applications.h"
#include "dlc/dlc.h"
#include "frontend/model/ModelState.h"
#include "test/frontend/FormulaWeights.h"

using namespace dlc;
using namespace dlc::test;

namespace {

//===- layers -------------------------------------------------------------------------------===//

Model networkOf(const std::string &name) {
  clearSession();
  using namespace applications;
  if (name == "ResNet50")
    return ResNet50();
  if (name == "MobileNetV2")
    return MobileNetV2();
  if (name == "VGG16")
    return VGG16();
  if (name == "Xception")
    return Xception();
  if (name == "ResNet50_small")
    return ResNet50({.inputShape = {33, 40, 3}, .classes = 10, .classifierActivation = ""});
  if (name == "MobileNetV2_small")
    return MobileNetV2(
        {.inputShape = {45, 32, 1}, .alpha = 0.35, .classes = 10, .classifierActivation = ""});
  if (name == "VGG16_small")
    return VGG16({.inputShape = {32, 32, 3}, .includeTop = false, .pooling = "max"});
  if (name == "Xception_small")
    return Xception({.inputShape = {71, 75, 3}, .classes = 10, .classifierActivation = ""});
  return MobileNetV2({.inputShape = {64, 64, 3}, .alpha = 1.4, .includeTop = false});
}

// "conv1_conv Conv2D (112, 112, 64) 9472", sorted.
std::vector<std::string> rowsOf(const Model &model) {
  auto &state = static_cast<detail::ModelState &>(*model.internal());
  std::vector<std::string> rows;
  for (const auto &node : state.calls) {
    Shape shape = node->outputs[0].shape();
    shape.erase(shape.begin());
    rows.push_back(node->layer->name + " " + node->layer->kind + " " + str(shape) + " " +
                   std::to_string(node->layer->parameters(false)));
  }
  llvm::sort(rows);
  return rows;
}

std::vector<std::string> rowsOf(const llvm::json::Array &layers) {
  std::vector<std::string> rows;
  for (const llvm::json::Value &value : layers) {
    const llvm::json::Array &row = *value.getAsArray();
    Shape shape;
    for (const llvm::json::Value &size : *row[2].getAsArray())
      shape.push_back(*size.getAsInteger());
    rows.push_back(row[0].getAsString()->str() + " " + row[1].getAsString()->str() + " " +
                   str(shape) + " " + std::to_string(*row[3].getAsInteger()));
  }
  llvm::sort(rows);
  return rows;
}

class Application : public testing::TestWithParam<std::string> {};

TEST_P(Application, has_the_layers_of_keras) {
  llvm::json::Object given = golden("applications", GetParam());
  Model model = networkOf(GetParam());
  ASSERT_TRUE(model.ok()) << model.errors().front().str();
  EXPECT_EQ(model.parameterCount(), *given.getInteger("parameters"));
  EXPECT_EQ(rowsOf(model), rowsOf(*given.getArray("layers")));
}

//===- outputs ------------------------------------------------------------------------------===//

TEST_P(Application, computes_what_keras_does) {
  llvm::json::Object given = golden("applications", GetParam());
  const llvm::json::Object *output = given.getObject("output");
  if (!output)
    return;
  Model model = networkOf(GetParam());
  Program program("network");
  Entry entry = program.entry("predict");
  Shape shape = static_cast<detail::ModelState &>(*model.internal()).inputs[0].shape();
  shape[0] = 1;
  entry.output("y", model(entry.input("x", shape)));
  reference::Dims dims;
  for (const Dim &dim : shape)
    dims.push_back(dim.value());
  Runner runner(program);
  for (const Variable &variable : program.variables())
    runner.state[variable.name()] = weightOf(variable);
  auto outputs = runner.run("predict", {{"x", numbersOf("x", dims)}});
  expectClose(outputs["y"], tensorOf(*output), 2e-4, "output");
}

INSTANTIATE_TEST_SUITE_P(Keras, Application, testing::ValuesIn(goldenNames("applications")),
                         [](const testing::TestParamInfo<std::string> &info) {
                           return info.param;
                         });

//===- transformers -------------------------------------------------------------------------===//

TEST(Transformers, have_the_parameters_of_their_models) {
  clearSession();
  EXPECT_EQ(applications::Bert().parameterCount(), 109482240);
  EXPECT_EQ(applications::GPT2().parameterCount(), 124439808);
}

TEST(Transformers, lengths_are_bounded_by_the_table_of_positions) {
  clearSession();
  Model model = applications::GPT2({.vocabularySize = 11,
                                    .sequenceLength = "S",
                                    .maxSequenceLength = 6,
                                    .layers = 1,
                                    .heads = 2,
                                    .hiddenDim = 4,
                                    .intermediateDim = 8});
  Program program = model.compile({.loss = SparseCategoricalCrossentropy({.fromLogits = true})});
  EXPECT_NE(program.text().find("#dlc.symbol<S, min = 1, max = 6>"), std::string::npos);
}

// Nothing that comes later has a part in the logits of a position.
TEST(Transformers, the_decoder_does_not_look_ahead) {
  clearSession();
  Model model = applications::GPT2({.vocabularySize = 11,
                                    .sequenceLength = 5,
                                    .maxSequenceLength = 6,
                                    .layers = 2,
                                    .heads = 2,
                                    .hiddenDim = 4,
                                    .intermediateDim = 8});
  Program program = model.compile({.loss = SparseCategoricalCrossentropy({.fromLogits = true})});
  Runner runner(program);
  runner.initialize(3);
  auto logits = [&](std::vector<double> tokens) {
    return runner.run(
        "predict", {{"tokens", tensorOf(std::move(tokens), {1, 5}, reference::DType::I32)}})["y"];
  };
  Tensor a = logits({1, 2, 3, 4, 5}), b = logits({1, 2, 3, 9, 5});
  for (int64_t i = 0; i < 3 * 11; ++i)
    EXPECT_EQ(a.real(i), b.real(i)) << i;
  EXPECT_NE(a.real(3 * 11), b.real(3 * 11));
}

// Padding at the end has no part in what the encoder says of the text.
TEST(Transformers, the_encoder_does_not_look_at_padding) {
  clearSession();
  Model model = applications::Bert({.vocabularySize = 11,
                                    .sequenceLength = "S",
                                    .maxSequenceLength = 8,
                                    .layers = 2,
                                    .heads = 2,
                                    .hiddenDim = 4,
                                    .intermediateDim = 8,
                                    .classes = 3});
  Program program = model.compile({.loss = SparseCategoricalCrossentropy({.fromLogits = true})});
  Runner runner(program);
  runner.initialize(3);
  auto logits = [&](std::vector<double> tokens) {
    auto length = static_cast<int64_t>(tokens.size());
    std::vector<double> segments(tokens.size(), 1);
    return runner.run(
        "predict",
        {{"tokens", tensorOf(std::move(tokens), {1, length}, reference::DType::I32)},
         {"segments", tensorOf(std::move(segments), {1, length}, reference::DType::I32)}})["y"];
  };
  expectClose(logits({5, 2, 7, 0, 0, 0}), logits({5, 2, 7}), 1e-6, "padded");
}

//===- messages -----------------------------------------------------------------------------===//

std::string errorOf(const Model &model) {
  return model.ok() ? "" : model.errors().front().message + " | " + model.errors().front().hint;
}

TEST(Networks, options_that_do_not_fit_are_errors_of_the_model) {
  clearSession();
  using namespace applications;
  EXPECT_EQ(errorOf(ResNet50({.inputShape = {28, 28, 1}})),
            "inputShape is (28, 28, 1), expected at least 32 x 32 | enlarge the images, for "
            "example with UpSampling2D");
  EXPECT_EQ(errorOf(VGG16({.inputShape = {64, 64}})),
            "inputShape is (64, 64), expected (height, width, channels) | ");
  EXPECT_EQ(errorOf(MobileNetV2({.includeTop = false, .pooling = "sum"})),
            "pooling 'sum' is unknown | expected 'avg', 'max' or nothing");
  EXPECT_EQ(errorOf(Xception({.classes = 0})), "classes is 0, expected at least 1 | ");
  EXPECT_EQ(errorOf(Bert({.heads = 7})), "hiddenDim = 768 is no multiple of heads = 7 | each head "
                                         "takes an equal part of the features");
  EXPECT_EQ(errorOf(GPT2({.layers = 0})), "layers is 0, expected at least 1 | ");
  EXPECT_EQ(errorOf(GPT2({.sequenceLength = 2048})),
            "input has shape (B, 2048, 768) but the table has 1024 positions | raise "
            "sequenceLength or shorten the input");
}

TEST(Networks, errors_name_the_users_line) {
  clearSession();
  Model model = applications::ResNet50({.inputShape = {28, 28, 1}});
  int line = __LINE__ - 1;
  ASSERT_EQ(model.errors().size(), 1u);
  EXPECT_EQ(model.errors()[0].subject,
            "application 'resnet50' (Applications_test.cpp:" + std::to_string(line) + ")");
}

} // namespace
