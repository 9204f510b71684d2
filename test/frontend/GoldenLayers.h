// The layer that a golden case of Keras is about.
#pragma once
#include "dlc/layers.h"

namespace dlc::test {

/// The layer of case |name| in golden/|file|.json.
Layer goldenLayer(const std::string &file, const std::string &name);

} // namespace dlc::test
