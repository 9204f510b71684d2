// An artifact up to, but not including, the system's loader: the ELF image, and the program table
// in what the loader would make of it. A checksum would end nearly every run at once, so each input
// is judged twice: as it is, and with the trailer that fits it behind it.
#include "Fuzz.h"
#include "runtime/abi/program.h"
#include "runtime/core/Artifact.h"
#include "runtime/core/Elf.h"

#include <cstring>
#include <vector>

using namespace dlc::runtime::core;

static bool accepts(const void *data, size_t size) {
  Unfolded image;
  return checkImage(data, size, "fuzz", image).ok() && checkTable(image, "fuzz", nullptr).ok();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bool asItIs = accepts(data, size);
  dlc_trailer trailer = {};
  trailer.magic = DLC_TRAILER_MAGIC;
  trailer.size = sizeof trailer;
  trailer.abi = DLC_ABI_VERSION;
  trailer.file_bytes = size + sizeof trailer;
  trailer.checksum = dlc_checksum(data, size);
  std::vector<uint8_t> whole(size + sizeof trailer);
  if (size)
    std::memcpy(whole.data(), data, size);
  std::memcpy(whole.data() + size, &trailer, sizeof trailer);
  bool completed = accepts(whole.data(), whole.size());
  dlc::fuzz::countAccepted(asItIs || completed);
  return 0;
}
