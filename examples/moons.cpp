// A model declared, trained and used in one process: two interleaved half circles of points are
// told apart. Build it against libdlc:
//
//   c++ -std=c++20 examples/moons.cpp -I build/include -I runtime/include -L build/lib -ldlc
#include "dlc/fit.h"

#include <cmath>
#include <cstdio>
#include <random>

using namespace dlc;
using runtime::Array;

struct Points {
  Array x, y;
};

// |count| points, half on each moon, blurred a little.
static Points makeMoons(int count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> blur(0, 0.1f);
  std::uniform_real_distribution<float> angle(0, 3.14159265f);
  std::vector<float> x, y;
  for (int i = 0; i < count; ++i) {
    bool lower = i % 2;
    float t = angle(engine);
    x.push_back((lower ? 1 - std::cos(t) : std::cos(t)) + blur(engine));
    x.push_back((lower ? 0.5f - std::sin(t) : std::sin(t)) + blur(engine));
    y.push_back(lower);
  }
  return {Array::of(x, {count, 2}), Array::of(y, {count, 1})};
}

int main() {
  Sequential model({Input({2}), Dense({.units = 16, .activation = "relu"}),
                    Dense({.units = 16, .activation = "relu"}), Dense({.units = 1})});
  std::printf("%s", model.summary().c_str());
  Program program = model.compile({.optimizer = Adam({.learningRate = 0.02}),
                                   .loss = BinaryCrossentropy({.fromLogits = true})});
  for (const Error &error : program.errors())
    std::fprintf(stderr, "%s\n", error.str().c_str());

  Points train = makeMoons(1000, 1), test = makeMoons(200, 2);
  runtime::FitOptions options;
  options.epochs = 20;
  options.validationSplit = 0.1;
  auto history = model.fit(train.x, train.y, options);
  if (!history.ok()) {
    std::fprintf(stderr, "%s\n", history.message().c_str());
    return 1;
  }
  auto logits = model.predict(test.x);
  if (!logits.ok())
    return 1;
  int right = 0;
  for (int i = 0; i < 200; ++i)
    right += (logits->as<float>()[i] > 0) == (test.y.as<float>()[i] > 0.5f);
  std::printf("%d of 200 points are on the right moon\n", right);
  return right < 190;
}
