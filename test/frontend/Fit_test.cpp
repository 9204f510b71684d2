// Training in this process: the program compiled for this machine, run on arrays.
#include "dlc/fit.h"
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace dlc;
using runtime::Array;

namespace {

// The 8x8 digits, as f32 [n, 8, 8, 1] in [0, 1] and i32 labels.
runtime::Dataset digits(const std::string &rows) {
  std::string file = std::string(std::getenv("DLC_SOURCE_DIR")) + "/examples/data/digits.csv.gz";
  auto data = runtime::loadDataset("x=" + file + ":0-63*0.0625,y=" + file + ":64:i32,?" + rows);
  EXPECT_TRUE(data.ok()) << data.message();
  return data.ok() ? *data : runtime::Dataset();
}

runtime::FitOptions quiet(int64_t epochs) {
  runtime::FitOptions options;
  options.epochs = epochs;
  options.progress.mode = runtime::ProgressMode::None;
  return options;
}

class Fit : public testing::Test {
protected:
  void SetUp() override { clearSession(); }
  Sequential model{Input({64}), Dense({.units = 32, .activation = "relu"}), Dense({.units = 10})};
  void compile() {
    model.compile({.optimizer = "adam",
                   .loss = SparseCategoricalCrossentropy({.fromLogits = true}),
                   .metrics = {"accuracy"}});
  }
};

TEST_F(Fit, learns_digits_and_keeps_history) {
  compile();
  runtime::FitOptions options = quiet(8);
  options.validationSplit = 0.2;
  auto history = model.fit(digits("except=5"), options);
  ASSERT_TRUE(history.ok()) << history.message();
  const std::vector<double> *loss = history->find("loss");
  ASSERT_TRUE(loss && history->find("val_accuracy"));
  EXPECT_EQ(loss->size(), 8u);
  EXPECT_LT(loss->back(), 0.5 * loss->front());
  auto logs = model.evaluate(digits("every=5"));
  ASSERT_TRUE(logs.ok()) << logs.message();
  EXPECT_GT(*logs->find("accuracy"), 0.85);
}

TEST_F(Fit, predicts_what_the_weights_say) {
  compile();
  Array kernel = *model.weight("dense_1/kernel");
  EXPECT_EQ(kernel.dims(), (std::vector<int64_t>{32, 10}));
  std::vector<float> zeros(320, 0), bias = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  ASSERT_TRUE(model.setWeight("dense_1/kernel", Array::of(zeros, {32, 10})).ok());
  ASSERT_TRUE(model.setWeight("dense_1/bias", Array::of(bias, {10})).ok());
  auto y = model.predict(Array::of(std::vector<float>(3 * 64, 0.5f), {3, 64}));
  ASSERT_TRUE(y.ok()) << y.message();
  EXPECT_EQ(y->dims(), (std::vector<int64_t>{3, 10}));
  EXPECT_EQ(y->as<float>()[29], 9);
}

TEST_F(Fit, trains_on_one_batch) {
  compile();
  Array x = Array::of(std::vector<float>(2 * 64, 0.25f), {2, 64});
  Array y = Array::of(std::vector<int32_t>{3, 3});
  auto first = model.trainOnBatch(x, y), second = model.trainOnBatch(x, y);
  ASSERT_TRUE(first.ok() && second.ok()) << first.message();
  EXPECT_LT(*second->find("loss"), *first->find("loss"));
}

TEST_F(Fit, the_seed_decides_first_values) {
  compile();
  ASSERT_TRUE(model.initialize(1).ok());
  float a = model.weight("dense/kernel")->as<float>()[0];
  ASSERT_TRUE(model.initialize(2).ok());
  float b = model.weight("dense/kernel")->as<float>()[0];
  ASSERT_TRUE(model.initialize(1).ok());
  EXPECT_NE(a, b);
  EXPECT_EQ(a, model.weight("dense/kernel")->as<float>()[0]);
}

TEST_F(Fit, saves_and_loads_weights) {
  compile();
  std::string path = testing::TempDir() + "/fit_weights.safetensors";
  Array x = Array::of(std::vector<float>(64, 0.25f), {1, 64});
  float before = model.predict(x)->as<float>()[0];
  ASSERT_TRUE(model.saveWeights(path).ok());
  ASSERT_TRUE(model.initialize(99).ok());
  EXPECT_NE(before, model.predict(x)->as<float>()[0]);
  ASSERT_TRUE(model.loadWeights(path).ok());
  EXPECT_EQ(before, model.predict(x)->as<float>()[0]);
  std::remove(path.c_str());
}

TEST_F(Fit, says_what_is_missing) {
  Array x = Array::of(std::vector<float>(64, 0.25f), {1, 64});
  EXPECT_EQ(model.predict(x).message(),
            "model 'sequential' was not compiled; call compile() first");
  model.compile({.loss = "msee"});
  EXPECT_NE(model.predict(x).message().find("unknown loss 'msee'"), std::string::npos);
  compile();
  EXPECT_EQ(model.setWeight("dense/bias", x).message(),
            "variable \"dense/bias\" is f32[32], got f32[1,64]");
  EXPECT_EQ(model.weight("bias").message(), "the model has no variable \"bias\"");
}

} // namespace
