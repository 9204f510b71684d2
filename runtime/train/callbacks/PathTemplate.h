// File names with values in them: "best-{epoch:02d}-{val_loss:.2f}.safetensors".
#ifndef DLC_RUNTIME_TRAIN_CALLBACKS_PATHTEMPLATE_H
#define DLC_RUNTIME_TRAIN_CALLBACKS_PATHTEMPLATE_H

#include "absl/status/statusor.h"
#include "dlc/train.h"

namespace dlc::runtime::train {

/// Replaces {epoch} (counted from 1) and {METRIC}, each with an optional format of Python's kind:
/// `:02d` for the epoch, `:.2f`, `:.3e` or `:.4g` for metrics. "{{" and "}}" are braces. Fails for
/// names that |logs| lacks and for other formats.
absl::StatusOr<std::string> fillPathTemplate(const std::string &path, int64_t epoch,
                                             const Logs &logs);

} // namespace dlc::runtime::train

#endif
