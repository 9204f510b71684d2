#include "tools/driver/Tuner.h"
#include "codegen/Places.h"
#include "codegen/cpu/choose/Kernel.h"
#include "ir/support/KernelCost.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "tools/driver/ScheduleNeighbours.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include <algorithm>
#include <chrono>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::driver {
namespace {

using Clock = std::chrono::steady_clock;

/// Faster than the best so far, to go on from; and than the chooser's, to be worth a row.
constexpr double kStepMargin = 0.985, kFinalMargin = 0.97;
constexpr int kStepRounds = 3, kFinalRounds = 7;
constexpr int64_t kFlopsPerByte = 6; // of memory, see passes/memory/LimitMemory.cpp
constexpr int64_t kUnknownSize = 32;

/// Times both in turns and leaves the least of each; gives up on what is far slower.
bool isFaster(TimedKernel &candidate, TimedKernel &incumbent, dlc_pool &pool, int rounds,
              double margin, double &time, double &other) {
  time = other = 1e30;
  for (int round = 0; round < rounds; ++round) {
    other = std::min(other, incumbent.time(pool));
    time = std::min(time, candidate.time(pool));
    if (time > 1.25 * other)
      return false;
  }
  return time < margin * other;
}

std::string textOf(ArrayAttr schedules) {
  std::string text;
  llvm::raw_string_ostream(text) << schedules;
  return text;
}

/// The search for one kernel.
class Search {
public:
  Search(KernelFuncOp func, const codegen::cpu::CpuTarget &target, dlc_pool &pool,
         const SizeValues &sizes)
      : func(func), target(target), pool(pool), sizes(sizes) {}

  /// Leaves the kernel with the best schedules that were found until `end`.
  llvm::Error run(Clock::time_point end, TuneResult &result) {
    auto made = KernelBuffers::make(func, sizes);
    if (!made)
      return made.takeError();
    buffers = std::move(*made);
    if (failed(codegen::cpu::scheduleKernel(func, target)))
      return llvm::createStringError("has no schedule");
    ArrayAttr chosen = func.getSchedulesAttr();
    auto first = TimedKernel::compile(func, target, *buffers);
    if (!first)
      return first.takeError();
    result.defaultSeconds = result.seconds = (*first)->time(pool);
    expected = buffers->results();
    best = chosen;
    tried.insert(chosen);
    climb(**first, end, result.wrong);
    result.tried = int64_t(tried.size()) - 1;
    double time, other;
    if (kernel && isFaster(*kernel, **first, pool, kFinalRounds, kFinalMargin, time, other)) {
      result.seconds = time;
      result.defaultSeconds = other;
      result.schedules = textOf(best);
    }
    func.setSchedulesAttr(result.schedules.empty() ? chosen : best);
    return llvm::Error::success();
  }

private:
  /// The schedule of the list that runs for these sizes.
  std::optional<size_t> active() {
    auto value = [&](StringRef name) { return std::optional(sizes.at(name.str())); };
    for (auto [i, schedule] : llvm::enumerate(best)) {
      auto guard = dyn_cast<WhenAttr>(schedule);
      std::optional<int64_t> size = guard ? sizeEvaluate(guard.getSize(), value) : 0;
      if (!guard || (size && *size >= guard.getLow() && *size <= guard.getHigh()))
        return i;
    }
    return std::nullopt;
  }

  /// The list with another schedule at `position`, under the guard that stands there.
  ArrayAttr with(size_t position, Attribute schedule) {
    SmallVector<Attribute> list(best.begin(), best.end());
    if (auto guard = dyn_cast<WhenAttr>(list[position]))
      schedule = WhenAttr::get(func.getContext(), guard.getSize(), guard.getLow(), guard.getHigh(),
                               schedule);
    list[position] = schedule;
    return ArrayAttr::get(func.getContext(), list);
  }

  std::unique_ptr<TimedKernel> compile(ArrayAttr schedules) {
    ScopedDiagnosticHandler silent(func.getContext(), [](Diagnostic &) { return success(); });
    func.setSchedulesAttr(schedules);
    if (failed(codegen::cpu::scheduleKernel(func, target)))
      return nullptr;
    auto compiled = TimedKernel::compile(func, target, *buffers);
    if (!compiled) {
      llvm::consumeError(compiled.takeError()); // one that the emitter declines
      return nullptr;
    }
    return std::move(*compiled);
  }

  void climb(TimedKernel &first, Clock::time_point end, std::vector<std::string> &wrong) {
    std::optional<size_t> position = active();
    bool improved = position.has_value();
    while (improved && Clock::now() < end) {
      improved = false;
      auto guard = dyn_cast<WhenAttr>(best[*position]);
      Attribute now = guard ? guard.getSchedule() : best[*position];
      for (Attribute next : neighboursOf(now, target.lanes(32))) {
        ArrayAttr list = with(*position, next);
        if (!tried.insert(list).second)
          continue;
        if (Clock::now() >= end)
          return;
        std::unique_ptr<TimedKernel> candidate = compile(list);
        double time, other;
        if (!candidate || !isFaster(*candidate, kernel ? *kernel : first, pool, kStepRounds,
                                    kStepMargin, time, other))
          continue;
        if (differ(expected, buffers->results())) { // the candidate ran last
          wrong.push_back(textOf(list));
          continue;
        }
        kernel = std::move(candidate);
        best = list;
        improved = true;
        break;
      }
    }
  }

  KernelFuncOp func;
  const codegen::cpu::CpuTarget &target;
  dlc_pool &pool;
  const SizeValues &sizes;
  std::unique_ptr<KernelBuffers> buffers;
  KernelBuffers::Numbers expected; ///< by the chooser's schedules
  std::unique_ptr<TimedKernel> kernel; ///< of `best`; null: the chooser's
  ArrayAttr best;
  llvm::DenseSet<Attribute> tried;
};

/// The kernels of a planned module with the work that a run of its entries does in them.
class Kernels {
public:
  struct Kernel {
    KernelFuncOp func;
    int64_t calls = 0;
    double work = 0; ///< of all calls
  };

  Kernels(ModuleOp module, const TuneOptions &options, const SizeValues &sizes) {
    llvm::StringMap<int64_t> calls;
    for (auto entry : module.getOps<EntryOp>()) {
      bool counts = options.entries.empty()
                        ? !entry.isPrivate() && entry.getSymName() != "initialize"
                        : llvm::is_contained(options.entries, entry.getSymName());
      if (counts)
        entry.walk([&](DispatchOp dispatch) { ++calls[dispatch.getKernel()]; });
    }
    for (auto func : module.getOps<KernelFuncOp>())
      if (int64_t count = calls.lookup(func.getSymName()); count && isWanted(func, options.filter))
        list.push_back({func, count, double(count) * workOf(func, sizes)});
    llvm::stable_sort(list, [](const Kernel &a, const Kernel &b) { return a.work > b.work; });
  }

  std::vector<Kernel> list;

private:
  static bool isWanted(KernelFuncOp func, const std::string &filter) {
    return stringifyKernelRoot(func.getRoot()).contains(filter) ||
           codegen::textOf(codegen::placesOf(func.getLoc())).find(filter) != std::string::npos;
  }

  static double workOf(KernelFuncOp func, const SizeValues &sizes) {
    Block &body = func.getBody().front();
    SizeAttr work = sizeConstant(func.getContext(), 0);
    for (Type type :
         llvm::concat<const Type>(body.getArgumentTypes(), body.getTerminator()->getOperandTypes()))
      work = sizeAdd(work, storedBytesOf(type));
    work = sizeMul(work, kFlopsPerByte);
    for (Operation &op : body.without_terminator())
      work = sizeAdd(work, flopsOf(&op));
    auto value = [&](StringRef name) { return std::optional(sizes.at(name.str())); };
    return double(sizeEvaluate(work, value).value_or(0));
  }
};

TuneResult describe(Kernels::Kernel &kernel) {
  TuneResult result;
  result.name = kernel.func.getSymName().str();
  result.kind = stringifyKernelRoot(kernel.func.getRoot()).str();
  result.from = codegen::textOf(codegen::placesOf(kernel.func.getLoc()));
  result.calls = kernel.calls;
  return result;
}

llvm::Error runPasses(ModuleOp module, const TuneOptions &options,
                      const codegen::cpu::CpuTarget &target) {
  PassManager manager(module.getContext());
  passes::CompileSettings settings;
  settings.bindings = options.bindings;
  settings.panelWidth = codegen::cpu::panelWidthFor(target);
  passes::buildCompilePipeline(manager, settings);
  if (failed(manager.run(module)))
    return llvm::createStringError(options.name + " was not compiled");
  return llvm::Error::success();
}

llvm::Error checkNames(ModuleOp module, const TuneOptions &options) {
  std::string known;
  for (auto entry : module.getOps<EntryOp>())
    known += (known.empty() ? "" : ", ") + entry.getSymName().str();
  for (const std::string &entry : options.entries)
    if (!module.lookupSymbol<EntryOp>(entry))
      return llvm::createStringError(options.name + ": no entry is called \"" + entry +
                                     "\"; there are: " + known);
  std::string symbols;
  std::vector<SymbolAttr> declared = codegen::programSymbols(module);
  for (SymbolAttr symbol : declared)
    symbols += (symbols.empty() ? "; there are: " : ", ") + symbol.getName().getValue().str();
  for (const auto *given : {&options.bindings, &options.sizes})
    for (const auto &[name, size] : *given)
      if (llvm::none_of(declared,
                        [&](SymbolAttr symbol) { return symbol.getName().getValue() == name; }))
        return llvm::createStringError(options.name + ": no symbol is called \"" + name + "\"" +
                                       symbols);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<codegen::ScheduleFile> tune(ModuleOp module, const TuneOptions &options,
                                           const std::function<void(const TuneResult &)> &report) {
  Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(options.seconds));
  auto target = codegen::cpu::cpuTargetByName("native");
  if (!target)
    return target.takeError();
  if (llvm::Error error = checkNames(module, options))
    return std::move(error);
  if (llvm::Error error = runPasses(module, options, *target))
    return std::move(error);
  dlc_pool pool;
  if (runtime::core::Status status = pool.start(options.threads); !status.ok())
    return llvm::createStringError("the thread pool could not be started");
  SizeValues sizes = options.sizes;
  for (SymbolAttr symbol : codegen::programSymbols(module))
    sizes.try_emplace(symbol.getName().getValue().str(),
                      std::max<int64_t>(kUnknownSize, symbol.getMin()));
  codegen::ScheduleFile file;
  file.cpu = target->name;
  file.model = options.name;
  file.sizes = options.bindings;
  file.sizes.insert(sizes.begin(), sizes.end());
  Kernels kernels(module, options, sizes);
  llvm::StringSet<> keys;
  double left = 1;
  for (const Kernels::Kernel &kernel : kernels.list)
    left += kernel.work;
  for (Kernels::Kernel &kernel : kernels.list) {
    Clock::time_point now = Clock::now();
    auto share = std::chrono::duration_cast<Clock::duration>((end - now) * (kernel.work / left));
    left -= kernel.work;
    std::string key = codegen::scheduleKey(kernel.func, *target);
    if (!keys.insert(key).second)
      continue; // differs from an earlier one in the numbers of random streams alone
    TuneResult result = describe(kernel);
    if (now < end) {
      if (llvm::Error error = Search(kernel.func, *target, pool, sizes).run(now + share, result))
        return llvm::createStringError(options.name + ": kernel " + result.name + ": " +
                                       llvm::toString(std::move(error)));
      report(result);
    } else if (failed(codegen::cpu::scheduleKernel(kernel.func, *target))) {
      return llvm::createStringError(options.name + ": kernel " + result.name + " has no schedule");
    }
    if (!result.schedules.empty() || options.all)
      file.kernels.push_back({key, result.name, result.from, textOf(kernel.func.getSchedulesAttr()),
                              1e6 * result.seconds, 1e6 * result.defaultSeconds});
  }
  return file;
}

} // namespace dlc::driver
