// The measuring half of `dlc bench --kernels`: compiles kernels in process and times them against
// the machine's own limits, taken in the same run.
//
// The cores may be shared and the clock may wander, so a row is timed in turns with a pure FMA loop
// and a copy loop, and its share is the median over the turns of (row / limit of the same turn).
// Time is processor time, not wall time: waiting for a core is not the kernel's. The speed-up of
// two threads is one thread's time over that of the slower half, phase by phase, while both run:
// what they lose to each other in caches and memory counts, the barrier between phases does not.
#pragma once
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/LoadObject.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dlc::driver {

using PhaseFunction = void (*)(void *const *ptrs, const int64_t *sizes, int64_t begin, int64_t end);

enum class Limit { Flops, Bytes, Elements }; // against the FMA peak, the copy, or ns per element

// A kernel to measure: what it does, how much work that is, and the memory that it runs on.
struct BenchKernel {
  struct Phase {
    std::string symbol;
    int64_t tiles = 1;
    std::vector<size_t> pointers = {}; // numbers of its buffers; empty: all in order
  };
  std::string name;
  Limit limit = Limit::Flops;
  double work = 0;         // flops, bytes or elements of one run
  double floor = 0;        // share of the limit (ns per element: at most) to reach
  bool twoThreads = false; // also report the speed-up of two threads
  double elements = 0;     // of a streaming row: ns per element are reported too
  double goal = 0;         // ns per element that were reached in the laboratory
  std::vector<Phase> phases;
  std::vector<int64_t> bufferBytes; // one pointer each; filled with small numbers
  std::vector<size_t> indexBuffers; // those that hold i32 positions below indexBelow instead
  int64_t indexBelow = 1000;
  // Pointers (first) that are another one (second), for results written over operands.
  std::vector<std::pair<size_t, size_t>> samePointer;
  std::vector<int64_t> sizes;
  bool constantsInMemory = false; // those of math functions
  // Writes the phases into a module; false with a diagnostic when it cannot. What only the emitter
  // knows (phases, buffers) it may fill in.
  std::function<bool(mlir::ModuleOp, const codegen::cpu::CpuTarget &, BenchKernel &)> emit;
};

// Emits and lowers |kernel| into |module|, whose context kernelContext made.
bool emitBenchKernel(BenchKernel &kernel, mlir::ModuleOp module,
                     const codegen::cpu::CpuTarget &target);
// A context with the dialects of kernels and of models.
std::unique_ptr<mlir::MLIRContext> kernelContext();

struct BenchResult {
  std::string name;
  Limit limit;
  double rate = 0;    // GF/s, GB/s or ns per element
  double share = 0;   // of the limit; 0 for ns per element
  double speedup = 0; // two threads over one; 0 when not measured
  double floor = 0;
  double perElement = 0; // ns, of streaming rows
  double goal = 0;       // ns per element; 0: none
  bool reached() const;
};

// What this machine can do at most, on so many threads at once: multiply-adds without memory, in f32
// and of pairs of bf16, and a copy that no cache holds. Empty, with the reason on stderr, when the
// loops do not compile.
struct MachineLimits {
  double flops = 0, bytes = 0; // a second; copied bytes count twice
  double bf16Flops = 0;        // flops where no instruction multiplies bf16
};
std::optional<MachineLimits> measureLimits(int threads);

struct BenchOptions {
  std::string cpu = "native";
  std::string filter; // only rows whose name holds this text
  int rounds = 15;
  bool json = false;
};

// Measures |kernels| and prints a table, or one JSON document, to |out|. Returns false when a
// kernel fails to compile (the reason goes to stderr).
bool runBench(const std::vector<BenchKernel> &kernels, const BenchOptions &options,
              llvm::raw_ostream &out);

} // namespace dlc::driver
