// What the fuzz targets share: counting accepted inputs, and files that exist in memory only.
//
// A target that refuses everything finds nothing, so each one counts what it accepted and says so
// at its end; fuzz.sh holds the figure of the valid seeds against it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace dlc::fuzz {

inline size_t acceptedInputs = 0;

inline void countAccepted(bool accepted) {
  static const int registered =
      std::atexit([] { std::fprintf(stderr, "accepted %zu inputs\n", acceptedInputs); });
  acceptedInputs += accepted && registered == 0;
}

/// The bytes as a file with a path, for as long as this lives.
class MemoryFile {
public:
  MemoryFile(const uint8_t *data, size_t bytes) : file(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (file < 0 || write(file, data, bytes) != ssize_t(bytes))
      std::abort();
  }
  MemoryFile(const MemoryFile &) = delete;
  MemoryFile &operator=(const MemoryFile &) = delete;
  ~MemoryFile() { close(file); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file); }

private:
  int file;
};

} // namespace dlc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
