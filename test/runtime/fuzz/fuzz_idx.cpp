// IDX files, plain and compressed.
#include "Fuzz.h"
#include "runtime/data/Loaders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  dlc::fuzz::MemoryFile file(data, size);
  dlc::fuzz::countAccepted(dlc::runtime::data::loadIdx(file.path()).ok());
  return 0;
}
