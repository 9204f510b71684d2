// A bounds-checked look at an artifact's bytes before the system's loader gets them.
#ifndef DLC_RUNTIME_CORE_ELF_H
#define DLC_RUNTIME_CORE_ELF_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"

namespace dlc::runtime::core {

// What the loader would make of an image, as plain bytes that nobody runs: each segment's content
// at its address.
struct Unfolded {
  Unfolded() = default;
  Unfolded(const Unfolded &) = delete;
  Unfolded &operator=(const Unfolded &) = delete;
  ~Unfolded() { freeTensors(memory); }

  char *memory = nullptr;
  uint64_t bytes = 0;
  uint64_t codeBegin = 0, codeEnd = 0; // addresses of what would be code
};

// Checks that |data| is a whole, unaltered artifact for this machine that the loader can map
// without running any code: ELF64 shared object, right machine, segments inside the file and none
// both writable and executable, no initialisers, no dependency but libc and libm, trailer with
// matching size, version and checksum. |name| stands in messages.
//
// Reads no byte outside the |bytes| given, whatever they hold. A guard against accidents: code that
// means harm would pass. |unfolded|, made when everything was in order, takes hardly more memory
// than the file.
Status checkImage(const void *data, size_t bytes, const char *name, Unfolded &unfolded);

} // namespace dlc::runtime::core

#endif
