// safetensors: the header, and every tensor of a file that was accepted.
#include "Fuzz.h"
#include "runtime/core/Weights.h"

#include <vector>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  dlc_weights weights;
  bool accepted = weights.openMemory(data, size, "fuzz").ok();
  dlc::fuzz::countAccepted(accepted);
  std::vector<char> content;
  for (uint32_t i = 0; accepted && i < weights.count(); ++i) {
    content.resize(size_t(weights.tensor(i).bytes));
    if (!weights.read(i, content.data()).ok() || weights.find(weights.tensor(i).name) != i)
      std::abort();
  }
  return 0;
}
