// Initializers: random numbers scaled by the sizes of the variable.
#include "dlc/initializers.h"
#include "dlc/program.h"
#include <cmath>

namespace dlc {

namespace {

// Standard deviation of a normal distribution that was cut at two deviations.
constexpr double kTruncation = 0.87962566103423978;

struct Fans {
  double in = 1, out = 1;
};

Fans fansOf(const Shape &shape) {
  if (shape.empty())
    return {};
  auto size = [&](size_t i) { return static_cast<double>(shape[i].value()); };
  if (shape.size() == 1)
    return {size(0), size(0)};
  double window = 1;
  for (size_t i = 0; i + 2 < shape.size(); ++i)
    window *= size(i);
  return {window * size(shape.size() - 2), window * size(shape.size() - 1)};
}

enum class Mode { In, Average };

// Variance scaling: variance scale / n, n the mean of the fans or the fan in.
double varianceOf(const Shape &shape, double scale, Mode mode) {
  Fans fans = fansOf(shape);
  double n = mode == Mode::In ? fans.in : (fans.in + fans.out) / 2;
  return scale / std::max(1.0, n);
}

Value uniform(Entry entry, const Shape &shape, DType type, double low, double high) {
  Value seed = entry.constant(0, type);
  return randomUniform(seed, shape, type) * (high - low) + low;
}

// Numbers outside are drawn again; what is left after that (1 in 10^9) is cut.
Value truncated(Entry entry, const Shape &shape, DType type) {
  Value seed = entry.constant(0, type);
  Value x = randomNormal(seed, shape, type);
  for (int i = 0; i < 6; ++i)
    x = select(greater(abs(x), 2.0), randomNormal(seed, shape, type), x);
  return clip(x, -2, 2);
}

Initializer scaledUniform(const char *name, double scale, Mode mode) {
  return {name, [=](Entry entry, const Shape &shape, DType type) {
            double limit = std::sqrt(3 * varianceOf(shape, scale, mode));
            return uniform(entry, shape, type, -limit, limit);
          }};
}

Initializer scaledNormal(const char *name, double scale, Mode mode) {
  return {name, [=](Entry entry, const Shape &shape, DType type) {
            double deviation = std::sqrt(varianceOf(shape, scale, mode)) / kTruncation;
            return truncated(entry, shape, type) * deviation;
          }};
}

Initializer byName(const std::string &name) {
  if (name == "zeros")
    return Zeros();
  if (name == "ones")
    return Ones();
  if (name == "glorot_uniform")
    return GlorotUniform();
  if (name == "glorot_normal")
    return GlorotNormal();
  if (name == "he_uniform")
    return HeUniform();
  if (name == "he_normal")
    return HeNormal();
  if (name == "lecun_uniform")
    return LecunUniform();
  if (name == "lecun_normal")
    return LecunNormal();
  if (name == "random_uniform")
    return RandomUniform();
  if (name == "random_normal")
    return RandomNormal();
  if (name == "truncated_normal")
    return TruncatedNormal();
  return {name, nullptr};
}

} // namespace

Initializer::Initializer(const char *name) : Initializer(byName(name)) {}

Value Initializer::operator()(Entry entry, const Shape &shape, DType type) const {
  return function(std::move(entry), shape, type);
}

Initializer Constant(double value) {
  return {"constant", [=](Entry entry, const Shape &shape, DType type) {
            return entry.full(shape, value, type);
          }};
}

Initializer Zeros() {
  return {"zeros", [](Entry entry, const Shape &shape, DType type) {
            return entry.full(shape, 0, type);
          }};
}

Initializer Ones() {
  return {"ones", [](Entry entry, const Shape &shape, DType type) {
            return entry.full(shape, 1, type);
          }};
}

Initializer RandomUniform(double low, double high) {
  return {"random_uniform", [=](Entry entry, const Shape &shape, DType type) {
            return uniform(entry, shape, type, low, high);
          }};
}

Initializer RandomNormal(double mean, double deviation) {
  return {"random_normal", [=](Entry entry, const Shape &shape, DType type) {
            return randomNormal(entry.constant(0, type), shape, type) * deviation + mean;
          }};
}

Initializer TruncatedNormal(double mean, double deviation) {
  return {"truncated_normal", [=](Entry entry, const Shape &shape, DType type) {
            return truncated(entry, shape, type) * deviation + mean;
          }};
}

Initializer GlorotUniform() { return scaledUniform("glorot_uniform", 1, Mode::Average); }
Initializer GlorotNormal() { return scaledNormal("glorot_normal", 1, Mode::Average); }
Initializer HeUniform() { return scaledUniform("he_uniform", 2, Mode::In); }
Initializer HeNormal() { return scaledNormal("he_normal", 2, Mode::In); }
Initializer LecunUniform() { return scaledUniform("lecun_uniform", 1, Mode::In); }
Initializer LecunNormal() { return scaledNormal("lecun_normal", 1, Mode::In); }

} // namespace dlc
