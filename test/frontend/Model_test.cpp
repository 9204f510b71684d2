// Shapes, parameter counts, summaries, and the entries that models compile to.
#include "Evaluate.h"
#include "dlc/dlc.h"
#include <gmock/gmock.h>
#include <thread>

using namespace dlc;
using namespace dlc::test;
using testing::HasSubstr;

namespace {

class Models : public testing::Test {
protected:
  void SetUp() override { clearSession(); }
};

std::string shapeAfter(const Layer &layer, const Value &input) {
  return str(layer(input).shape());
}

TEST_F(Models, layers_infer_shapes) {
  Value image = Input({28, 28, 3}), line = Input({100, 8});
  EXPECT_EQ(shapeAfter(Conv2D({.filters = 6, .kernel = 3}), image), "(B, 26, 26, 6)");
  EXPECT_EQ(shapeAfter(Conv2D({.filters = 6, .kernel = 5, .strides = 2, .padding = "same"}), image),
            "(B, 14, 14, 6)");
  EXPECT_EQ(shapeAfter(Conv1D({.filters = 6, .kernel = 5, .padding = "causal"}), line),
            "(B, 100, 6)");
  EXPECT_EQ(shapeAfter(MaxPooling2D({.pool = 3}), image), "(B, 9, 9, 3)");
  EXPECT_EQ(shapeAfter(AveragePooling1D({.pool = 3, .padding = "same"}), line), "(B, 34, 8)");
  EXPECT_EQ(shapeAfter(GlobalMaxPooling2D(), image), "(B, 3)");
  EXPECT_EQ(shapeAfter(GlobalAveragePooling1D({.keepDims = true}), line), "(B, 1, 8)");
  EXPECT_EQ(shapeAfter(Flatten(), image), "(B, 2352)");
  EXPECT_EQ(shapeAfter(Reshape({.shape = {-1, 4}}), line), "(B, 200, 4)");
  EXPECT_EQ(shapeAfter(Dense({.units = 7}), line), "(B, 100, 7)");
  EXPECT_EQ(shapeAfter(Embedding({.inputDim = 50, .outputDim = 16}),
                       Input({20}, {.dtype = DType::I32})),
            "(B, 20, 16)");
}

TEST_F(Models, sizes_may_be_symbols) {
  Value line = Input({"T", 8});
  EXPECT_EQ(shapeAfter(Conv1D({.filters = 6, .kernel = 3}), line), "(B, T - 2, 6)");
  EXPECT_EQ(shapeAfter(Conv1D({.filters = 6, .kernel = 3, .padding = "same"}), line), "(B, T, 6)");
  EXPECT_EQ(shapeAfter(GlobalAveragePooling1D(), line), "(B, 8)");
}

TEST_F(Models, layers_are_named_by_kind_and_number) {
  Dense a({.units = 1}), b({.units = 1}), named({.units = 1, .name = "head"});
  EXPECT_EQ(a.name(), "dense");
  EXPECT_EQ(b.name(), "dense_1");
  EXPECT_EQ(named.name(), "head");
  EXPECT_EQ(MaxPooling2D().name(), "max_pooling2d");
  EXPECT_EQ(GlobalAveragePooling1D().name(), "global_average_pooling1d");
  clearSession();
  EXPECT_EQ(Dense({.units = 1}).name(), "dense");
}

TEST_F(Models, shared_layers_count_once) {
  Dense shared({.units = 8});
  Value a = Input({4}), b = Input({4});
  Model model({a, b}, {Add()({shared(a), shared(b)})});
  EXPECT_TRUE(model.ok());
  EXPECT_EQ(model.parameterCount(), 40);
}

TEST_F(Models, summary_of_a_chain) {
  Sequential model({Input({784}), Dense({.units = 64, .activation = "relu"}), BatchNormalization(),
                    Dense({.units = 10})});
  EXPECT_EQ(model.summary(), R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                             ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                            │ (B, 64)                │        50,240 │
├──────────────────────────────────────────┼────────────────────────┼───────────────┤
│ batch_normalization (BatchNormalization) │ (B, 64)                │           256 │
├──────────────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                          │ (B, 10)                │           650 │
└──────────────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 51,146 (199.79 KB)
 Trainable params: 51,018 (199.29 KB)
 Non-trainable params: 128 (512.00 B)
)");
}

TEST_F(Models, summary_of_a_graph_shows_connections) {
  Value a = Input({4}, {.name = "left"}), b = Input({4}, {.name = "right"});
  Dense shared({.units = 3});
  Value both = Concatenate()({shared(a), shared(b)});
  Model model({a, b}, {both}, {.name = "twins"});
  EXPECT_EQ(model.summary(), R"(Model: "twins"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)              ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ left (InputLayer)         │ (B, 4)            │          0 │ -                 │
├───────────────────────────┼───────────────────┼────────────┼───────────────────┤
│ right (InputLayer)        │ (B, 4)            │          0 │ -                 │
├───────────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense (Dense)             │ (B, 3)            │         15 │ left              │
├───────────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense (Dense)             │ (B, 3)            │     shared │ right             │
├───────────────────────────┼───────────────────┼────────────┼───────────────────┤
│ concatenate (Concatenate) │ (B, 6)            │          0 │ dense             │
│                           │                   │            │ dense             │
└───────────────────────────┴───────────────────┴────────────┴───────────────────┘
 Total params: 15 (60.00 B)
 Trainable params: 15 (60.00 B)
 Non-trainable params: 0 (0.00 B)
)");
}

TEST_F(Models, frozen_layers_are_not_trainable) {
  Dense body({.units = 8}), head({.units = 2});
  Sequential model({Input({4}), body, head});
  body.setTrainable(false);
  EXPECT_THAT(model.summary(), HasSubstr(" Trainable params: 18 (72.00 B)"));
  Program program = model.compile({.optimizer = "sgd", .loss = "mse"});
  std::string text = program.text();
  EXPECT_THAT(text, HasSubstr("dlc.variable @\"dense/kernel\""));
  EXPECT_EQ(model.trainableVariables(program).size(), 2u);
  EXPECT_EQ(model.variables(program).size(), 4u);
}

TEST_F(Models, frozen_batch_normalization_uses_moving_averages) {
  Program program;
  Entry entry = program.entry("call");
  BatchNormalization norm;
  norm.setTrainable(false);
  entry.output("y", norm(entry.input("x", {"B", 3}), {.training = true}));
  EXPECT_THAT(program.text(), HasSubstr("dlc.batch_norm_inference"));
}

//===- entries ------------------------------------------------------------------------------===//

TEST_F(Models, compile_makes_four_entries_and_a_signature) {
  Sequential model({Input({4}), Dense({.units = 3})});
  Program program = model.compile({.optimizer = SGD({.momentum = 0.9}),
                                   .loss = "sparse_categorical_crossentropy",
                                   .metrics = {"accuracy"}});
  std::string text = program.text();
  for (const char *entry : {"initialize", "train_step", "evaluate", "predict"})
    EXPECT_THAT(text, HasSubstr(std::string("dlc.entry @") + entry + "("));
  for (const char *part :
       {"inputs = [\"x\"]", "targets = [\"y\"]", "outputs = [\"y\"]",
        "metrics = [\"loss\", \"accuracy\"]",
        "learning_rate = \"optimizer/learning_rate\"", "optimizer = \"sgd\"",
        "dlc.variable @\"optimizer/dense/kernel/momentum\"", "dlc.name = \"accuracy.total\"",
        "parameters = 15"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST_F(Models, an_mlp_becomes_the_ops_that_one_expects) {
  Sequential model({Input({784}), Dense({.units = 64, .activation = "relu"}), Dense({.units = 10})});
  Program program = model.compile(
      {.optimizer = "sgd", .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
  ASSERT_TRUE(program.finish());
  std::string ops;
  program.internal()->findEntry("train_step")->op.walk([&](mlir::Operation *op) {
    if (!mlir::isa<ir::EntryOp>(op))
      ops += op->getName().stripDialect().str() + " ";
  });
  std::string update = "broadcast mul sub ";
  EXPECT_EQ(ops, "watch watch watch watch contract broadcast add relu contract broadcast add "
                 "sparse_softmax_cross_entropy sum size div gradient constant add cast " +
                     update + update + update + update + "return ");
}

TEST_F(Models, several_outputs_have_losses_of_their_own) {
  Value x = Input({4}, {.name = "features"});
  Value shared = Dense({.units = 8, .activation = "relu"})(x);
  Value price = Dense({.units = 1, .name = "price"})(shared);
  Value kind = Dense({.units = 3, .activation = "softmax", .name = "kind"})(shared);
  Model model({x}, {price, kind});
  Program program = model.compile({.optimizer = "adam",
                                   .loss = {"mse", "sparse_categorical_crossentropy"},
                                   .lossWeights = {1, 0.5}});
  Runner runner(program);
  runner.initialize(1);
  auto outputs = runner.run("train_step", {{"features", tensorOf({1, 2, 3, 4, 4, 3, 2, 1}, {2, 4})},
                                           {"price", tensorOf({1, 2}, {2, 1})},
                                           {"kind", tensorOf({0, 2}, {2}, reference::DType::I32)}});
  auto mean = [&](const std::string &name) {
    return outputs[name + ".total"].real(0) / outputs[name + ".weight"].real(0);
  };
  EXPECT_NEAR(mean("loss"), mean("price_loss") + 0.5 * mean("kind_loss"), 1e-5);
}

TEST_F(Models, models_are_layers) {
  Sequential encoder({Input({4}), Dense({.units = 3, .name = "inner"})}, {.name = "encoder"});
  Value a = Input({4}), b = Input({4});
  Model model({a, b}, {Add()({encoder(a), encoder(b)})});
  EXPECT_TRUE(model.ok());
  EXPECT_EQ(model.parameterCount(), 15);
  Program program = model.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_TRUE(program.finish()) << (program.ok() ? "" : program.errors()[0].str());
  EXPECT_EQ(model.trainableVariables(program).size(), 2u);
}

TEST_F(Models, a_model_outlives_its_session_and_thread) {
  std::optional<Sequential> model;
  std::thread([&] { model.emplace(Sequential({Input({4}), Dense({.units = 3})})); }).join();
  clearSession();
  EXPECT_THAT(model->summary(), HasSubstr("dense (Dense)"));
  Program program = model->compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_TRUE(program.finish());
}

TEST_F(Models, trains_in_the_evaluator) {
  Sequential model({Input({2}), Dense({.units = 8, .activation = "tanh"}), Dropout({.rate = 0.1}),
                    Dense({.units = 1, .activation = "sigmoid"})});
  Program program = model.compile({.optimizer = Adam({.learningRate = 0.05}),
                                   .loss = "binary_crossentropy",
                                   .metrics = {"accuracy"}});
  Runner runner(program);
  runner.initialize(3);
  Tensor x = tensorOf({0, 0, 0, 1, 1, 0, 1, 1}, {4, 2}), y = tensorOf({0, 1, 1, 0}, {4, 1});
  double first = 0, last = 0;
  for (int step = 0; step < 300; ++step) {
    auto outputs = runner.run("train_step", {{"x", x}, {"y", y}});
    last = outputs["loss.total"].real(0) / outputs["loss.weight"].real(0);
    first = step ? first : last;
  }
  EXPECT_LT(last, 0.2 * first);
  auto outputs = runner.run("evaluate", {{"x", x}, {"y", y}});
  EXPECT_EQ(outputs["accuracy.total"].real(0), 4);
  EXPECT_EQ(runner.state["optimizer/iterations"].integer(0), 300);
  EXPECT_EQ(runner.state["rng/state"].integer(1), 301); // initialize drew once
}

//===- initializers and random numbers ------------------------------------------------------===//

struct Moments {
  double mean = 0, deviation = 0, low = 0, high = 0;
};

Moments drawn(const Initializer &initializer, const Shape &shape) {
  Program program;
  program.variable("w", shape, {.initializer = initializer});
  Runner runner(program);
  runner.initialize(11);
  const Tensor &w = runner.state["w"];
  Moments moments;
  for (int64_t i = 0; i < w.count(); ++i) {
    moments.mean += w.real(i) / w.count();
    moments.deviation += w.real(i) * w.real(i) / w.count();
    moments.low = std::min(moments.low, w.real(i));
    moments.high = std::max(moments.high, w.real(i));
  }
  moments.deviation = std::sqrt(moments.deviation - moments.mean * moments.mean);
  return moments;
}

TEST_F(Models, initializers_follow_their_formulas) {
  double limit = std::sqrt(6.0 / (300 + 100));
  Moments glorot = drawn("glorot_uniform", {300, 100});
  EXPECT_NEAR(glorot.high, limit, 1e-3 * limit);
  EXPECT_NEAR(glorot.low, -limit, 1e-3 * limit);
  EXPECT_NEAR(glorot.deviation, limit / std::sqrt(3.0), 0.01 * limit);
  // A filter's fans count the window.
  double window = std::sqrt(6.0 / (9 * 40 + 9 * 20));
  EXPECT_NEAR(drawn("glorot_uniform", {3, 3, 40, 20}).high, window, 2e-3 * window);
  Moments he = drawn("he_normal", {200, 100});
  EXPECT_NEAR(he.deviation, std::sqrt(2.0 / 200), 2e-3);
  EXPECT_LE(he.high, 2 * std::sqrt(2.0 / 200) / 0.87962566103423978 + 1e-6);
  EXPECT_NEAR(drawn("lecun_uniform", {300, 10}).high, std::sqrt(3.0 / 300), 1e-3);
  Moments normal = drawn(RandomNormal(1, 0.5), {20000});
  EXPECT_NEAR(normal.mean, 1, 0.02);
  EXPECT_NEAR(normal.deviation, 0.5, 0.01);
  EXPECT_EQ(drawn("ones", {3}).mean, 1);
}

TEST_F(Models, dropout_draws_anew_in_every_step) {
  Program program;
  Entry entry = program.entry("drop");
  entry.output("y", Dropout({.rate = 0.25})(entry.input("x", {"B", 1000}), {.training = true}));
  Runner runner(program);
  runner.initialize(5);
  Tensor x(reference::DType::F32, {4, 1000});
  for (int64_t i = 0; i < x.count(); ++i)
    x.setReal(i, 1);
  Tensor first = runner.run("drop", {{"x", x}})["y"], second = runner.run("drop", {{"x", x}})["y"];
  double kept = 0, equal = 0;
  for (int64_t i = 0; i < x.count(); ++i) {
    EXPECT_TRUE(first.real(i) == 0 || std::abs(first.real(i) - 1 / 0.75) < 1e-6);
    kept += first.real(i) != 0;
    equal += first.real(i) == second.real(i);
  }
  EXPECT_NEAR(kept / x.count(), 0.75, 0.03);
  EXPECT_LT(equal / x.count(), 0.7);
}

//===- control and state --------------------------------------------------------------------===//

TEST_F(Models, scan_captures_and_differentiates) {
  Program program;
  Entry entry = program.entry("run");
  Value x = entry.input("x", {"T"}), w = entry.input("w", {});
  // h = w h + x_t: the sum of w^(T-1-t) x_t.
  ScanResult result = scan({entry.constant(0)}, {x}, [&](Value, Values carry, Values slice) {
    Value h = w * carry[0] + slice[0];
    return Values{h, h};
  });
  entry.output("h", result.carries[0]);
  entry.output("all", result.stacked[0]);
  entry.output("dw", gradient(result.carries[0], {w})[0]);
  Runner runner(program);
  auto outputs = runner.run("run", {{"x", tensorOf({1, 2, 3}, {3})}, {"w", tensorOf({2}, {})}});
  EXPECT_EQ(outputs["h"].real(0), 11);
  EXPECT_EQ(outputs["all"].real(1), 4);
  EXPECT_EQ(outputs["dw"].real(0), 6); // 2 w x_0 + x_1
}

TEST_F(Models, while_and_cond_capture) {
  Program program;
  Entry entry = program.entry("run");
  Value x = entry.input("x", {}), limit = entry.input("limit", {});
  Values doubled = whileLoop({x}, [&](Values v) { return v[0] < limit; },
                             [&](Values v) { return Values{v[0] * 2}; });
  Values chosen = cond(doubled[0] > 100, [&] { return Values{doubled[0] - x}; },
                       [&] { return Values{doubled[0] + limit}; });
  entry.output("y", chosen[0]);
  Runner runner(program);
  auto resultOf = [&](double limit) {
    return runner.run("run", {{"x", tensorOf({3}, {})}, {"limit", tensorOf({limit}, {})}})["y"]
        .real(0);
  };
  EXPECT_EQ(resultOf(50), 146);  // 96 + 50
  EXPECT_EQ(resultOf(150), 189); // 192 - 3
}

TEST_F(Models, a_read_after_an_assign_sees_it) {
  Program program;
  Variable count = program.variable("count", {}, {.role = Role::Slot});
  Entry entry = program.entry("twice");
  entry.assign(count, entry.read(count) + 1);
  entry.assign(count, entry.read(count) * 10);
  entry.output("now", entry.read(count));
  Runner runner(program);
  runner.initialize(0);
  EXPECT_EQ(runner.run("twice")["now"].real(0), 10);
  EXPECT_EQ(runner.run("twice")["now"].real(0), 110);
  EXPECT_EQ(runner.state["count"].real(0), 110);
}

TEST_F(Models, custom_gradient_replaces_the_derivative) {
  Program program;
  Entry entry = program.entry("f");
  Value x = entry.input("x", {});
  Values y = customGradient({x}, [](Values v) { return Values{v[0] * v[0]}; },
                            [](Values v, Values, Values dy) { return Values{dy[0] * v[0] * 100}; });
  entry.output("y", y[0]);
  entry.output("dx", gradient(y[0], {x})[0]);
  Runner runner(program);
  auto outputs = runner.run("f", {{"x", tensorOf({3}, {})}});
  EXPECT_EQ(outputs["y"].real(0), 9);
  EXPECT_EQ(outputs["dx"].real(0), 300);
}

TEST_F(Models, a_key_of_the_callers_own_decides_the_mask) {
  Program program;
  Entry entry = program.entry("drop");
  Value x = entry.input("x", {100}), key = entry.input("key", {2}, DType::I64);
  Dropout dropout({.rate = 0.5});
  entry.output("y", dropout(x + 1, {.training = true, .key = key}));
  Runner runner(program);
  auto maskOf = [&](double seed) {
    Tensor zeros(reference::DType::F32, {100});
    auto y = runner.run("drop", {{"x", zeros},
                                 {"key", tensorOf({seed, 0}, {2}, reference::DType::I64)}})["y"];
    std::string mask;
    for (int64_t i = 0; i < y.count(); ++i)
      mask += y.real(i) ? '1' : '0';
    return mask;
  };
  EXPECT_EQ(maskOf(1), maskOf(1));
  EXPECT_NE(maskOf(1), maskOf(2));
  EXPECT_TRUE(program.variables().empty());
}

TEST_F(Models, masks_reach_losses) {
  Value tokens = Input({3}, {.dtype = DType::I32});
  Value steps = Embedding({.inputDim = 5, .outputDim = 4, .maskZero = true})(tokens);
  Model model({tokens}, {Dense({.units = 2})(steps)});
  Program program = model.compile(
      {.optimizer = "sgd", .loss = SparseCategoricalCrossentropy({.fromLogits = true})});
  Runner runner(program);
  runner.initialize(1);
  auto outputs = runner.run(
      "evaluate", {{"x", tensorOf({1, 2, 0, 3, 0, 0}, {2, 3}, reference::DType::I32)},
                   {"y", tensorOf({0, 1, 0, 1, 0, 0}, {2, 3}, reference::DType::I32)}});
  EXPECT_EQ(outputs["loss.weight"].real(0), 3);
}

TEST_F(Models, second_derivatives) {
  Program program;
  Entry entry = program.entry("f");
  Value x = entry.input("x", {});
  Value slope = gradient(x * x * x, {x})[0];
  entry.output("curvature", gradient(slope, {x})[0]);
  Runner runner(program);
  EXPECT_EQ(runner.run("f", {{"x", tensorOf({2}, {})}})["curvature"].real(0), 12);
}

TEST_F(Models, locations_name_layers) {
  Sequential model({Input({4}), Dense({.units = 3})});
  Program program = model.compile({.optimizer = "sgd", .loss = "mse"});
  ASSERT_TRUE(program.finish());
  bool found = false;
  program.internal()->module->walk([&](ir::ContractOp op) {
    auto loc = mlir::dyn_cast<mlir::NameLoc>(op.getLoc());
    ASSERT_TRUE(loc);
    EXPECT_EQ(loc.getName(), "dense");
    auto place = mlir::dyn_cast<mlir::FileLineColLoc>(loc.getChildLoc());
    ASSERT_TRUE(place);
    EXPECT_EQ(place.getFilename(), "Model_test.cpp");
    found = true;
  });
  EXPECT_TRUE(found);
}

} // namespace
