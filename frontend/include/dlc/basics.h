// Element types, sizes, places in source code and errors: what every other header speaks of.
//
// The frontend never throws and never aborts. A call that cannot be carried out reports an Error
// to its program and returns a poisoned object; whatever is computed from that is poisoned too,
// silently, so that one mistake is reported once.
#ifndef DLC_BASICS_H
#define DLC_BASICS_H

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace dlc {

/// The type of a tensor's elements.
enum class DType : uint8_t { F32, F64, F16, BF16, I64, I32, I8, U8, Bool };

/// "f32", "i1" (for Bool), ...
const char *name(DType type);
/// True for F32, F64, F16 and BF16.
bool isFloat(DType type);

/// Where the user's call stands; every call records it by a default argument.
using Site = std::source_location;

/// A size: an integer, or an integer expression of named symbols that are bound when the program
/// runs.
///
///   Dim B("B");
///   Shape pairs = {B, 2 * B + 1, 784};
///
/// Two sizes are equal when their expressions are, whatever their form: 2 * B is B + B. A symbol
/// that a program was not told about is declared with a minimum of 1 when it is first used.
class Dim {
public:
  template <std::integral T> Dim(T value) : constant(static_cast<int64_t>(value)) {}
  /// The symbol |name|, a letter followed by letters, digits or `_`.
  Dim(const char *name) : Dim(std::string(name)) {}
  explicit Dim(std::string name);

  bool isConstant() const { return !node; }
  /// The integer; meaningless unless isConstant().
  int64_t value() const { return constant; }
  /// "784", "B", "2*B + 1".
  std::string str() const;

  friend Dim operator+(const Dim &a, const Dim &b);
  friend Dim operator-(const Dim &a, const Dim &b);
  friend Dim operator*(const Dim &a, const Dim &b);
  /// Rounds toward minus infinity; |b| must be positive wherever the size is evaluated.
  friend Dim floorDiv(const Dim &a, const Dim &b);
  friend Dim min(const Dim &a, const Dim &b);
  friend Dim max(const Dim &a, const Dim &b);

  /// An expression as a tree; null for integers.
  struct Node;
  const Node *expression() const { return node.get(); }

private:
  static Dim make(char op, const Dim &a, const Dim &b);
  int64_t constant = 0;
  std::shared_ptr<const Node> node;
};

/// `op` is '$' for a symbol, else one of + - * / (floorDiv) < (min) > (max).
struct Dim::Node {
  char op;
  std::string symbol;
  std::vector<Dim> operands;
};

/// The sizes of a tensor, outermost first; empty for a scalar.
using Shape = std::vector<Dim>;

/// "(B, 784)".
std::string str(const Shape &shape);

/// What was wrong with a call.
struct Error {
  /// "layer 'dense_2' (Dense, train.cpp:41)": what was called, its kind, and where.
  std::string subject;
  /// Lower case, expected and got, no full stop.
  std::string message;
  /// "'max_pooling1d' (MaxPooling1D, train.cpp:40), shape (B, 128, 8)": where the offending value
  /// came from; may be empty.
  std::string producer;
  /// One suggestion; may be empty.
  std::string hint;
  /// Base name of the file, and line, of the call.
  std::string file;
  uint32_t line = 0;

  /// error: SUBJECT: MESSAGE
  ///   produced by PRODUCER
  ///   hint: HINT
  std::string str() const;
};

} // namespace dlc

#endif
