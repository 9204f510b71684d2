#include "codegen/MemoryLimit.h"
#include "ir/Ops.h"
#include "passes/memory/LimitMemory.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

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

  /// The most scratch of a dispatch, in any variant.
  std::optional<int64_t> scratchOf(EntryOp entry) {
    int64_t most = 0;
    bool known = true;
    entry.walk([&](DispatchOp dispatch) {
      auto func = symbols.lookup<KernelFuncOp>(dispatch.getKernel());
      auto value = [&](int64_t symbol) {
        return valueOf(cast<StringAttr>(func.getSymbols()[symbol]).getValue());
      }; // no scratch depends on the numbers of random streams, which follow
      for (const TableVariant &variant : variants) {
        auto bytes = evaluateCode(kernelOf(variant, dispatch.getKernel()).scratch, value);
        known &= bytes.has_value();
        most = std::max(most, bytes.value_or(0));
      }
    });
    return known ? std::optional((most + 63) / 64 * 64) : std::nullopt;
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

std::optional<int64_t>
evaluateCode(llvm::ArrayRef<int64_t> code,
             llvm::function_ref<std::optional<int64_t>(int64_t symbol)> value) {
  SmallVector<int64_t> stack;
  if (code.empty())
    return 0;
  for (size_t i = 0; i < code.size(); ++i) {
    int64_t word = code[i];
    if (word == DLC_EXPR_CONST) {
      stack.push_back(code[++i]);
      continue;
    }
    if (word == DLC_EXPR_SYM) {
      std::optional<int64_t> known = value(code[++i]);
      if (!known)
        return std::nullopt;
      stack.push_back(*known);
      continue;
    }
    if (word == DLC_EXPR_NEG) {
      stack.back() = -stack.back();
      continue;
    }
    int64_t b = stack.pop_back_val(), a = stack.pop_back_val(), result = 0;
    bool overflows = false;
    if (word == DLC_EXPR_ADD)
      overflows = llvm::AddOverflow(a, b, result);
    else if (word == DLC_EXPR_MUL)
      overflows = llvm::MulOverflow(a, b, result);
    else if (word == DLC_EXPR_FLOORDIV && b > 0)
      result = llvm::divideFloorSigned(a, b);
    else if (word == DLC_EXPR_FLOORDIV)
      overflows = true;
    else
      result = word == DLC_EXPR_MIN ? std::min(a, b) : std::max(a, b);
    if (overflows)
      return std::nullopt;
    stack.push_back(result);
  }
  return stack.back();
}

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
