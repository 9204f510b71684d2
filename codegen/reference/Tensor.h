// A dense tensor in memory: what the evaluator computes with, and what `dlc check` compares.
//
// Elements are stored as artifacts store them (row-major, i1 as one byte), read as double or
// int64 and rounded on the way back. Slow and obvious on purpose.
#pragma once
#include "runtime/abi/dtype.h"
#include <cstdint>
#include <string>
#include <vector>

namespace dlc::reference {

enum class DType : uint8_t {
  F32 = DLC_F32,
  F64 = DLC_F64,
  F16 = DLC_F16,
  BF16 = DLC_BF16,
  I64 = DLC_I64,
  I32 = DLC_I32,
  I8 = DLC_I8,
  U8 = DLC_U8,
  I1 = DLC_I1,
};

inline bool isFloat(DType type) { return type <= DType::BF16; }
inline const char *name(DType type) { return dlc_dtype_name(uint32_t(type)); }
/// The distance from 1 to the next value of a float type.
double epsilonOf(DType type);
/// The least and the largest value of an integer type.
int64_t minimumOf(DType type);
int64_t maximumOf(DType type);

using Dims = std::vector<int64_t>;

/// The product of the sizes; 1 for none. Sizes must be checked against overflow beforehand.
int64_t productOf(const Dims &dims);
/// The row-major distance between neighbours along each dimension.
Dims stridesOf(const Dims &dims);
/// `(3, 784)`, as in messages.
std::string toString(const Dims &dims);

class Tensor {
public:
  Tensor() = default;
  /// All elements are zero.
  Tensor(DType type, Dims dims);
  static Tensor scalar(DType type, double value);
  static Tensor scalarInt(DType type, int64_t value);

  DType type() const { return elementType; }
  const Dims &dims() const { return sizes; }
  int64_t dim(size_t i) const { return sizes[i]; }
  int64_t rank() const { return int64_t(sizes.size()); }
  int64_t count() const { return elements; }
  bool isFloat() const { return reference::isFloat(elementType); }

  char *data() { return bytes.data(); }
  const char *data() const { return bytes.data(); }
  int64_t byteSize() const { return int64_t(bytes.size()); }

  /// Element i as a double: exact for all types but i64, which is rounded.
  double real(int64_t i) const;
  /// Element i of an integer or i1 tensor.
  int64_t integer(int64_t i) const;
  /// Rounds to nearest, ties to even; beyond the range to infinity. Integers take the value
  /// truncated toward zero and saturated, NaN as 0; i1 takes x != 0.
  void setReal(int64_t i, double value);
  /// Integers wrap, i1 takes value != 0, floats round to nearest even from the exact integer.
  void setInteger(int64_t i, int64_t value);
  /// Copies the bits of element `j` of a tensor of the same type.
  void copy(int64_t i, const Tensor &from, int64_t j);

  /// The same elements under other sizes (equally many).
  Tensor reshaped(Dims dims) const;

private:
  DType elementType = DType::F32;
  Dims sizes;
  int64_t elements = 0;
  std::vector<char> bytes;
};

/// Calls `body(index, linear)` for every index of `dims` in row-major order.
template <typename Body> void forEachIndex(const Dims &dims, Body body) {
  int64_t count = productOf(dims);
  Dims index(dims.size(), 0);
  for (int64_t linear = 0; linear < count; ++linear) {
    body(const_cast<const Dims &>(index), linear);
    for (size_t d = dims.size(); d-- > 0;) {
      if (++index[d] < dims[d])
        break;
      index[d] = 0;
    }
  }
}

/// Sum of index[i] * strides[i].
int64_t offsetOf(const Dims &index, const Dims &strides);

} // namespace dlc::reference
