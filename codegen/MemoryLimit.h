// What entries take at run time, as far as sizes are known, and `--max-memory`.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/artifact/TableReader.h"
#include "codegen/include/dlc/codegen.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen {

/// Makes the arena of every entry, temporaries and scratch, take at most `options.maxMemory` bytes
/// for the sizes `options.maxMemorySizes`; all symbols need one or be bound. Runs kernels a second
/// time where that helps (passes/memory/LimitMemory.cpp) and plans anew. Returns a line per entry
/// that changed. The error tells what can be reached.
llvm::Expected<std::string> limitMemory(mlir::ModuleOp module,
                                        const std::vector<TableVariant> &variants,
                                        const CompileOptions &options);

/// A line per entry whose sizes are known: the plan's bytes beside the largest live set.
std::string describePlans(mlir::ModuleOp module, const std::vector<TableVariant> &variants,
                          const CompileOptions &options);

} // namespace dlc::codegen
