// The known networks, compiled and run natively at reduced size: outputs of inference, the loss and
// every gradient of a training step agree with the evaluator, within what rounding explains.
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
       return applications::MobileNetV2({.inputShape = {32, 40, 3},
                                         .alpha = 0.35,
                                         .classes = 4,
                                         .classifierActivation = ""});
     },
     {{"B", 3}}},
    {"resnet50", [] { return applications::ResNet50(small(32)); }, {{"B", 2}}},
    {"xception", [] { return applications::Xception(small(71)); }, {{"B", 1}}},
    {"vgg16",
     [] {
       return applications::VGG16({.inputShape = {32, 32, 3}, .includeTop = false, .pooling = "avg"});
     },
     {{"B", 1}}},
};

// A model as two entries: what it predicts, and the gradients of a training step by every weight.
class Subject {
public:
  explicit Subject(const Network &network) : network(network), model(network.make()) {
    build("predict", false);
    Entry entry = build("gradients", true);
    Value loss = mean(square(result) + result);
    std::vector<Variable> trained = model.trainableVariables(program);
    Values weights;
    for (const Variable &variable : trained)
      weights.push_back(entry.read(variable));
    Values gradients = gradient(loss, weights);
    entry.output("loss", loss);
    for (size_t i = 0; i < trained.size(); ++i)
      entry.output("d " + trained[i].name(), gradients[i]);
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
    Tensor drawn = numbersOf(name, dims);
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
  auto native = check::makeNativeCompiler(options)(module);
  ASSERT_TRUE(bool(native)) << llvm::toString(native.takeError());
  check::EntryData data = subject.data();
  const reference::Bindings &bindings = GetParam().bindings;
  for (const char *entry : {"predict", "gradients"}) {
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
