// The C header of an object: a function with typed pointers for every entry and variable, and what
// memory they take.
#pragma once
#include "codegen/artifact/Freestanding.h"

namespace dlc::codegen {

/// For an object that the runtime opens through `query`: inline functions over dlc/runtime.h.
std::string hostedHeader(const TableReader &table, const CNames &names, llvm::StringRef query);

/// For a freestanding object: declarations of its functions, and types for its memory.
std::string freestandingHeader(const StaticProgram &program);

} // namespace dlc::codegen
