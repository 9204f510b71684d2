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
#include <ctime>

namespace dlc::runtime::core {

inline int64_t monotonicNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// Someone who looks at what threads run. A device calls |ran| after each stretch of tiles that
// thread |thread| ran without a break, from that thread; the two times are 0 unless |timed|.
struct Watch {
  void (*ran)(Watch *watch, uint32_t thread, int64_t tiles, int64_t begin, int64_t end);
  bool timed;
};

// One phase to run. Thread t passes ptrs + t * ptrStride to |fn|; a stride of 0 shares them.
struct Launch {
  dlc_phase_fn fn;
  void *const *ptrs;
  size_t ptrStride;
  const int64_t *sizes;
  int64_t tiles;
  int64_t grain; // tiles worth a fork; at least 1
  Watch *watch;  // null: nobody looks, and looking costs nothing
};

struct Device {
  // Runs all tiles of |count| phases, at most DLC_TOGETHER_MAX, that need not wait for each other,
  // and returns when the last tile has ended.
  void (*launch)(Device *device, const Launch *launches, uint32_t count);
  uint32_t threads; // that may run tiles, the caller included
};

// Runs |launch|'s tiles begin..end on the calling thread, which is number |thread|.
inline void runWatched(const Launch &launch, uint32_t thread, int64_t begin, int64_t end) {
  void *const *ptrs = launch.ptrs + thread * launch.ptrStride;
  Watch *watch = launch.watch;
  if (!watch) {
    launch.fn(ptrs, launch.sizes, begin, end);
    return;
  }
  int64_t start = watch->timed ? monotonicNanoseconds() : 0;
  launch.fn(ptrs, launch.sizes, begin, end);
  watch->ran(watch, thread, end - begin, start, watch->timed ? monotonicNanoseconds() : 0);
}

// The device of a session without a pool: the calling thread.
Device *callerDevice();

} // namespace dlc::runtime::core

#endif
