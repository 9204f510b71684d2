// The schedules that differ little from a given one: what a search tries next.
#pragma once
#include "mlir/IR/Attributes.h"
#include <vector>

namespace dlc::driver {

/// Schedules that differ from `schedule` (a #dlc.gemm, #dlc.conv, #dlc.stream, ...) in one number
/// or word, or in the shape of the tile. `lanes`: elements of a vector, by which tiles get wider.
/// Some may not suit a kernel or a processor; that is for dlc-choose-schedules to say.
std::vector<mlir::Attribute> neighboursOf(mlir::Attribute schedule, int64_t lanes);

} // namespace dlc::driver
