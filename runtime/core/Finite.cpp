#include "runtime/core/Finite.h"

#include "runtime/abi/dtype.h"

#include <cstring>

namespace dlc::runtime::core {

// A float is not finite when its exponent is all ones; then it is a NaN unless its fraction is 0.
template <typename Bits>
static bool find(const void *data, int64_t count, Bits exponent, NotFinite *found) {
  constexpr Bits sign = Bits(Bits(1) << (8 * sizeof(Bits) - 1));
  auto *bytes = static_cast<const char *>(data);
  for (int64_t i = 0; i < count; ++i) {
    Bits bits;
    memcpy(&bits, bytes + i * int64_t(sizeof bits), sizeof bits);
    if ((bits & exponent) != exponent)
      continue;
    bool nan = bits & Bits(~(exponent | sign));
    *found = {nan ? "nan" : bits & sign ? "-inf" : "inf", i};
    return true;
  }
  return false;
}

bool findNotFinite(uint32_t dtype, const void *data, int64_t count, NotFinite *found) {
  switch (dtype) {
  case DLC_F64:
    return find<uint64_t>(data, count, UINT64_C(0x7ff0000000000000), found);
  case DLC_F32:
    return find<uint32_t>(data, count, 0x7f800000u, found);
  case DLC_F16:
    return find<uint16_t>(data, count, 0x7c00, found);
  case DLC_BF16:
    return find<uint16_t>(data, count, 0x7f80, found);
  default:
    return false;
  }
}

} // namespace dlc::runtime::core
