// The examples under examples/: each defines its program; those with entries of their own are run
// in the reference evaluator. Their functions are renamed when they are built into this test.
#include "Evaluate.h"
#include "dlc/dlc.h"
#include <random>

using namespace dlc;
using namespace dlc::test;

Program defineDigits();
Program defineFashion();
Program defineGan();
Program defineInputGradient();

namespace {

Tensor noise(reference::Dims dims, unsigned seed, double low, double high) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<double> draw(low, high);
  Tensor tensor(reference::DType::F32, std::move(dims));
  for (int64_t i = 0; i < tensor.count(); ++i)
    tensor.setReal(i, draw(engine));
  return tensor;
}

bool same(const Tensor &a, const Tensor &b) {
  for (int64_t i = 0; i < a.count(); ++i)
    if (a.real(i) != b.real(i))
      return false;
  return true;
}

TEST(Examples, digits_and_fashion_define_programs) {
  for (Program (*define)() : {defineDigits, defineFashion}) {
    Program program = define();
    EXPECT_TRUE(program.finish()) << program.errors().front().str();
  }
}

TEST(Examples, gan_trains_one_network_in_each_entry) {
  Program program = defineGan();
  Runner runner(program);
  runner.initialize(1);
  Tensor images = noise({4, 64}, 1, 0, 1);
  auto changed = [&](const char *entry, const char *input) {
    reference::State before = runner.state;
    auto outputs = runner.run(entry, {{input, images}});
    EXPECT_TRUE(std::isfinite(outputs["loss"].real(0)));
    std::vector<std::string> names;
    for (const auto &[name, value] : runner.state) {
      llvm::StringRef text = name;
      if (text.ends_with("/kernel") && text.starts_with("dense") && !same(value, before[name]))
        names.push_back(name);
    }
    return names;
  };
  std::vector<std::string> discriminator = changed("train_discriminator", "real");
  std::vector<std::string> generator = changed("train_generator", "like");
  EXPECT_EQ(discriminator.size(), 3u);
  EXPECT_EQ(generator.size(), 3u);
  for (const std::string &name : generator)
    EXPECT_FALSE(llvm::is_contained(discriminator, name)) << name;
  auto made = runner.run("generate", {{"noise", noise({5, 16}, 2, -1, 1)}});
  EXPECT_EQ(made["images"].dims(), (reference::Dims{5, 64}));
}

TEST(Examples, input_gradient_agrees_with_differences) {
  Program program = defineInputGradient();
  Runner runner(program);
  runner.initialize(2);
  Tensor image = noise({1, 8, 8, 1}, 3, 0, 1);
  Tensor label = tensorOf({7}, {1}, reference::DType::I32);
  auto saliency = runner.run("saliency", {{"image", image}, {"label", label}});
  EXPECT_EQ(saliency["map"].dims(), image.dims());
  double total = 0;
  for (int64_t i = 0; i < 64; ++i)
    total += saliency["map"].real(i);
  EXPECT_GT(total, 0.01);

  auto lossOf = [&](const Tensor &x) {
    reference::State before = runner.state;
    auto outputs = runner.run("train_step", {{"x", x}, {"y", label}});
    runner.state = before;
    return outputs["loss.total"].real(0);
  };
  Tensor moved = image;
  for (int step = 0; step < 5; ++step)
    moved = runner.run("dream", {{"image", moved},
                                 {"label", label},
                                 {"rate", tensorOf({0.05}, {})}})["image"];
  EXPECT_LT(lossOf(moved), lossOf(image));
}

} // namespace
