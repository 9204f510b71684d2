// Callbacks as `dlc train` takes them on its command line.
//
//   --early-stopping val_loss,patience=3,restore
//   --reduce-lr val_loss,factor=0.5,patience=2
//   --best-weights best.safetensors,monitor=val_accuracy
//
// The first word is the metric (or file); the rest are KEY=VALUE pairs and flags, by the names of
// the options in dlc/train.h in lower case.
#pragma once
#include "dlc/train.h"
#include <string>

namespace dlc::driver {

/// Each parses one option's text. Errors name the option, the key, and what would have been right.
runtime::Result<runtime::EarlyStopping> parseEarlyStopping(const std::string &text);
runtime::Result<runtime::ReduceLROnPlateau> parseReduceLR(const std::string &text);
runtime::Result<runtime::ModelCheckpoint> parseBestWeights(const std::string &text);

} // namespace dlc::driver
