// The user's layers and lines behind a location of the IR.
#pragma once
#include "mlir/IR/Location.h"
#include <string>
#include <vector>

namespace dlc::codegen {

/// `file` without its folder: an artifact does not depend on where its source stood. Lines of a
/// builder's call have no column (0); a name without a place has no file ("") and line 0.
struct Place {
  std::string name, file;
  unsigned line = 0, column = 0;
};

/// Each place behind `location` once, in its order.
std::vector<Place> placesOf(mlir::Location location);

/// As a message names them: "dense (model.cpp:12), relu (model.cpp:13) and 2 more"; "" for none.
std::string textOf(llvm::ArrayRef<Place> places);

} // namespace dlc::codegen
