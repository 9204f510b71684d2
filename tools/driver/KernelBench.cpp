// Compile, run in turns with the limits, report.
#include "tools/driver/KernelBench.h"
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/LowerToLlvm.h"
#include "codegen/cpu/emit/Kernel.h"
#include "codegen/lower/ExpandMath.h"
#include "ir/Dlc.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sys/mman.h>
#include <thread>

using namespace dlc;
using namespace dlc::codegen;
using namespace dlc::driver;
using namespace dlc::codegen::cpu;

namespace {

constexpr int64_t kHugePage = 2 << 20;

double secondsOf(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Waits until |count| arrivals; gives the core away when the other thread does not come soon, as it
// may be waiting for this very core.
void meet(std::atomic<int> &arrived, int count) {
  arrived.fetch_add(1);
  for (int spins = 0; arrived.load() < count; ++spins)
    if (spins > 10000)
      std::this_thread::yield();
}

// A compiled kernel with its memory.
class Loaded {
public:
  static std::unique_ptr<Loaded> compile(const BenchKernel &kernel, const CpuTarget &target);
  ~Loaded() {
    for (void *buffer : owned)
      std::free(buffer);
  }

  void run() {
    for (Phase &phase : phases)
      phase.function(phase.pointers.data(), kernel.sizes.data(), 0, phase.tiles);
  }
  // Part |part| of two, with a barrier after each phase. Adds the processor time of each phase to
  // |seconds|; waiting is not counted.
  void runHalf(int part, std::atomic<int> &arrived, std::vector<double> &seconds) {
    int passed = 0;
    for (size_t i = 0; i < phases.size(); ++i) {
      Phase &phase = phases[i];
      int64_t middle = phase.tiles / 2;
      double start = secondsOf(CLOCK_THREAD_CPUTIME_ID);
      phase.function(phase.pointers.data(), kernel.sizes.data(), part ? middle : 0,
                     part ? phase.tiles : middle);
      seconds[i] += secondsOf(CLOCK_THREAD_CPUTIME_ID) - start;
      meet(arrived, passed += 2);
    }
  }

  BenchKernel kernel;

private:
  void allocate();
  LoadedObject code;
  struct Phase {
    PhaseFunction function;
    int64_t tiles;
    std::vector<void *> pointers;
  };
  std::vector<Phase> phases;
  std::vector<void *> pointers, owned;
  Loaded(BenchKernel row, LoadedObject object) : kernel(std::move(row)), code(std::move(object)) {}
};

// Small numbers of both signs; never denormal, never growing into infinities.
void Loaded::allocate() {
  for (int64_t bytes : kernel.bufferBytes) {
    int64_t rounded = (bytes + 4096 + 63) / 64 * 64, page = bytes > kHugePage ? kHugePage : 4096;
    int64_t reserved = (rounded + page - 1) / page * page;
    auto *data = static_cast<float *>(std::aligned_alloc(page, reserved));
    if (page == kHugePage) // as the runtime asks for its arenas
      madvise(data, reserved, MADV_HUGEPAGE);
    uint32_t state = 1;
    for (int64_t i = 0; i < rounded / 4; ++i) {
      state = state * 1664525u + 1013904223u;
      float number = (int32_t(state >> 8) - (1 << 23)) * 0x1p-24f;
      uint32_t word;
      std::memcpy(&word, &number, 4);
      word = (word & 0xffff0000u) | word >> 16; // two numbers in bf16, too
      std::memcpy(&data[i], &word, 4);
    }
    pointers.push_back(data);
  }
  for (size_t buffer : kernel.indexBuffers) {
    auto *data = static_cast<int32_t *>(pointers[buffer]);
    uint32_t state = 1;
    for (int64_t i = 0; i < kernel.bufferBytes[buffer] / 4; ++i) {
      state = state * 1664525u + 1013904223u;
      data[i] = int32_t((state >> 8) % kernel.indexBelow);
    }
  }
  owned = pointers;
  for (auto [pointer, other] : kernel.samePointer)
    pointers[pointer] = pointers[other];
}

std::unique_ptr<Loaded> Loaded::compile(const BenchKernel &row, const CpuTarget &target) {
  BenchKernel kernel = row;
  std::unique_ptr<mlir::MLIRContext> context = kernelContext();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(context.get()));
  if (!emitBenchKernel(kernel, *module, target))
    return nullptr;
  auto fail = [&](llvm::Error error) {
    llvm::errs() << kernel.name << ": " << llvm::toString(std::move(error)) << "\n";
    return nullptr;
  };
  auto bytes = emitCode(*module, target);
  if (!bytes)
    return fail(bytes.takeError());
  auto object = LoadedObject::load(*bytes);
  if (!object)
    return fail(object.takeError());
  std::unique_ptr<Loaded> loaded(new Loaded(kernel, std::move(*object)));
  for (const BenchKernel::Phase &phase : kernel.phases) {
    auto address = loaded->code.find(phase.symbol);
    if (!address)
      return fail(address.takeError());
    loaded->phases.push_back({reinterpret_cast<PhaseFunction>(*address), phase.tiles, {}});
  }
  loaded->allocate();
  for (auto [from, to] : llvm::zip(kernel.phases, loaded->phases)) {
    to.pointers = loaded->pointers;
    if (!from.pointers.empty())
      to.pointers.clear();
    for (size_t buffer : from.pointers)
      to.pointers.push_back(loaded->pointers[buffer]);
  }
  return loaded;
}

// Work per second of |repeats| runs, in processor time of this thread.
double rateOf(Loaded &kernel, int repeats) {
  double start = secondsOf(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < repeats; ++i)
    kernel.run();
  return kernel.kernel.work * repeats / (secondsOf(CLOCK_THREAD_CPUTIME_ID) - start);
}

// Enough runs to last some milliseconds.
int repeatsFor(Loaded &kernel, double seconds) {
  kernel.run();
  double start = secondsOf(CLOCK_THREAD_CPUTIME_ID);
  kernel.run();
  double once = secondsOf(CLOCK_THREAD_CPUTIME_ID) - start;
  return std::clamp<int>(seconds / std::max(once, 1e-7), 1, 100000);
}

// Seconds of |repeats| runs on two threads at once: phase by phase, those of the slower half.
double twoThreadSeconds(Loaded &kernel, int repeats) {
  std::vector<std::atomic<int>> barriers(repeats + 1);
  std::vector<double> seconds[2];
  for (std::vector<double> &half : seconds)
    half.assign(kernel.kernel.phases.size(), 0);
  auto work = [&](int part) {
    meet(barriers[repeats], 2); // start together
    for (int i = 0; i < repeats; ++i)
      kernel.runHalf(part, barriers[i], seconds[part]);
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  double total = 0;
  for (size_t i = 0; i < seconds[0].size(); ++i)
    total += std::max(seconds[0][i], seconds[1][i]);
  return total;
}

// 16 independent chains of additions, nothing in memory: the FMA peak.
mlir::Value dotOfPairs(KernelBuilder &k, mlir::Value sum, mlir::Value pairs) {
  mlir::StringAttr name = k.builder().getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512");
  return mlir::LLVM::CallIntrinsicOp::create(k.builder(), k.loc(), sum.getType(), name,
                                             mlir::ValueRange{sum, pairs, pairs})
      .getResult(0);
}

BenchKernel peakKernel(const CpuTarget &target, bool pairs = false) {
  constexpr int64_t kSteps = 20000;
  int64_t chains = target.vectorRegisters >= 32 ? 16 : 10;
  BenchKernel kernel;
  kernel.name = pairs ? "bf16 peak" : "fma peak";
  kernel.work = (pairs ? 4.0 : 2.0) * kSteps * chains * target.lanes(32);
  kernel.phases = {{"peak", 1}};
  kernel.bufferBytes = {4096};
  kernel.emit = [=](mlir::ModuleOp module, const CpuTarget &target, BenchKernel &) {
    emitPhase(module, module.getLoc(), target, {"peak", 1, 0, {}},
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                mlir::VectorType type = k.vectorType(k.f32(), target.lanes(32));
                mlir::Value x = k.load(type, phase.pointers[0], 0);
                if (pairs)
                  x = mlir::vector::BitCastOp::create(
                      k.builder(), k.loc(),
                      k.vectorType(k.builder().getBF16Type(), 2 * target.lanes(32)), x);
                llvm::SmallVector<mlir::Value> sums(chains, k.load(type, phase.pointers[0], 64));
                for (int64_t i = 0; i < chains; ++i)
                  sums[i] = k.load(type, phase.pointers[0], 16 * (i + 4));
                sums = k.forLoop(0, kSteps, 1, sums, [&](mlir::Value, mlir::ValueRange carried) {
                  llvm::SmallVector<mlir::Value> next;
                  for (mlir::Value sum : carried)
                    next.push_back(pairs ? dotOfPairs(k, sum, x) : k.fma(sum, x, x));
                  return next;
                });
                for (int64_t i = 0; i < chains; ++i)
                  k.store(sums[i], phase.pointers[0], 16 * (i + 24));
              });
    return true;
  };
  return kernel;
}

// Ordinary vector loads and stores over 256 MB in all, read and written.
BenchKernel copyKernel(const CpuTarget &) {
  constexpr int64_t kFloats = 32 << 20;
  BenchKernel kernel;
  kernel.name = "copy";
  kernel.limit = Limit::Bytes;
  kernel.work = 8.0 * kFloats;
  kernel.phases = {{"copy", 1}};
  kernel.bufferBytes = {4 * kFloats, 4 * kFloats};
  kernel.emit = [=](mlir::ModuleOp module, const CpuTarget &target, BenchKernel &) {
    emitPhase(module, module.getLoc(), target, {"copy", 2, 0, {}},
              [&](KernelBuilder &k, const PhaseArguments &phase) {
                mlir::VectorType type = k.vectorType(k.f32(), target.lanes(32));
                int64_t lanes = target.lanes(32);
                k.forLoop(0, kFloats, 4 * lanes, [&](mlir::Value i) {
                  for (int64_t v = 0; v < 4; ++v) {
                    Size at = k.add(i, v * lanes);
                    k.store(k.load(type, phase.pointers[0], at), phase.pointers[1], at);
                  }
                });
              });
    return true;
  };
  return kernel;
}

BenchResult measure(Loaded &kernel, Loaded &peak, Loaded *copy, int rounds) {
  const BenchKernel &row = kernel.kernel;
  int repeats = repeatsFor(kernel, 4e-3), peakRepeats = repeatsFor(peak, 1e-3);
  std::vector<double> rates, shares, speedups;
  for (int round = 0; round < rounds; ++round) {
    double before = row.limit == Limit::Bytes ? rateOf(*copy, 1) : rateOf(peak, peakRepeats);
    rates.push_back(rateOf(kernel, repeats));
    double after = row.limit == Limit::Bytes ? before : rateOf(peak, peakRepeats);
    shares.push_back(rates.back() / (0.5 * (before + after)));
    if (row.twoThreads) {
      double alone = row.work * repeats / rates.back();
      speedups.push_back(alone / twoThreadSeconds(kernel, repeats));
    }
  }
  BenchResult result{row.name, row.limit, median(rates) * 1e-9, median(shares), 0, row.floor};
  if (row.limit == Limit::Elements)
    result = {row.name, row.limit, 1e9 / median(rates), 0, 0, row.floor};
  // The best round: what the lab's figures are.
  double best = *std::max_element(rates.begin(), rates.end());
  result.perElement = row.elements ? 1e9 * row.work / row.elements / best : 0;
  result.goal = row.goal;
  if (row.twoThreads)
    result.speedup = median(speedups);
  return result;
}

void printTable(const std::vector<BenchResult> &results, llvm::raw_ostream &out) {
  for (const BenchResult &row : results) {
    const char *unit = row.limit == Limit::Flops   ? "GF/s"
                       : row.limit == Limit::Bytes ? "GB/s"
                                                   : "ns/element";
    out << llvm::format("%-44s %8.2f %-10s", row.name.c_str(), row.rate, unit);
    if (row.share)
      out << llvm::format(" %6.1f %%", 100 * row.share);
    if (row.perElement)
      out << llvm::format("  best %.3f ns", row.perElement);
    if (row.goal)
      out << llvm::format("  lab %.3f ns", row.goal);
    if (row.floor)
      out << llvm::format("  floor %.2f", row.floor) << (row.reached() ? "" : "  BELOW");
    if (row.speedup)
      out << llvm::format("  two threads %.2fx", row.speedup);
    out << "\n";
  }
}

void printJson(const std::vector<BenchResult> &results, const CpuTarget &target,
               llvm::raw_ostream &out) {
  llvm::json::Array rows;
  for (const BenchResult &row : results) {
    llvm::json::Object object{{"name", row.name}, {"reached", row.reached()}};
    const char *unit = row.limit == Limit::Flops   ? "gflops"
                       : row.limit == Limit::Bytes ? "gigabytes_per_second"
                                                   : "ns_per_element";
    object[unit] = row.rate;
    if (row.share)
      object["share"] = row.share;
    if (row.perElement)
      object["best_ns_per_element"] = row.perElement;
    if (row.goal)
      object["laboratory_ns_per_element"] = row.goal;
    if (row.floor)
      object["floor"] = row.floor;
    if (row.speedup)
      object["two_thread_speedup"] = row.speedup;
    rows.push_back(std::move(object));
  }
  llvm::json::Object document{{"cpu", target.name}, {"rows", std::move(rows)}};
  out << llvm::formatv("{0:2}", llvm::json::Value(std::move(document))) << "\n";
}

} // namespace

std::unique_ptr<mlir::MLIRContext> dlc::driver::kernelContext() {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  registry.insert<ir::DlcDialect>();
  auto context =
      std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

bool dlc::driver::emitBenchKernel(BenchKernel &kernel, mlir::ModuleOp module,
                                  const CpuTarget &target) {
  if (!kernel.emit(module, target, kernel))
    return false;
  MathOptions math = mathOptions(target);
  math.constantsInMemory |= kernel.constantsInMemory;
  return mlir::succeeded(expandMath(module, math)) && mlir::succeeded(lowerToLlvm(module, target));
}

bool BenchResult::reached() const {
  if (!floor)
    return true;
  return limit == Limit::Elements ? rate <= floor : share >= floor;
}

std::optional<MachineLimits> dlc::driver::measureLimits(int threads) {
  auto target = cpuTargetByName("native");
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return std::nullopt;
  }
  std::vector<std::unique_ptr<Loaded>> peaks, copies, pairs;
  for (int i = 0; i < threads; ++i) {
    pairs.push_back(Loaded::compile(peakKernel(*target, target->dotBf16), *target));
    peaks.push_back(Loaded::compile(peakKernel(*target), *target));
    copies.push_back(Loaded::compile(copyKernel(*target), *target));
    if (!peaks.back() || !copies.back() || !pairs.back())
      return std::nullopt;
    copies.back()->run(); // memory is touched for the first time
  }
  int repeats = repeatsFor(*peaks[0], 1e-2);
  constexpr int rounds = 5;
  std::vector<double> flops(threads * rounds), bytes(threads * rounds), dots(threads * rounds);
  std::vector<std::atomic<int>> barriers(rounds);
  auto work = [&](int thread) {
    for (int round = 0; round < rounds; ++round) {
      meet(barriers[round], threads);
      flops[round * threads + thread] = rateOf(*peaks[thread], repeats);
      dots[round * threads + thread] = rateOf(*pairs[thread], repeats);
      bytes[round * threads + thread] = rateOf(*copies[thread], 1);
    }
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread)
    others.emplace_back(work, thread);
  work(0);
  for (std::thread &other : others)
    other.join();
  return MachineLimits{median(flops) * threads, median(bytes) * threads, median(dots) * threads};
}

bool dlc::driver::runBench(const std::vector<BenchKernel> &kernels, const BenchOptions &options,
                           llvm::raw_ostream &out) {
  auto target = cpuTargetByName(options.cpu);
  if (!target) {
    llvm::errs() << llvm::toString(target.takeError()) << "\n";
    return false;
  }
  BenchKernel peakSource = peakKernel(*target), copySource = copyKernel(*target);
  std::unique_ptr<Loaded> peak = Loaded::compile(peakSource, *target);
  std::unique_ptr<Loaded> copy = Loaded::compile(copySource, *target);
  if (!peak || !copy)
    return false;
  std::vector<BenchResult> results;
  int peakRepeats = repeatsFor(*peak, 1e-2);
  results.push_back({peakSource.name, Limit::Flops, rateOf(*peak, peakRepeats) * 1e-9});
  copy->run();
  results.push_back({copySource.name, Limit::Bytes, rateOf(*copy, 2) * 1e-9});
  for (const BenchKernel &row : kernels) {
    if (row.name.find(options.filter) == std::string::npos)
      continue;
    std::unique_ptr<Loaded> kernel = Loaded::compile(row, *target);
    if (!kernel)
      return false;
    results.push_back(measure(*kernel, *peak, copy.get(), options.rounds));
  }
  if (options.json)
    printJson(results, *target, out);
  else
    printTable(results, out);
  return true;
}
