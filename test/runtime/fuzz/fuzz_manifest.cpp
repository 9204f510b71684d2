// The manifest, and the training signature that is made of it.
#include "Fuzz.h"
#include "dlc/train.h"
#include "runtime/train/Manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  dlc::proto::Manifest manifest;
  bool accepted = manifest.ParseFromArray(data, int(size));
  dlc::fuzz::countAccepted(accepted);
  if (accepted)
    (void)dlc::runtime::train::signatureFromManifest(manifest.training());
  return 0;
}
