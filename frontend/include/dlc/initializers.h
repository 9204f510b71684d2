// First values of variables. Formulas and defaults are those of Keras 3.
//
// Fans: of a matrix (in, out) they are its sizes; of a filter (k..., in, out) both are multiplied
// by the number of elements of the window; of a vector both are its size.
#ifndef DLC_INITIALIZERS_H
#define DLC_INITIALIZERS_H

#include "dlc/value.h"

#include <functional>

namespace dlc {

class Entry;

/// How a variable gets its first value.
class Initializer {
public:
  /// Computes the value, of shape |shape| and type |type|, inside the entry `initialize`.
  using Function = std::function<Value(Entry entry, const Shape &shape, DType type)>;

  /// "zeros", "ones", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
  /// "lecun_uniform", "lecun_normal", "random_uniform", "random_normal", "truncated_normal". Any
  /// other name is an error where the initializer is used.
  Initializer(const char *name);
  Initializer(std::string name, Function function)
      : text(std::move(name)), function(std::move(function)) {}

  const std::string &name() const { return text; }
  /// False for an unknown name.
  bool ok() const { return static_cast<bool>(function); }
  Value operator()(Entry entry, const Shape &shape, DType type) const;

private:
  std::string text;
  Function function;
};

Initializer Zeros();
Initializer Ones();
Initializer Constant(double value);
/// Uniform in [low, high).
Initializer RandomUniform(double low = -0.05, double high = 0.05);
Initializer RandomNormal(double mean = 0, double deviation = 0.05);
/// Normal numbers within two deviations of the mean.
Initializer TruncatedNormal(double mean = 0, double deviation = 0.05);
/// Uniform in +-sqrt(6 / (fanIn + fanOut)).
Initializer GlorotUniform();
/// Truncated normal with deviation sqrt(2 / (fanIn + fanOut)) / 0.87962566103423978.
Initializer GlorotNormal();
/// Uniform in +-sqrt(6 / fanIn); truncated normal with deviation sqrt(2 / fanIn) / 0.8796...
Initializer HeUniform();
Initializer HeNormal();
/// Uniform in +-sqrt(3 / fanIn); truncated normal with deviation sqrt(1 / fanIn) / 0.8796...
Initializer LecunUniform();
Initializer LecunNormal();

} // namespace dlc

#endif
