// From objects and a program table to the file that is shipped.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/cpu/Target.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen {

/// An object that holds the table and exports the function `query`, which returns it.
llvm::Expected<std::string> emitTableObject(const TableBlob &table, size_t root,
                                            llvm::StringRef query, const cpu::CpuTarget &target);

/// Links objects into a shared object (`relocatable` false) or one object file, of which other
/// objects see `query` alone; through ld.lld.
llvm::Expected<std::string> linkObjects(llvm::ArrayRef<std::string> objects, llvm::StringRef query,
                                        bool relocatable);

/// The C header that declares `query`, for programs that an object is linked into.
std::string headerFor(llvm::StringRef query, llvm::StringRef model);

/// Appends the trailer that the loader checks first: length and checksum of everything before it.
void appendTrailer(std::string &file);

} // namespace dlc::codegen
