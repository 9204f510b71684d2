// Panels of a weight and of what is folded into it follow its value, whoever gives it a new one: a
// training step, a weight file, the API. Predictions read the panels, everybody else the weight.
#include "Training.h"

#include <cmath>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

class PanelsTest : public testing::Test {
protected:
  static constexpr int64_t kRows = 37;

  static void SetUpTestSuite() {
    folder = new Folder("panels");
    folder->compile("wide_dense.cpp", "m.dlca", "--dump-after=dlc-layout-variables");
    passes = folder->err;
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  void SetUp() override {
    training.open(folder->path / "m.dlca", /*threads=*/2, kRows);
    training.prepare();
  }

  /// What `predict` says with the variables of a state.
  std::vector<float> predict(State &state) {
    Session session;
    uint32_t entry;
    std::vector<float> y(kRows * 10);
    check(Session::create(training.artifact, state, training.pool, nullptr, 0, session));
    check(training.artifact.findEntry("predict", entry));
    check(session.bindInput(entry, 0, DLC_F32, training.x.data(), {kRows, 8, 8, 1}));
    check(session.bindOutput(entry, 0, y.data(), y.size() * sizeof(float)));
    check(session.prepare(entry));
    check(session.run(entry));
    return y;
  }

  static void check(const Status &status) { ASSERT_TRUE(status.ok()) << status.message(); }

  std::string weightsPath() { return folder->path / "w.safetensors"; }
  void save() { check(training.state.save(weightsPath().c_str(), DLC_ROLES_ALL)); }

  /// A state that got its values from the saved file.
  State loaded() {
    State state;
    Weights weights;
    check(State::create(training.artifact, nullptr, 0, state));
    check(Weights::open(weightsPath().c_str(), weights));
    check(state.load(weights, DLC_ROLES_ALL));
    return state;
  }

  /// What the evaluator says with the saved weights, which it knows no panels of.
  std::vector<float> reference() {
    EXPECT_TRUE(writeNpy(folder->path / "x.npy", training.x).ok());
    EXPECT_EQ(folder->run("dlc", "run --reference '" + modelPath("wide_dense.cpp").string() +
                                     "' --weights w.safetensors --in x=x.npy --out y=y.npy"),
              0)
        << folder->err;
    Result<Array> y = loadArray(folder->path / "y.npy");
    EXPECT_TRUE(y.ok());
    if (!y.ok())
      return {};
    return {y->as<float>(), y->as<float>() + y->elements()};
  }

  static void expectNear(const std::vector<float> &got, const std::vector<float> &want) {
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i)
      EXPECT_NEAR(got[i], want[i], 1e-4) << "element " << i;
  }

  static Folder *folder;
  static std::string passes;
  TrainingStep training;
};
Folder *PanelsTest::folder = nullptr;
std::string PanelsTest::passes;

TEST_F(PanelsTest, the_wide_weight_has_panels) {
  EXPECT_NE(passes.find("derived : tensor<2x640x64xf32> from @\"dense/kernel\" by"),
            std::string::npos)
      << passes;
  EXPECT_EQ(passes.find("dense_1/kernel.panels"), std::string::npos);
}

TEST_F(PanelsTest, users_see_no_derived_variable) {
  for (uint32_t i = 0; i < training.artifact.variableCount(); ++i)
    EXPECT_EQ(std::string(training.artifact.variable(i).name).find("panels"), std::string::npos);
  uint32_t entry;
  EXPECT_FALSE(training.artifact.findEntry("dense/kernel.panels.pack", entry).ok());
  save();
  EXPECT_EQ(readFile(weightsPath()).substr(0, 4096).find("panels"), std::string::npos);
}

TEST_F(PanelsTest, a_derivation_of_two_kernels_is_refused) {
  std::ofstream(folder->path / "two.mlir") << R"(
dlc.variable @W weight : tensor<4xf32>
dlc.variable @D derived : tensor<4xf32> from @W by @derive
dlc.entry @derive(%W: tensor<4xf32> {dlc.name = "w"}) -> (tensor<4xf32> {dlc.name = "d"}) {
  %s = dlc.sum %W over [0] : tensor<4xf32> -> tensor<f32>
  %b = dlc.broadcast %s to [] : tensor<f32> -> tensor<4xf32>
  %t = dlc.reverse %b over [0] : tensor<4xf32> -> tensor<4xf32>
  %c = dlc.contract %W, %t reduce [0] x [0] : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  %d = dlc.broadcast %c to [] : tensor<f32> -> tensor<4xf32>
  dlc.return %d : tensor<4xf32>
}
)";
  EXPECT_EQ(folder->run("dlc", "compile two.mlir -o two.dlca"), 1);
  EXPECT_NE(folder->err.find("@D needs a source that stands before it and an entry that derives "
                             "it in one kernel"),
            std::string::npos)
      << folder->err;
}

TEST_F(PanelsTest, initialize_makes_panels) {
  save();
  expectNear(predict(training.state), reference());
}

TEST_F(PanelsTest, a_training_step_refreshes_panels) {
  std::vector<float> before = predict(training.state);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(training.step());
  std::vector<float> after = predict(training.state);
  EXPECT_NE(before, after);
  save();
  expectNear(after, reference());
}

TEST_F(PanelsTest, loading_weights_refreshes_panels) {
  ASSERT_TRUE(training.step());
  save();
  State state = loaded();
  EXPECT_EQ(predict(state), predict(training.state));
}

TEST_F(PanelsTest, setting_one_weight_refreshes_its_panels) {
  save();
  State state = loaded();
  std::vector<float> before = predict(state);
  std::vector<float> kernel(640 * 100);
  size_t bytes = kernel.size() * sizeof(float);
  check(state.get("dense/kernel", kernel.data(), bytes));
  for (float &value : kernel)
    value = -value;
  check(state.set("dense/kernel", kernel.data(), bytes));
  std::vector<float> after = predict(state);
  EXPECT_NE(before, after);
  check(state.save(weightsPath().c_str(), DLC_ROLES_ALL));
  expectNear(after, reference());
}

TEST_F(PanelsTest, setting_one_statistic_refreshes_the_weights_that_it_is_folded_into) {
  save();
  State state = loaded();
  std::vector<float> before = predict(state), variance(100, 0.25f);
  check(state.set("norm/moving_variance", variance.data(), variance.size() * sizeof(float)));
  std::vector<float> after = predict(state);
  EXPECT_NE(before, after);
  check(state.save(weightsPath().c_str(), DLC_ROLES_ALL));
  expectNear(after, reference());
}

} // namespace
