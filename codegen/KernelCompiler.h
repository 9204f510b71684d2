// Compiles outlined kernels to objects, or takes them from the cache. Each kernel is read from its
// text, so that its bytes depend on nothing but that and the target, and each thread has a compiler
// of its own.
#pragma once
#include "codegen/artifact/ProgramTable.h"
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/emit/Kernel.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"
#include <memory>

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

/// For one thread, and any number of kernels. `cacheFolder` empty: no cache. A damaged or unwritable
/// cache entry is as good as none. `assembly`: the "object" is assembly text, and no cache is used.
class KernelCompiler {
public:
  explicit KernelCompiler(const cpu::CpuTarget &target, llvm::StringRef cacheFolder = "",
                          bool assembly = false);
  ~KernelCompiler();
  KernelCompiler(const KernelCompiler &) = delete;
  KernelCompiler &operator=(const KernelCompiler &) = delete;

  llvm::Expected<CompiledKernel> compile(const KernelRequest &request);

private:
  llvm::Error compileFresh(const KernelRequest &request, llvm::StringRef symbol,
                           CompiledKernel &kernel);

  cpu::CpuTarget target;
  cpu::CodeEmitter emitter;
  std::string cacheFolder;
  bool assembly;
  /// Made by the first kernel that the cache does not have: with its dialects it takes about two
  /// milliseconds, a thirtieth of what a kernel takes.
  std::unique_ptr<mlir::MLIRContext> context;
};

/// Equal for requests that compile to the same code.
std::string kernelKey(const KernelRequest &request, const cpu::CpuTarget &target);

/// Gives a kernel what is not in its code: the name, layers and results of `request`.
void nameKernel(CompiledKernel &kernel, const KernelRequest &request);

} // namespace dlc::codegen
