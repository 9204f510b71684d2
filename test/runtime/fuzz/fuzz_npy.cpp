// NPY files.
#include "Fuzz.h"
#include "runtime/data/Loaders.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto reader = dlc::runtime::data::openMemory(
      "fuzz", std::string(reinterpret_cast<const char *>(data), size));
  dlc::fuzz::countAccepted(dlc::runtime::data::readNpy(*reader).ok());
  return 0;
}
