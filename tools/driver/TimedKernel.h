// One compiled kernel with memory of its own, to be timed in this process.
#pragma once
#include "codegen/KernelCompiler.h"
#include "codegen/cpu/LoadObject.h"
#include "runtime/device/cpu/Pool.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dlc::driver {

/// Sizes of symbols, by name.
using SizeValues = std::map<std::string, int64_t>;

/// Buffers for the operands and results of a kernel: small numbers, the same in every process.
/// Kernels of one text share them.
class KernelBuffers {
public:
  /// Fails where a size is not known or memory is lacking.
  static llvm::Expected<std::unique_ptr<KernelBuffers>> make(ir::KernelFuncOp func,
                                                             const SizeValues &sizes);
  ~KernelBuffers();
  KernelBuffers(const KernelBuffers &) = delete;
  KernelBuffers &operator=(const KernelBuffers &) = delete;

  /// What a run left in the results, tensor by tensor, as numbers.
  using Numbers = std::vector<std::vector<double>>;
  Numbers results() const;

  std::vector<void *> pointers;
  std::vector<int64_t> sizes; ///< of the kernel's symbols, then numbers of random streams

private:
  KernelBuffers() = default;
  struct Result {
    mlir::Type element;
    int64_t count;
    const void *data;
  };
  std::vector<Result> resultBuffers;
};

/// Whether two schedules of one kernel left results that no order of additions explains: numbers
/// further apart than 2^-6 of the largest in their tensor, or a hundredth of them not finite in one
/// of both only.
bool differ(const KernelBuffers::Numbers &a, const KernelBuffers::Numbers &b);

class TimedKernel {
public:
  /// Compiles `func`, which has schedules. `buffers` must outlive it.
  static llvm::Expected<std::unique_ptr<TimedKernel>>
  compile(ir::KernelFuncOp func, const codegen::cpu::CpuTarget &target, KernelBuffers &buffers);
  ~TimedKernel();

  /// Seconds of a run, of as many as take some milliseconds: wall time on a pool of several
  /// threads, processor time on one, which does not count what else the machine does.
  double time(dlc_pool &pool);

private:
  struct Phase {
    dlc_phase_fn function;
    int64_t tiles, grain;
  };
  TimedKernel(codegen::cpu::LoadedObject code, KernelBuffers &buffers)
      : code(std::move(code)), pointers(buffers.pointers), sizes(buffers.sizes) {}
  void run(dlc_pool &pool);
  double seconds(dlc_pool &pool, int runs);

  codegen::cpu::LoadedObject code;
  std::vector<Phase> phases;
  std::vector<void *> pointers; ///< operands, results, scratch, none for each thread
  std::vector<int64_t> sizes;
  void *scratch = nullptr;
  int repeats = 0;
};

} // namespace dlc::driver
