// Compiles one outlined kernel to an object, or takes it from the cache. Each kernel is a world of
// its own (its own MLIR and LLVM contexts), so that kernels compile in parallel and their bytes
// depend on nothing but their text and the target.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/emit/Kernel.h"
#include "llvm/Support/Error.h"

namespace dlc::codegen {

struct KernelRequest {
  std::string name;   ///< of the kernel function in the program
  std::string source; ///< a module with just this function, without locations
  cpu::SharedBuffers shared;
  // For the table alone; what is compiled does not depend on them.
  std::string where; ///< the user's layers and lines
  std::vector<TableResult> results;
};

struct CompiledKernel {
  TableKernel table;
  std::string object;
  bool fromCache = false;
  /// Of processor time, for each cpu::CompileStep; 0 when it comes from the cache.
  std::array<double, cpu::CompileSteps> milliseconds{};
};

/// Processor time of this thread, which does not depend on what else the machine does.
double threadMilliseconds();

/// What is compiled for one kernel function: everything that its object depends on.
KernelRequest makeRequest(ir::KernelFuncOp func, cpu::SharedBuffers shared);

/// Thread-safe. `cacheFolder` empty: no cache. A damaged or unwritable cache entry is as good as
/// none. `assembly`: the "object" is assembly text, and no cache is used.
llvm::Expected<CompiledKernel> compileKernel(const KernelRequest &request,
                                             const cpu::CpuTarget &target,
                                             llvm::StringRef cacheFolder, bool assembly = false);

/// Equal for requests that compile to the same code.
std::string kernelKey(const KernelRequest &request, const cpu::CpuTarget &target);

/// Gives a kernel what is not in its code: the name, layers and results of `request`.
void nameKernel(CompiledKernel &kernel, const KernelRequest &request);

} // namespace dlc::codegen
