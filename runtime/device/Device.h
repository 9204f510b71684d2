// What the core asks of a machine: run the tiles of a kernel's phase.
//
// A device is a record of functions rather than a class with virtual members, which would need a
// C++ library. device/cpu is one; another kind of machine adds a record of its own, and no device
// includes another.
#ifndef DLC_RUNTIME_DEVICE_DEVICE_H
#define DLC_RUNTIME_DEVICE_DEVICE_H

#include "runtime/abi/kernel.h"

#include <cstddef>
#include <cstdint>

namespace dlc::runtime::core {

// One phase to run. Thread t passes ptrs + t * ptrStride to |fn|; a stride of 0 shares them.
struct Launch {
  dlc_phase_fn fn;
  void *const *ptrs;
  size_t ptrStride;
  const int64_t *sizes;
  int64_t tiles;
  int64_t grain;           // tiles worth a fork; at least 1
  int64_t *tilesPerThread; // counts are added here; null: not wanted
};

struct Device {
  // Runs all tiles and returns when the last one has ended.
  void (*launch)(Device *device, const Launch &launch);
  uint32_t threads; // that may run tiles, the caller included
};

// The device of a session without a pool: the calling thread.
Device *callerDevice();

} // namespace dlc::runtime::core

#endif
