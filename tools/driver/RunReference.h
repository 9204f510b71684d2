// Running entries of a module on the evaluator: slow, and independent of everything compiled.
#pragma once
#include "tools/dlc-run/Options.h"

namespace dlc::driver {

/// Runs the entry that `options` name on `module` (MLIR text or bytecode, called `name` in
/// messages) and prints and writes its outputs as dlc-run does. Variables come from the weight
/// file; options of native code (threads, variant) have no meaning here. Returns false with a
/// message on stderr.
bool runReference(const std::string &module, const std::string &name,
                  const tools::RunOptions &options);

} // namespace dlc::driver
