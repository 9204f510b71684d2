#include "codegen/reference/Tensor.h"
#include <cmath>
#include <cstring>
#include <limits>

namespace dlc::reference {

namespace {

/// A binary format narrower than double: precision with the hidden bit, least and largest
/// exponent of a normal number.
struct Format {
  int precision, minExponent, maxExponent;
};
constexpr Format half{11, -14, 15};
constexpr Format bfloat{8, -126, 127};

template <typename T> T load(const char *data, int64_t i) {
  T value;
  std::memcpy(&value, data + i * int64_t(sizeof(T)), sizeof(T));
  return value;
}

template <typename T> void store(char *data, int64_t i, T value) {
  std::memcpy(data + i * int64_t(sizeof(T)), &value, sizeof(T));
}

// Rounds once, straight from the argument: going through f32 would round twice.
uint16_t encode(long double value, Format format) {
  const int fraction = format.precision - 1;
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const uint16_t infinity = uint16_t((2 * format.maxExponent + 1) << fraction);
  if (std::isnan(value))
    return uint16_t(sign | infinity | (1u << (fraction - 1)));
  long double magnitude = std::fabs(value);
  if (magnitude == 0)
    return sign;
  if (std::isinf(magnitude))
    return uint16_t(sign | infinity);
  int exponent = std::max(std::ilogb(magnitude), format.minExponent);
  // nearbyint rounds ties to even in the default mode, which nothing here changes. A carry into
  // the next binade, or past the largest one into infinity, comes out right in the encoding.
  auto scaled = uint32_t(std::nearbyint(std::ldexp(magnitude, fraction - exponent)));
  if (exponent > format.maxExponent)
    return uint16_t(sign | infinity);
  uint32_t bits = scaled + (uint32_t(exponent - format.minExponent) << fraction);
  return uint16_t(sign | std::min<uint32_t>(bits, infinity));
}

double decode(uint16_t bits, Format format) {
  const int fraction = format.precision - 1;
  int exponent = (bits & 0x7fff) >> fraction;
  int mantissa = bits & ((1 << fraction) - 1);
  double value;
  if (exponent == 2 * format.maxExponent + 1)
    value = mantissa ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    value = std::ldexp(mantissa, format.minExponent - fraction);
  else
    value = std::ldexp(mantissa + (1 << fraction), exponent - format.maxExponent - fraction);
  return std::copysign(value, bits & 0x8000 ? -1.0 : 1.0);
}

} // namespace

double epsilonOf(DType type) {
  switch (type) {
  case DType::F64:
    return std::ldexp(1.0, -52);
  case DType::F16:
    return std::ldexp(1.0, -10);
  case DType::BF16:
    return std::ldexp(1.0, -7);
  default:
    return std::ldexp(1.0, -23);
  }
}

int64_t minimumOf(DType type) {
  switch (type) {
  case DType::I64:
    return std::numeric_limits<int64_t>::min();
  case DType::I32:
    return std::numeric_limits<int32_t>::min();
  case DType::I8:
    return -128;
  default:
    return 0;
  }
}

int64_t maximumOf(DType type) {
  switch (type) {
  case DType::I64:
    return std::numeric_limits<int64_t>::max();
  case DType::I32:
    return std::numeric_limits<int32_t>::max();
  case DType::I8:
    return 127;
  case DType::U8:
    return 255;
  default:
    return 1;
  }
}

int64_t productOf(const Dims &dims) {
  int64_t product = 1;
  for (int64_t dim : dims)
    product *= dim;
  return product;
}

Dims stridesOf(const Dims &dims) {
  Dims strides(dims.size(), 1);
  for (size_t d = dims.size(); d-- > 1;)
    strides[d - 1] = strides[d] * dims[d];
  return strides;
}

std::string toString(const Dims &dims) {
  std::string text = "(";
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + ")";
}

int64_t offsetOf(const Dims &index, const Dims &strides) {
  int64_t offset = 0;
  for (size_t d = 0; d < index.size(); ++d)
    offset += index[d] * strides[d];
  return offset;
}

Tensor::Tensor(DType type, Dims dims)
    : elementType(type), sizes(std::move(dims)), elements(productOf(sizes)),
      bytes(size_t(elements * dlc_dtype_bytes(uint32_t(type)))) {}

Tensor Tensor::scalar(DType type, double value) {
  Tensor tensor(type, {});
  tensor.setReal(0, value);
  return tensor;
}

Tensor Tensor::scalarInt(DType type, int64_t value) {
  Tensor tensor(type, {});
  tensor.setInteger(0, value);
  return tensor;
}

double Tensor::real(int64_t i) const {
  switch (elementType) {
  case DType::F32:
    return load<float>(data(), i);
  case DType::F64:
    return load<double>(data(), i);
  case DType::F16:
    return decode(load<uint16_t>(data(), i), half);
  case DType::BF16:
    return decode(load<uint16_t>(data(), i), bfloat);
  default:
    return double(integer(i));
  }
}

int64_t Tensor::integer(int64_t i) const {
  switch (elementType) {
  case DType::I64:
    return load<int64_t>(data(), i);
  case DType::I32:
    return load<int32_t>(data(), i);
  case DType::I8:
    return load<int8_t>(data(), i);
  case DType::U8:
  case DType::I1:
    return load<uint8_t>(data(), i);
  default:
    return int64_t(real(i));
  }
}

void Tensor::setReal(int64_t i, double value) {
  switch (elementType) {
  case DType::F32:
    return store(data(), i, float(value));
  case DType::F64:
    return store(data(), i, value);
  case DType::F16:
    return store(data(), i, encode(value, half));
  case DType::BF16:
    return store(data(), i, encode(value, bfloat));
  case DType::I1:
    return store(data(), i, uint8_t(value != 0));
  default:
    break;
  }
  // 2^63 is a double, INT64_MAX is not: compare with the bound that is exact.
  double low = double(minimumOf(elementType)), high = double(maximumOf(elementType));
  int64_t saturated = std::isnan(value) ? 0
                      : value <= low    ? minimumOf(elementType)
                      : value >= high   ? maximumOf(elementType)
                                        : int64_t(value);
  setInteger(i, saturated);
}

void Tensor::setInteger(int64_t i, int64_t value) {
  switch (elementType) {
  case DType::F32:
    return store(data(), i, float(value));
  case DType::F64:
    return store(data(), i, double(value));
  case DType::F16:
    return store(data(), i, encode(value, half));
  case DType::BF16:
    return store(data(), i, encode(value, bfloat));
  case DType::I64:
    return store(data(), i, value);
  case DType::I32:
    return store(data(), i, int32_t(value));
  case DType::I8:
    return store(data(), i, int8_t(value));
  case DType::U8:
    return store(data(), i, uint8_t(value));
  case DType::I1:
    return store(data(), i, uint8_t(value != 0));
  }
}

void Tensor::copy(int64_t i, const Tensor &from, int64_t j) {
  int64_t width = dlc_dtype_bytes(uint32_t(elementType));
  std::memcpy(data() + i * width, from.data() + j * width, size_t(width));
}

Tensor Tensor::reshaped(Dims dims) const {
  Tensor result = *this;
  result.sizes = std::move(dims);
  return result;
}

} // namespace dlc::reference
