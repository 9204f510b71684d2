// Conversion goes through a small block of f64 or i64 on the stack: 9 loads and 9 stores instead of
// 81 loops, and each loop still vectorises.
#include "runtime/data/Convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace dlc::runtime::data {
namespace {

constexpr int64_t blockSize = 512;

float halfToFloat(uint16_t half) {
  uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 31, fraction = half & 0x3ff;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) // zero or subnormal: fraction * 2^-24 is exact
    return std::bit_cast<float>(std::bit_cast<uint32_t>(static_cast<float>(fraction) * 0x1p-24f) |
                                sign);
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

// Rounds to nearest, ties to even, straight from f64, so that nothing is rounded twice.
uint16_t doubleToHalf(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  if (magnitude >= 65520.0) // halfway between the largest half and the next power
    return sign | 0x7c00;
  if (magnitude == 0)
    return sign;
  int exponent = 0;
  std::frexp(magnitude, &exponent);
  int lowest = std::max(exponent - 11, -24); // weight of the last bit kept
  auto units = static_cast<uint32_t>(std::nearbyint(std::ldexp(magnitude, -lowest)));
  // A carry out of the fraction runs into the exponent field, which is what rounding up means.
  uint32_t bits = lowest == -24 ? units : (static_cast<uint32_t>(lowest + 24) << 10) + units;
  return static_cast<uint16_t>(sign | bits);
}

uint16_t doubleToBf16(double value) {
  auto narrowed = static_cast<float>(value);
  uint32_t bits = std::bit_cast<uint32_t>(narrowed);
  if (std::isnan(value))
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  // The first rounding must not hide on which side of a tie the value lies: round it to odd.
  if (std::isfinite(narrowed) && static_cast<double>(narrowed) != value) {
    if (std::fabs(static_cast<double>(narrowed)) > std::fabs(value))
      --bits;
    bits |= 1;
  }
  uint32_t rounding = 0x7fff + ((bits >> 16) & 1);
  return static_cast<uint16_t>((bits + rounding) >> 16);
}

template <typename To> To saturate(double value) {
  if (std::isnan(value))
    return 0;
  // The bounds as f64: max + 1 is a power of two, hence exact for i64 too.
  constexpr double low = static_cast<double>(std::numeric_limits<To>::min());
  constexpr double high = 2.0 * static_cast<double>(std::numeric_limits<To>::max() / 2 + 1);
  if (value >= high)
    return std::numeric_limits<To>::max();
  if (value <= low)
    return std::numeric_limits<To>::min();
  return static_cast<To>(value);
}

template <typename To> To saturate(int64_t value) {
  return static_cast<To>(
      std::clamp<int64_t>(value, std::numeric_limits<To>::min(), std::numeric_limits<To>::max()));
}

template <typename From, typename Stage>
void loadAs(const void *from, int64_t first, int64_t count, Stage *stage) {
  const From *source = static_cast<const From *>(from) + first;
  for (int64_t i = 0; i < count; ++i)
    stage[i] = static_cast<Stage>(source[i]);
}

template <typename Stage>
void load(const void *from, DType type, int64_t first, int64_t count, Stage *stage) {
  auto halves = static_cast<const uint16_t *>(from) + first;
  switch (type) {
  case DType::F32: return loadAs<float>(from, first, count, stage);
  case DType::F64: return loadAs<double>(from, first, count, stage);
  case DType::F16:
    for (int64_t i = 0; i < count; ++i)
      stage[i] = static_cast<Stage>(halfToFloat(halves[i]));
    return;
  case DType::BF16:
    for (int64_t i = 0; i < count; ++i)
      stage[i] = static_cast<Stage>(std::bit_cast<float>(static_cast<uint32_t>(halves[i]) << 16));
    return;
  case DType::I64: return loadAs<int64_t>(from, first, count, stage);
  case DType::I32: return loadAs<int32_t>(from, first, count, stage);
  case DType::I8: return loadAs<int8_t>(from, first, count, stage);
  case DType::U8:
  case DType::I1: return loadAs<uint8_t>(from, first, count, stage);
  }
}

template <typename Stage>
void store(const Stage *stage, DType type, void *to, int64_t first, int64_t count) {
  auto each = [&](auto *target, auto narrow) {
    for (int64_t i = 0; i < count; ++i)
      target[first + i] = narrow(stage[i]);
  };
  switch (type) {
  case DType::F32: return each(static_cast<float *>(to), [](Stage v) { return (float)v; });
  case DType::F64: return each(static_cast<double *>(to), [](Stage v) { return (double)v; });
  case DType::F16:
    return each(static_cast<uint16_t *>(to), [](Stage v) { return doubleToHalf((double)v); });
  case DType::BF16:
    return each(static_cast<uint16_t *>(to), [](Stage v) { return doubleToBf16((double)v); });
  case DType::I64:
    return each(static_cast<int64_t *>(to), [](Stage v) { return saturate<int64_t>(v); });
  case DType::I32:
    return each(static_cast<int32_t *>(to), [](Stage v) { return saturate<int32_t>(v); });
  case DType::I8:
    return each(static_cast<int8_t *>(to), [](Stage v) { return saturate<int8_t>(v); });
  case DType::U8:
    return each(static_cast<uint8_t *>(to), [](Stage v) { return saturate<uint8_t>(v); });
  case DType::I1:
    return each(static_cast<uint8_t *>(to), [](Stage v) -> uint8_t { return v != 0; });
  }
}

} // namespace

bool isInteger(DType type) { return !isFloat(type); }

bool isFloat(DType type) {
  return type == DType::F32 || type == DType::F64 || type == DType::F16 || type == DType::BF16;
}

void convert(const void *from, DType fromType, void *to, DType toType, int64_t count, double scale,
             double offset) {
  bool plain = scale == 1 && offset == 0;
  if (plain && fromType == toType) {
    if (count > 0)
      std::memcpy(to, from, static_cast<size_t>(count * dtypeBytes(fromType)));
    return;
  }
  for (int64_t first = 0; first < count; first += blockSize) {
    int64_t size = std::min(blockSize, count - first);
    if (plain && isInteger(fromType) && isInteger(toType)) {
      int64_t stage[blockSize];
      load(from, fromType, first, size, stage);
      store(stage, toType, to, first, size);
      continue;
    }
    double stage[blockSize];
    load(from, fromType, first, size, stage);
    if (!plain)
      for (int64_t i = 0; i < size; ++i)
        stage[i] = stage[i] * scale + offset;
    store(stage, toType, to, first, size);
  }
}

int64_t findLossy(const void *from, DType fromType, int64_t count, DType toType) {
  if (fromType == toType || isFloat(toType))
    return -1;
  for (int64_t first = 0; first < count; first += blockSize) {
    int64_t size = std::min(blockSize, count - first);
    double wide[blockSize], back[blockSize];
    int64_t narrow[blockSize];
    load(from, fromType, first, size, wide);
    // Through |toType| and back: what was lost differs. NaN differs from itself, as it should.
    convert(static_cast<const char *>(from) + first * dtypeBytes(fromType), fromType, narrow,
            toType, size);
    load(narrow, toType, 0, size, back);
    for (int64_t i = 0; i < size; ++i)
      if (!(wide[i] == back[i]))
        return first + i;
  }
  return -1;
}

double elementAsDouble(const void *from, DType type, int64_t index) {
  double value = 0;
  load(from, type, index, 1, &value);
  return value;
}

int64_t checkedElements(const std::vector<int64_t> &dims) {
  int64_t product = 1;
  bool zero = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return -1;
    zero |= dim == 0;
    if (!zero && __builtin_mul_overflow(product, dim, &product))
      return -1;
  }
  return zero ? 0 : product;
}

int64_t checkedBytes(DType type, const std::vector<int64_t> &dims) {
  int64_t count = checkedElements(dims), bytes = 0;
  if (count < 0 || __builtin_mul_overflow(count, dtypeBytes(type), &bytes))
    return -1;
  return bytes;
}

} // namespace dlc::runtime::data
