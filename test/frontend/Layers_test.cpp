// What golden numbers cannot show: layers that draw random numbers, masks that go through models,
// and gradients through attention with dropout.
#include "Evaluate.h"
#include "dlc/dlc.h"

using namespace dlc;
using namespace dlc::test;

namespace {

Tensor ones(reference::Dims dims) {
  Tensor tensor(reference::DType::F32, std::move(dims));
  for (int64_t i = 0; i < tensor.count(); ++i)
    tensor.setReal(i, 1);
  return tensor;
}

// What `layer` makes of ones in training.
Tensor trained(const Layer &layer, const reference::Dims &dims) {
  Program program;
  Entry entry = program.entry("call");
  Value x = entry.input("x", Shape(dims.begin(), dims.end()));
  entry.output("y", layer(x, {.training = true}));
  Runner runner(program);
  if (!program.variables().empty()) // the random key
    runner.initialize(5);
  return runner.run("call", {{"x", ones(dims)}})["y"];
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments momentsOf(const Tensor &tensor) {
  Moments result;
  auto count = static_cast<double>(tensor.count());
  for (int64_t i = 0; i < tensor.count(); ++i)
    result.mean += tensor.real(i) / count;
  for (int64_t i = 0; i < tensor.count(); ++i)
    result.variance += (tensor.real(i) - result.mean) * (tensor.real(i) - result.mean) / count;
  return result;
}

TEST(Noise, spatial_dropout_drops_channels) {
  Tensor y = trained(SpatialDropout2D({.rate = 0.25}), {16, 3, 2, 32});
  int64_t dropped = 0;
  for (int64_t n = 0; n < 16; ++n)
    for (int64_t c = 0; c < 32; ++c) {
      double first = y.real(n * 192 + c);
      EXPECT_TRUE(first == 0 || std::abs(first - 4.0 / 3) < 1e-6) << first;
      for (int64_t place = 1; place < 6; ++place)
        EXPECT_EQ(y.real(n * 192 + place * 32 + c), first);
      dropped += first == 0;
    }
  EXPECT_NEAR(dropped, 128, 40);
}

TEST(Noise, gaussian_noise_has_its_deviation) {
  Moments moments = momentsOf(trained(GaussianNoise({.stddev = 0.5}), {100, 100}));
  EXPECT_NEAR(moments.mean, 1, 0.02);
  EXPECT_NEAR(moments.variance, 0.25, 0.02);
}

TEST(Noise, gaussian_dropout_has_the_variance_of_dropout) {
  Moments moments = momentsOf(trained(GaussianDropout({.rate = 0.2}), {100, 100}));
  EXPECT_NEAR(moments.mean, 1, 0.02);
  EXPECT_NEAR(moments.variance, 0.25, 0.02);
}

TEST(Noise, rate_zero_is_the_identity) {
  for (const Layer &layer :
       std::vector<Layer>{SpatialDropout1D({.rate = 0}), GaussianDropout({.rate = 0}),
                          GaussianNoise({.stddev = 0})})
    expectClose(trained(layer, {2, 3, 4}), ones({2, 3, 4}), 0, layer.kind());
}

// With equal values, what is left of the probabilities shows in the result.
TEST(Attention, dropout_falls_on_probabilities) {
  Program program;
  Entry entry = program.entry("call");
  Value q = entry.input("q", {1, 50, 2, 4}), v = entry.input("v", {1, 40, 2, 3});
  entry.output("y", dotProductAttention(q, fullLike(entry.input("k", {1, 40, 2, 4}), 1), v,
                                        {.dropout = 0.5}));
  Runner runner(program);
  runner.initialize(5);
  auto outputs = runner.run(
      "call", {{"q", ones({1, 50, 2, 4})}, {"k", ones({1, 40, 2, 4})}, {"v", ones({1, 40, 2, 3})}});
  Tensor y = outputs["y"];
  EXPECT_EQ(y.dims(), (reference::Dims{1, 50, 2, 3}));
  Moments moments = momentsOf(y);
  EXPECT_NEAR(moments.mean, 1, 0.05);             // the others are scaled up
  EXPECT_NEAR(moments.variance, 1.0 / 40, 0.012); // of a mean of 40 values that are 0 or 2
  for (int64_t i = 0; i < y.count(); i += 3) {
    EXPECT_EQ(y.real(i), y.real(i + 1)); // one draw for all features of a head
    double kept = y.real(i) * 20;
    EXPECT_NEAR(kept, std::round(kept), 1e-4);
  }
}

// A mask that a Lambda makes is replayed with the model.
TEST(Attention, masks_are_part_of_a_model) {
  clearSession();
  Value tokens = Input({"S"}, {.dtype = DType::I32, .name = "tokens"});
  Value mask = Lambda([](Value x) { return notEqual(x, 0); })(tokens);
  Value x = Embedding({.inputDim = 9, .outputDim = 4})(tokens);
  MultiHeadAttention attention({.numHeads = 2, .keyDim = 2});
  Value y = GlobalMaxPooling1D()(attention(x, {.mask = mask}));
  Model model({tokens}, {Dense({.units = 1})(y)});
  ASSERT_TRUE(model.ok()) << model.errors().front().str();
  Program program = model.compile({.loss = "mse"});
  Runner runner(program);
  runner.initialize(1);
  auto predict = [&](std::vector<double> list) {
    auto length = static_cast<int64_t>(list.size());
    Tensor tensor = tensorOf(std::move(list), {1, length}, reference::DType::I32);
    return runner.run("predict", {{"tokens", tensor}})["y"].real(0);
  };
  // A repeated word changes no average; padding is not looked at, though it asks itself.
  double once = predict({3, 0});
  EXPECT_NEAR(predict({3, 3, 0}), once, 1e-6);
  EXPECT_NEAR(predict({3, 0, 0, 0}), once, 1e-6);
}

TEST(Attention, the_query_s_mask_goes_on) {
  Program program;
  Entry entry = program.entry("call");
  Embedding embedding({.inputDim = 9, .outputDim = 4, .maskZero = true});
  Value q = embedding(entry.input("q", {"B", 5}, DType::I32));
  Value v = embedding(entry.input("v", {"B", 7}, DType::I32));
  Value y = MultiHeadAttention({.numHeads = 1, .keyDim = 2})({q, v});
  Value after = entry.internal()->maskOf(LayerNormalization()(y));
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(str(after.shape()), "(B, 5)");
}

TEST(Attention, kernels_are_drawn_as_matrices) {
  clearSession();
  Model model = [] {
    Value x = Input({3, 64});
    Value y = MultiHeadAttention({.numHeads = 8, .keyDim = 16})(x);
    return Model({x}, {y});
  }();
  Program program = model.compile({.loss = "mse"});
  Runner runner(program);
  runner.initialize(2);
  double limit = std::sqrt(6.0 / (64 + 128)), largest = 0;
  for (const char *name : {"query", "attention_output"}) {
    const Tensor &kernel = runner.state[std::string("multi_head_attention/") + name + "/kernel"];
    for (int64_t i = 0; i < kernel.count(); ++i)
      largest = std::max(largest, std::abs(kernel.real(i)));
    EXPECT_NEAR(largest, limit, 0.01 * limit) << name;
  }
}

// Of a normal distribution that was cut at two deviations: mean 0 and a deviation of 0.8796.
TEST(Initializers, truncated_normal_is_cut_at_two_deviations) {
  Program program;
  program.variable("w", {200, 200}, {.initializer = TruncatedNormal(0.5, 0.1)});
  Runner runner(program);
  runner.initialize(7);
  Tensor w = runner.state["w"];
  Moments moments = momentsOf(w);
  EXPECT_NEAR(moments.mean, 0.5, 0.002);
  EXPECT_NEAR(std::sqrt(moments.variance), 0.087963, 0.0008);
  int64_t inner = 0;
  for (int64_t i = 0; i < w.count(); ++i) {
    EXPECT_LE(std::abs(w.real(i) - 0.5), 0.2 + 1e-6);
    inner += std::abs(w.real(i) - 0.5) < 0.1;
  }
  EXPECT_NEAR(static_cast<double>(inner) / static_cast<double>(w.count()), 0.682689 / 0.9545, 0.01);
}

TEST(Names, are_keras_s) {
  clearSession();
  EXPECT_EQ(ReLU().name(), "re_lu");
  EXPECT_EQ(LeakyReLU().name(), "leaky_re_lu");
  EXPECT_EQ(ELU().name(), "elu");
  EXPECT_EQ(Conv2DTranspose({}).name(), "conv2d_transpose");
  EXPECT_EQ(RMSNormalization().name(), "rms_normalization");
  EXPECT_EQ(UpSampling2D().name(), "up_sampling2d");
  EXPECT_EQ(GlobalAveragePooling1D().name(), "global_average_pooling1d");
  EXPECT_EQ(DepthwiseConv2D({}).name(), "depthwise_conv2d");
}

} // namespace
