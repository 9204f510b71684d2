// Finding values that are not finite, for checked runs.
#ifndef DLC_RUNTIME_CORE_FINITE_H
#define DLC_RUNTIME_CORE_FINITE_H

#include <cstdint>

namespace dlc::runtime::core {

// A value that a checked run met first.
struct NotFinite {
  const char *value; // "nan", "inf" or "-inf"
  int64_t element;
};

// The first of |count| elements at |data| that is not finite. False when there is none, as in every
// type that is no float.
bool findNotFinite(uint32_t dtype, const void *data, int64_t count, NotFinite *found);

} // namespace dlc::runtime::core

#endif
