// Folds and repetitions over short runs of elements, apart from those over long dimensions.
#pragma once
#include "mlir/IR/Block.h"

namespace dlc::passes {

/// Rewrites the reductions and broadcasts of one block; see ShortRuns.cpp.
void splitShortRuns(mlir::Block &block);

} // namespace dlc::passes
