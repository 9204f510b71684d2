// Diagnostics as users read them: "model.cpp:12: dense: error: ...".
#pragma once
#include "mlir/IR/Diagnostics.h"
#include <string>

namespace dlc::codegen {

/// The file, line and layer that a location names, without MLIR's decoration; "" when it names
/// none. Of fused locations, the first that names something.
std::string placeOf(mlir::Location location);

/// A diagnostic and its notes, a line each.
std::string messageOf(mlir::Diagnostic &diagnostic);

} // namespace dlc::codegen
