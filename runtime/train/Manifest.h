// Reading what the compiler wrote about an artifact (manifest.proto).
#ifndef DLC_RUNTIME_TRAIN_MANIFEST_H
#define DLC_RUNTIME_TRAIN_MANIFEST_H

#include "absl/status/statusor.h"
#include "dlc/train.h"
#include "runtime/train/manifest.pb.h"

namespace dlc::runtime::train {

/// The manifest; an empty message when the artifact carries none. Fails when it does not parse.
absl::StatusOr<proto::Manifest> readManifest(const Artifact &artifact);

TrainingSignature signatureFromManifest(const proto::TrainingSignature &message);

} // namespace dlc::runtime::train

#endif
