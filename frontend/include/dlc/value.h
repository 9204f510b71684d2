// Values: the tensors that a program computes.
#ifndef DLC_VALUE_H
#define DLC_VALUE_H

#include "dlc/basics.h"

namespace dlc {

namespace detail {
struct EntryState;
struct ProgramState;
} // namespace detail

/// A tensor inside an entry of a program: a small handle, cheap to copy, that keeps its program
/// alive. A poisoned Value stands for the result of a call that failed.
///
/// Handles of one program may be used by one thread at a time.
class Value {
public:
  /// An empty handle; using it is an error that is reported.
  Value() = default;

  /// False for an empty or poisoned handle.
  bool ok() const { return index >= 0; }
  explicit operator bool() const { return ok(); }

  /// The sizes; empty when poisoned.
  Shape shape() const;
  /// The element type; F32 when poisoned.
  DType dtype() const;
  /// The number of dimensions; 0 when poisoned.
  int64_t rank() const;
  /// "f32 (B, 784)"; "poisoned" when it is.
  std::string str() const;
  /// True where both stand for the same tensor.
  bool sameAs(const Value &other) const { return entry == other.entry && index == other.index; }

private:
  friend struct detail::EntryState;
  friend struct detail::ProgramState;
  Value(std::shared_ptr<detail::EntryState> entry, int32_t index)
      : entry(std::move(entry)), index(index) {}

  std::shared_ptr<detail::EntryState> entry;
  int32_t index = -1;
};

/// What op functions take: a Value, or a number that takes the element type of the other
/// operands. Converting records the place of the call.
struct Operand {
  Operand(const Value &value, Site at = Site::current()) : value(value), at(at) {}
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  Operand(T number, Site at = Site::current())
      : number(static_cast<double>(number)), isNumber(true), at(at) {}

  Value value;
  double number = 0;
  bool isNumber = false;
  Site at;
};

/// The values of several outputs, in order.
using Values = std::vector<Value>;

} // namespace dlc

#endif
