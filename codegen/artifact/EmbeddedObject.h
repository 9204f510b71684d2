// What --emit=obj makes: an object for other programs, and the C header that says how to call it.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/cpu/Target.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen {

struct EmbeddedObject {
  std::string bytes, header;
};

/// An object that shows its table to the runtime through `query`. `objects` holds the host code and
/// the kernels; functions of the header are called `prefix`_ENTRY.
llvm::Expected<EmbeddedObject> makeObject(const TableBlob &table, size_t root,
                                          std::vector<std::string> objects, llvm::StringRef query,
                                          llvm::StringRef prefix, const cpu::CpuTarget &target);

/// One that needs no runtime. The program has one variant and no symbol.
llvm::Expected<EmbeddedObject> makeFreestandingObject(const TableBlob &table, size_t root,
                                                      std::vector<std::string> objects,
                                                      llvm::StringRef prefix,
                                                      const cpu::CpuTarget &target);

} // namespace dlc::codegen
