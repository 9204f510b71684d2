// An object that needs no runtime: the entries of a program as plain functions on memory of the
// caller. All sizes are known, so every place is, and what remains of the runtime is a few lines.
#pragma once
#include "codegen/artifact/CNames.h"
#include "codegen/artifact/StaticPlan.h"
#include "codegen/cpu/Target.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen {

/// A program of one variant and no symbols, with where all of it lies.
struct StaticProgram {
  StaticProgram(const TableReader &table, CNames names);

  /// What any call takes: the temporaries, then the pointers of a run.
  int64_t arenaBytes = 0;
  std::vector<int64_t> entryBytes; ///< of each entry alone

  const TableReader &table;
  const dlc_variant &variant;
  CNames names;
  StaticState state;
  std::vector<StaticEntry> entries;
  size_t mostArguments = 0; ///< of a kernel
};

/// The functions that the object exports.
std::vector<std::string> exportedFunctions(const StaticProgram &program);

/// The LLVM IR of the exported functions and of what stands in for the runtime; it calls the host
/// functions and the phases that the table names. The same text for any kind of machine.
std::string freestandingCode(const StaticProgram &program);

/// That code as an object.
llvm::Expected<std::string> emitFreestandingObject(const StaticProgram &program,
                                                   const cpu::CpuTarget &target);

/// Fails when an object asks for another function than memcpy or memset, and says which.
llvm::Error checkFreestanding(llvm::StringRef object);

} // namespace dlc::codegen
