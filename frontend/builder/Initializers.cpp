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

// The value of c[0] x^(n-1) + ... + c[n-1].
Value polynomial(std::initializer_list<double> coefficients, Operand x) {
  Value sum = fullLike(x, *coefficients.begin());
  for (const double *c = coefficients.begin() + 1; c != coefficients.end(); ++c)
    sum = sum * x + *c;
  return sum;
}

// The normal distribution's inverse at a number between those of -2 and 2: one draw and a dozen
// multiplications, where drawing again would repeat the generator in the code of every variable.
// The fraction is P. J. Acklam's for |q| < 0.476, good to 1e-8 a little further.
Value truncated(Entry entry, const Shape &shape, DType type) {
  constexpr double inside = 0.9544997361036416; // between -2 and 2
  Value seed = entry.constant(0, type);
  Value q = (randomUniform(seed, shape, type) - 0.5) * inside;
  Value r = q * q;
  Value above = polynomial({-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
                            1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00},
                           r);
  Value below = polynomial({-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                            6.680131188771972e+01, -1.328068155288572e+01, 1},
                           r);
  return clip(q * above / below, -2, 2);
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
