// From objects and a program table to the file that is shipped.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/cpu/Target.h"
#include "llvm/Support/Error.h"
#include <string_view>

namespace dlc::codegen {

/// An object that holds the table and exports the function `query`, which returns it.
llvm::Expected<std::string> emitTableObject(const TableBlob &table, size_t root,
                                            llvm::StringRef query, const cpu::CpuTarget &target);

/// Links objects into a shared object, through ld.lld.
llvm::Expected<std::string> linkArtifact(llvm::ArrayRef<std::string> objects);

/// Links objects into one object file, of which others see the functions `exported` alone; through
/// ld.lld.
llvm::Expected<std::string> linkRelocatable(llvm::ArrayRef<std::string> objects,
                                            llvm::ArrayRef<std::string> exported);

/// Links objects and the small core (runtime/wasm) into a WebAssembly module, through wasm-ld.
llvm::Expected<std::string> linkWasm(std::vector<std::string> objects);

/// The object of the small core.
std::string_view wasmCore();

/// The JavaScript module that loads a WebAssembly artifact.
std::string_view wasmScript();

/// Appends the trailer that the loader checks first: length and checksum of everything before it. In
/// a WebAssembly module it ends a custom section of the name "dlc".
void appendTrailer(std::string &file, bool isWasm);

} // namespace dlc::codegen
