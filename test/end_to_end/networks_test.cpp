// The known networks, compiled and run natively at reduced size: outputs of inference, the loss and
// every gradient of a training step agree with the evaluator. Transformers of two layers do element
// by element, within what rounding explains. In deep convolutional networks rounding decides on
// which side of a relu some elements fall, and normalisation over few samples enlarges that: there
// each tensor must agree as a whole.
#include "dlc/applications.h"
#include "dlc/dlc.h"
#include "frontend/model/ModelState.h"
#include "test/frontend/FormulaWeights.h"
#include "tools/check/CompiledRunner.h"

using namespace dlc;
using namespace dlc::test;

namespace {

struct Network {
  const char *name;
  Model (*make)();
  reference::Bindings bindings;
  bool deep = false;
  // Which numbers the images are. A relu that lies within rounding of its corner moves gradients by
  // half a percent, whichever way it falls: there is none in these.
  const char *images = "";
};

Model bert() {
  return applications::Bert({.vocabularySize = 50,
                             .sequenceLength = "S",
                             .maxSequenceLength = 16,
                             .layers = 2,
                             .heads = 2,
                             .hiddenDim = 16,
                             .intermediateDim = 32,
                             .classes = 3});
}

Model gpt2() {
  return applications::GPT2({.vocabularySize = 50,
                             .sequenceLength = "S",
                             .maxSequenceLength = 16,
                             .layers = 2,
                             .heads = 2,
                             .hiddenDim = 16,
                             .intermediateDim = 32});
}

applications::ImageOptions small(int64_t size) {
  return {.inputShape = {size, size, 3}, .classes = 4, .classifierActivation = ""};
}

const Network networks[] = {
    {"bert", bert, {{"B", 3}, {"S", 7}}},
    {"bert_longest", bert, {{"B", 1}, {"S", 16}}},
    {"gpt2", gpt2, {{"B", 2}, {"S", 9}}},
    {"gpt2_one_position", gpt2, {{"B", 2}, {"S", 1}}},
    {"mobilenetv2",
     [] {
       return applications::MobileNetV2(
           {.inputShape = {32, 40, 3}, .alpha = 0.35, .classes = 4, .classifierActivation = ""});
     },
     {{"B", 4}},
     true},
    {"resnet50", [] { return applications::ResNet50(small(32)); }, {{"B", 3}}, true, "a "},
    {"xception", [] { return applications::Xception(small(71)); }, {{"B", 1}}, true, "a "},
    {"vgg16",
     [] {
       return applications::VGG16(
           {.inputShape = {32, 32, 3}, .includeTop = false, .pooling = "avg"});
     },
     {{"B", 1}},
     true},
};

// A model as entries: what it predicts, and the gradients by every weight of a training step and of
// inference, where batch normalisation uses the statistics that it has.
class Subject {
public:
  explicit Subject(const Network &network) : network(network), model(network.make()) {
    build("predict", false);
    addGradients(build("inference_gradients", false));
    addGradients(build("gradients", true));
    EXPECT_TRUE(program.finish()) << program.errors().front().str();
  }

  check::EntryData data() {
    check::EntryData data;
    data.inputs = inputs;
    for (const Variable &variable : program.variables())
      data.state[variable.name()] = variable.dtype() == DType::I64
                                        ? tensorOf({11, 0}, {2}, reference::DType::I64)
                                        : weightOf(variable);
    return data;
  }

  const Network &network;
  Model model;
  Program program;

private:
  void addGradients(Entry entry) {
    Value loss = mean(square(result) + result);
    std::vector<Variable> trained = model.trainableVariables(program);
    Values weights;
    for (const Variable &variable : trained)
      weights.push_back(entry.read(variable));
    Values gradients = gradient(loss, weights);
    entry.output("loss", loss);
    for (size_t i = 0; i < trained.size(); ++i)
      entry.output("d " + trained[i].name(), gradients[i]);
  }

  Entry build(const char *name, bool training) {
    Entry entry = program.entry(name);
    auto &state = static_cast<detail::ModelState &>(*model.internal());
    Values values;
    inputs.clear();
    for (const Value &input : state.inputs) {
      std::string inputName = "x" + std::to_string(values.size());
      values.push_back(entry.input(inputName, input.shape(), input.dtype()));
      inputs.emplace_back(inputName, draw(inputName, input));
    }
    result = model(values, {.training = training});
    entry.output("y", result);
    return entry;
  }

  // Images are between 0 and 1; tokens below 50, some of them padding; segments 0 or 1.
  Tensor draw(const std::string &name, const Value &like) {
    reference::Dims dims;
    for (const Dim &dim : like.shape())
      dims.push_back(dim.isConstant() ? dim.value() : network.bindings.at(dim.str()));
    Tensor drawn = numbersOf(network.images + name, dims);
    if (isFloat(like.dtype()))
      return drawn;
    Tensor indices(reference::DType::I32, dims);
    for (int64_t i = 0; i < drawn.count(); ++i)
      indices.setReal(i, std::floor(drawn.real(i) * (name == "x0" ? 50 : 2)));
    return indices;
  }

  Value result;
  reference::NamedTensors inputs;
};

// |got - expected| / |expected|, of the tensors as vectors.
double relativeError(const Tensor &got, const Tensor &expected) {
  double difference = 0, length = 0;
  for (int64_t i = 0; i < expected.count(); ++i) {
    difference += (got.real(i) - expected.real(i)) * (got.real(i) - expected.real(i));
    length += expected.real(i) * expected.real(i);
  }
  return length == 0 ? std::sqrt(difference) : std::sqrt(difference / length);
}

// How far a change of the inputs in the last bit moves each result of the evaluator.
std::vector<double> sensitivities(mlir::ModuleOp module, const char *entry, check::EntryData data,
                                  const reference::Bindings &bindings,
                                  const check::Results &expected) {
  for (auto &[name, tensor] : data.inputs)
    for (int64_t i = 0; tensor.isFloat() && i < tensor.count(); ++i)
      tensor.setReal(i, tensor.real(i) * (i % 2 ? 1 + 0x1p-23 : 1 - 0x1p-23));
  auto moved = check::runEntry(module, entry, data, bindings);
  std::vector<double> result;
  for (size_t i = 0; moved && i < expected.size(); ++i)
    result.push_back(relativeError((*moved)[i].second, expected[i].second));
  return result;
}

// A gradient that is zero but for rounding (a bias before batch normalisation has one) is held to
// the largest of all instead of itself.
void expectWholes(const check::Results &got, const check::Results &expected,
                  const std::vector<double> &sensitivity) {
  double largest = 0, worst = 0, shakiest = 0;
  for (const auto &[name, tensor] : expected)
    for (int64_t i = 0; i < tensor.count(); ++i)
      largest = std::max(largest, std::abs(tensor.real(i)));
  ASSERT_EQ(got.size(), expected.size());
  ASSERT_EQ(sensitivity.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const Tensor &tensor = expected[i].second;
    double most = 0, difference = 0, error = relativeError(got[i].second, tensor);
    for (int64_t j = 0; j < tensor.count(); ++j) {
      most = std::max(most, std::abs(tensor.real(j)));
      difference = std::max(difference, std::abs(got[i].second.real(j) - tensor.real(j)));
    }
    if (most < 1e-5 * largest) {
      EXPECT_LT(difference, 1e-5 * largest) << expected[i].first;
      continue;
    }
    EXPECT_LT(error, std::max(5e-3, 30 * sensitivity[i])) << expected[i].first;
    worst = std::max(worst, error);
    shakiest = std::max(shakiest, sensitivity[i]);
  }
  std::printf("%zu tensors, worst relative error %.2g; the last bit of the inputs moves them by up "
              "to %.2g\n",
              expected.size(), worst, shakiest);
}

class Networks : public testing::TestWithParam<Network> {};

TEST_P(Networks, agree_with_the_evaluator) {
  clearSession();
  Subject subject(GetParam());
  mlir::ModuleOp module = *subject.program.internal()->module;
  mlir::OwningOpRef<mlir::ModuleOp> expanded = module.clone();
  mlir::PassManager manager(module.getContext());
  manager.addPass(passes::createDifferentiate());
  ASSERT_TRUE(mlir::succeeded(manager.run(*expanded)));
  check::NativeOptions options;
  options.threads = 2;
  options.compile.cacheFolder = codegen::defaultCacheFolder();
  auto native = check::makeNativeCompiler(options)(module);
  ASSERT_TRUE(bool(native)) << llvm::toString(native.takeError());
  check::EntryData data = subject.data();
  const reference::Bindings &bindings = GetParam().bindings;
  for (const char *entry : {"predict", "inference_gradients", "gradients"}) {
    if (GetParam().deep) {
      auto expected = check::runEntry(*expanded, entry, data, bindings);
      auto got = (*native)->run(entry, data, bindings);
      ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());
      ASSERT_TRUE(bool(got)) << llvm::toString(got.takeError());
      expectWholes(*got, *expected, sensitivities(*expanded, entry, data, bindings, *expected));
      continue;
    }
    auto oracle = check::Oracle::run(*expanded, entry, data, bindings);
    ASSERT_TRUE(bool(oracle)) << llvm::toString(oracle.takeError());
    auto got = (*native)->run(entry, data, bindings);
    ASSERT_TRUE(bool(got)) << llvm::toString(got.takeError());
    EXPECT_EQ(oracle->compare(*got), "") << entry;
  }
}

INSTANTIATE_TEST_SUITE_P(Reduced, Networks, testing::ValuesIn(networks),
                         [](const testing::TestParamInfo<Network> &info) {
                           return info.param.name;
                         });

} // namespace
