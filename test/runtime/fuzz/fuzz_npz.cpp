// ZIP archives of NPY files.
#include "Fuzz.h"
#include "runtime/data/Loaders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  dlc::fuzz::MemoryFile file(data, size);
  dlc::fuzz::countAccepted(dlc::runtime::data::loadNpzMembers(file.path()).ok());
  return 0;
}
