// Memory plans of the known networks and the examples: what temporaries take, packed, is within 5 %
// of the most that live at once, which no packing can do without.
#include "dlc/applications.h"
#include "dlc/dlc.h"
#include "frontend/builder/Graph.h"
#include "passes/Pipelines.h"
#include "passes/memory/PlanSize.h"
#include <gtest/gtest.h>

using namespace dlc;

Program defineDigits();
Program defineFashion();
Program defineGan();
Program defineInputGradient();

namespace {

Program trained(Model model) {
  return model.compile({.optimizer = Adam({.learningRate = 0.001}),
                        .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
}

struct Planned {
  const char *name;
  Program (*define)();
};

const Planned networks[] = {
    {"resnet50", [] { return trained(applications::ResNet50({.classifierActivation = ""})); }},
    {"mobilenetv2",
     [] { return trained(applications::MobileNetV2({.classifierActivation = ""})); }},
    {"vgg16", [] { return trained(applications::VGG16({.classifierActivation = ""})); }},
    {"xception", [] { return trained(applications::Xception({.classifierActivation = ""})); }},
    {"bert", [] { return trained(applications::Bert({.sequenceLength = 128, .classes = 2})); }},
    {"gpt2", [] { return trained(applications::GPT2({.sequenceLength = 256})); }},
    {"digits", defineDigits},
    {"fashion", defineFashion},
    {"gan", defineGan},
    {"input_gradient", defineInputGradient},
};

class Plans : public testing::TestWithParam<Planned> {};

TEST_P(Plans, take_little_more_than_lives_at_once) {
  clearSession();
  Program program = GetParam().define();
  ASSERT_TRUE(program.finish()) << program.errors().front().str();
  mlir::OwningOpRef<mlir::ModuleOp> module = program.internal()->module->clone();
  mlir::PassManager manager(module->getContext());
  passes::buildCompilePipeline(manager);
  ASSERT_TRUE(mlir::succeeded(manager.run(*module)));
  for (int64_t batch : {1, 7, 32})
    for (auto entry : module->getOps<ir::EntryOp>()) {
      auto size = passes::planSize(entry, [&](llvm::StringRef) { return batch; });
      ASSERT_TRUE(size) << entry.getSymName().str();
      EXPECT_LE(size->bytes, size->bound + size->bound / 20)
          << entry.getSymName().str() << " of a batch of " << batch;
      if (entry.getSymName() == "train_step" && batch == 32)
        std::printf("%s: %lld bytes, %.2f %% above the largest live set\n", GetParam().name,
                    static_cast<long long>(size->bytes),
                    100.0 * double(size->bytes - size->bound) / double(size->bound));
    }
}

INSTANTIATE_TEST_SUITE_P(Known, Plans, testing::ValuesIn(networks),
                         [](const testing::TestParamInfo<Planned> &info) {
                           return info.param.name;
                         });

} // namespace
