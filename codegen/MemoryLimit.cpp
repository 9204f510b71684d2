#include "codegen/MemoryLimit.h"
#include "ir/Ops.h"
#include "passes/memory/BufferPlan.h"
#include "passes/memory/LimitMemory.h"
#include "passes/memory/PlanSize.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {
namespace {

/// "1.29 GB", as people give it on the command line.
std::string inWords(int64_t bytes) {
  const char *units[] = {"B", "KB", "MB", "GB", "TB"};
  double value = double(bytes);
  int unit = 0;
  for (; value >= 1000 && unit < 4; ++unit)
    value /= 1000;
  return unit ? llvm::formatv("{0:F3} {1}", value, units[unit]).str()
              : llvm::formatv("{0} B", bytes).str();
}

/// One module with its compiled kernels and the sizes that are known.
class Plans {
public:
  Plans(ModuleOp module, const std::vector<TableVariant> &variants, const CompileOptions &options)
      : module(module), variants(variants), options(options), symbols(module) {}

  std::optional<int64_t> valueOf(StringRef name) const {
    auto found = options.maxMemorySizes.find(name.str());
    return found == options.maxMemorySizes.end() ? std::nullopt : std::optional(found->second);
  }

  /// The most scratch of dispatches that run at the same time, in any variant.
  std::optional<int64_t> scratchOf(EntryOp entry) {
    int64_t most = 0;
    bool known = true;
    passes::forEachChain(entry, [&](ArrayRef<DispatchOp> chain) {
      for (const TableVariant &variant : variants) {
        int64_t sum = 0;
        for (DispatchOp dispatch : chain) {
          std::optional<int64_t> bytes = scratchOf(dispatch, variant);
          known &= bytes.has_value();
          sum += bytes.value_or(0);
        }
        most = std::max(most, sum);
      }
    });
    return known ? std::optional(most) : std::nullopt;
  }

  /// "train_step for B=32" where sizes were given.
  std::string nameOf(EntryOp entry) const {
    std::string name = "entry \"" + entry.getSymName().str() + "\"", sizes;
    for (const auto &[symbol, size] : options.maxMemorySizes)
      sizes += (sizes.empty() ? " for " : ", ") + symbol + "=" + std::to_string(size);
    return name + sizes;
  }

  llvm::Error checkSizes() const {
    std::string known;
    llvm::StringSet<> names;
    for (SymbolAttr symbol : programSymbols(module)) {
      StringRef name = symbol.getName().getValue();
      names.insert(name);
      known += (known.empty() ? "; there are: " : ", ") + name.str();
      if (options.maxMemory && !valueOf(name))
        return llvm::createStringError(
            "--max-memory needs a size for the symbol \"" + name +
            "\": make it a constant with --bind, or state the size that the limit holds for with "
            "--max-memory-at " + name + "=SIZE");
    }
    for (const auto &[name, size] : options.maxMemorySizes)
      if (!names.contains(name))
        return llvm::createStringError("--max-memory-at " + name + "=" + std::to_string(size) +
                                       ": no symbol is called \"" + name + "\"" + known);
    return llvm::Error::success();
  }

  ModuleOp module;
  const std::vector<TableVariant> &variants;
  const CompileOptions &options;

private:
  std::optional<int64_t> scratchOf(DispatchOp dispatch, const TableVariant &variant) {
    auto func = symbols.lookup<KernelFuncOp>(dispatch.getKernel());
    auto value = [&](int64_t symbol) {
      return valueOf(cast<StringAttr>(func.getSymbols()[symbol]).getValue());
    }; // no scratch depends on the numbers of random streams, which follow
    auto bytes = evaluateCode(kernelOf(variant, dispatch.getKernel()).scratch, value);
    return bytes ? std::optional((*bytes + 63) / 64 * 64) : std::nullopt;
  }

  const TableKernel &kernelOf(const TableVariant &variant, StringRef name) {
    if (kernelNumber.empty())
      for (auto [i, kernel] : llvm::enumerate(variants[0].kernels))
        kernelNumber[kernel.name] = i;
    return variant.kernels[kernelNumber.at(name)]; // the same order in each
  }

  SymbolTable symbols;
  llvm::StringMap<size_t> kernelNumber;
};

/// Makes one entry fit; adds to `report` what that took.
llvm::Error limitEntry(EntryOp entry, Plans &plans, std::string &report) {
  auto value = [&](StringRef name) { return plans.valueOf(name); };
  std::optional<int64_t> scratch = plans.scratchOf(entry);
  std::optional<passes::LimitedPlan> plan;
  int64_t limit = plans.options.maxMemory;
  std::optional<passes::PlanSize> size = passes::planSize(entry, value);
  if (scratch && size && size->bytes + *scratch > limit) {
    // Kernels that run at the same time live longer together: the first thing to do without.
    passes::planEntry(entry, /*together=*/false);
    scratch = plans.scratchOf(entry);
  }
  if (scratch)
    plan = passes::limitMemory(entry, std::max<int64_t>(limit - *scratch, 0), value);
  std::string name = plans.nameOf(entry);
  if (!plan)
    return llvm::createStringError(name + ": its bytes cannot be told for these sizes");
  int64_t before = plan->before.bytes + *scratch, after = plan->after.bytes + *scratch;
  if (!plan->reached)
    return llvm::createStringError(
        name + " takes " + inWords(before) + " and, with values computed a second time, " +
        inWords(after) + ", more than the " + inWords(limit) +
        " of --max-memory; allow more, or choose smaller sizes");
  if (plan->repeated)
    report += llvm::formatv("{0}: {1} instead of {2}, with {3} kernel calls more, {4:F1} % work\n",
                            name, inWords(after), inWords(before), plan->repeated,
                            100 * plan->work);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<std::string> limitMemory(ModuleOp module, const std::vector<TableVariant> &variants,
                                        const CompileOptions &options) {
  Plans plans(module, variants, options);
  if (llvm::Error error = plans.checkSizes())
    return std::move(error);
  std::string report;
  if (!options.maxMemory)
    return report;
  for (auto entry : module.getOps<EntryOp>())
    if (!entry.isPrivate())
      if (llvm::Error error = limitEntry(entry, plans, report))
        return std::move(error);
  return report;
}

std::string describePlans(ModuleOp module, const std::vector<TableVariant> &variants,
                          const CompileOptions &options) {
  Plans plans(module, variants, options);
  auto value = [&](StringRef name) { return plans.valueOf(name); };
  std::string text;
  for (auto entry : module.getOps<EntryOp>()) {
    if (entry.isPrivate())
      continue;
    std::optional<passes::PlanSize> size = passes::planSize(entry, value);
    std::optional<int64_t> scratch = plans.scratchOf(entry);
    if (size && scratch)
      text += llvm::formatv("{0}: {1} bytes of temporaries, largest live set {2}, scratch {3}\n",
                            plans.nameOf(entry), size->bytes, size->bound, *scratch);
  }
  return text;
}

} // namespace dlc::codegen
