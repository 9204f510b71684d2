// The floating-point mode that kernels compute in: round to nearest, subnormals kept, no traps.
//
// An embedder may have set its thread to flush subnormals; kernels must give the same bits anyway,
// on every thread, so the mode is set for the time of a run and put back after it.
#ifndef DLC_RUNTIME_DEVICE_FLOATMODE_H
#define DLC_RUNTIME_DEVICE_FLOATMODE_H

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace dlc::runtime::core {

class FloatMode {
public:
#if defined(__x86_64__)
  FloatMode() : saved(_mm_getcsr()) { _mm_setcsr(0x1f80); } // the value at process start
  ~FloatMode() { _mm_setcsr(saved); }

private:
  unsigned saved;
#else
  // fpcr is 0 at process start on AArch64, and nothing of ours changes it.
  FloatMode() {}
  ~FloatMode() {}
#endif

public:
  FloatMode(const FloatMode &) = delete;
  FloatMode &operator=(const FloatMode &) = delete;
};

} // namespace dlc::runtime::core

#endif
