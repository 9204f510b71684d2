// Dtype policies: what is rounded, what stays F32, and that training comes to the same.
#include "Evaluate.h"
#include "dlc/dlc.h"

using namespace dlc;
using namespace dlc::test;

namespace {

/// The policy for as long as this lives.
struct Policy {
  explicit Policy(const char *name) { setDtypePolicy(name); }
  ~Policy() { setDtypePolicy("float32"); }
};

Tensor numbers(reference::Dims dims, double scale = 1) {
  Tensor tensor(reference::DType::F32, std::move(dims));
  for (int64_t i = 0; i < tensor.count(); ++i)
    tensor.setReal(i, scale * std::sin(1 + 7.0 * static_cast<double>(i)));
  return tensor;
}

double roundToBf16(double x) { return tensorOf({x}, {1}, reference::DType::BF16).real(0); }

std::string typesOf(Program &program, const std::string &op) {
  std::string text;
  program.internal()->module->walk([&](mlir::Operation *found) {
    if (found->getName().getStringRef() == "dlc." + op)
      text += (text.empty() ? "" : " ") + std::string(name(detail::fromType(
                  mlir::cast<mlir::ShapedType>(found->getOperand(0).getType()).getElementType())));
  });
  return text;
}

TEST(Precision, dense_rounds_factors_and_what_it_gives) {
  Policy policy("mixed_bfloat16");
  Program program;
  Entry entry = program.entry("call");
  Value x = entry.input("x", {2, 5});
  Dense dense({.units = 3, .activation = "tanh"});
  Value y = dense(x);
  EXPECT_EQ(y.dtype(), DType::BF16);
  entry.output("y", cast(y, DType::F32));
  for (const Variable &variable : dense.variables(program))
    EXPECT_EQ(variable.dtype(), DType::F32);
  Runner runner(program);
  runner.initialize(3);
  Tensor in = numbers({2, 5}), out = runner.run("call", {{"x", in}})["y"];
  const Tensor &kernel = runner.state["dense/kernel"], &bias = runner.state["dense/bias"];
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t column = 0; column < 3; ++column) {
      double sum = bias.real(column);
      for (int64_t k = 0; k < 5; ++k)
        sum += roundToBf16(in.real(row * 5 + k)) * roundToBf16(kernel.real(k * 3 + column));
      // The sum in F32 may round the other way: one step of bf16.
      EXPECT_NEAR(out.real(row * 3 + column), std::tanh(roundToBf16(sum)), 1.0 / 128);
      EXPECT_EQ(out.real(row * 3 + column), roundToBf16(out.real(row * 3 + column)));
    }
}

TEST(Precision, statistics_and_activations_are_f32_and_movers_move) {
  Policy policy("mixed_bfloat16");
  Value x = Input({8, 8, 3});
  Value y = BatchNormalization()(Conv2D({.filters = 4, .kernel = 3})(x));
  y = Flatten()(MaxPooling2D({.pool = 2})(Activation("gelu")(y)));
  y = LayerNormalization()(Concatenate()(Values{y, y}));
  Model model({x}, {Dense({.units = 2})(y)});
  Program program = model.compile({.optimizer = SGD(), .loss = "mse"});
  ASSERT_TRUE(program.ok()) << program.errors().front().str();
  EXPECT_EQ(typesOf(program, "conv"), "bf16 bf16 bf16"); // train_step, evaluate, predict
  EXPECT_EQ(typesOf(program, "max_pool"), "bf16 bf16 bf16");
  EXPECT_EQ(typesOf(program, "concat"), "bf16 bf16 bf16");
  EXPECT_EQ(typesOf(program, "batch_norm_training"), "f32");
  EXPECT_EQ(typesOf(program, "layer_norm"), "f32 f32 f32");
  EXPECT_EQ(typesOf(program, "erf"), "f32 f32 f32");
  for (const Variable &variable : program.variables())
    EXPECT_NE(variable.dtype(), DType::BF16) << variable.name();
}

TEST(Precision, one_layer_has_its_own_policy) {
  Policy policy("mixed_bfloat16");
  EXPECT_EQ(dtypePolicy(), "mixed_bfloat16");
  Dense last({.units = 2});
  last.setDtypePolicy("float32");
  Value y = last(Dense({.units = 3})(Input({4})));
  EXPECT_EQ(y.dtype(), DType::F32);
  EXPECT_EQ(last.dtypePolicy(), "float32");
}

TEST(Precision, unknown_policy_is_reported_by_the_call) {
  clearSession();
  Dense dense({.units = 2});
  dense.setDtypePolicy("mixed_float8");
  Value x = Input({4});
  Model model({x}, {dense(x)});
  ASSERT_FALSE(model.ok());
  std::string text = model.errors().front().str();
  EXPECT_NE(text.find("dtype policy 'mixed_float8' is unknown"), std::string::npos) << text;
  EXPECT_NE(text.find("hint: known are float32 and mixed_bfloat16"), std::string::npos) << text;
}

// The mask goes on where the value is cast, and the key that is the value stays no key of its own.
TEST(Precision, masks_survive_casts) {
  Policy policy("mixed_bfloat16");
  auto run = [](bool masked) {
    clearSession();
    Program program;
    Entry entry = program.entry("call");
    Value tokens = entry.input("tokens", {1, 4}, DType::I32);
    Value x = Embedding({.inputDim = 10, .outputDim = 8, .maskZero = masked})(tokens);
    Value y = MultiHeadAttention({.numHeads = 2, .keyDim = 4})(Values{x, x});
    entry.output("y", cast(GlobalAveragePooling1D()(y), DType::F32));
    Runner runner(program);
    runner.initialize(1);
    return runner.run("call", {{"tokens", tensorOf({3, 4, 0, 0}, {1, 4}, reference::DType::I32)}})["y"];
  };
  Tensor masked = run(true), open = run(false);
  EXPECT_NE(masked.real(0), open.real(0));
}

// Some steps of a small model end where those in F32 do, within the rounding of bf16.
TEST(Precision, training_comes_to_the_same) {
  auto train = [](const char *name) {
    Policy policy(name);
    clearSession();
    Value x = Input({6});
    Value y = Dense({.units = 16, .activation = "relu"})(x);
    Model model({x}, {Dense({.units = 1})(y)});
    Program program = model.compile({.optimizer = Adam({.learningRate = 0.02}), .loss = "mse"});
    Runner runner(program);
    runner.initialize(9);
    Tensor in = numbers({32, 6}), target(reference::DType::F32, {32, 1});
    for (int64_t i = 0; i < 32; ++i)
      target.setReal(i, in.real(i * 6) * in.real(i * 6 + 1) + in.real(i * 6 + 2));
    std::vector<double> losses;
    for (int step = 0; step < 60; ++step) {
      auto out = runner.run("train_step", {{"x", in}, {"y", target}}, {{"B", 32}});
      losses.push_back(out["loss.total"].real(0) / out["loss.weight"].real(0));
    }
    return losses;
  };
  std::vector<double> exact = train("float32"), mixed = train("mixed_bfloat16");
  EXPECT_LT(exact.back(), 0.3 * exact.front());
  EXPECT_NEAR(mixed.front(), exact.front(), 0.01 * exact.front());
  EXPECT_NEAR(mixed.back(), exact.back(), 0.05 * exact.front());
  EXPECT_NE(mixed.back(), exact.back());
}

} // namespace
