#include "codegen/ScheduleFile.h"
#include "codegen/KernelCompiler.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {
namespace {

constexpr StringLiteral kFormat = "dlc schedules";
constexpr int64_t kVersion = 1;

llvm::Error refuse(StringRef name, const Twine &why) {
  return llvm::createStringError(name + ": " + why + "; `dlc tune` writes such files");
}

/// The kernels of a document; an error names the one that is wrong.
llvm::Error readKernels(const llvm::json::Object &document, StringRef name, ScheduleFile &file) {
  const llvm::json::Array *kernels = document.getArray("kernels");
  if (!kernels)
    return refuse(name, "has no list \"kernels\"");
  for (auto [i, value] : llvm::enumerate(*kernels)) {
    const llvm::json::Object *row = value.getAsObject();
    auto key = row ? row->getString("key") : std::nullopt;
    auto schedules = row ? row->getString("schedules") : std::nullopt;
    if (!key || !schedules)
      return refuse(name, "kernels[" + Twine(i) + "] needs a \"key\" and \"schedules\"");
    TunedKernel kernel;
    kernel.key = key->str();
    kernel.schedules = schedules->str();
    kernel.name = row->getString("name").value_or("").str();
    kernel.from = row->getString("from").value_or("").str();
    kernel.microseconds = row->getNumber("microseconds").value_or(0);
    kernel.defaultMicroseconds = row->getNumber("default_microseconds").value_or(0);
    file.kernels.push_back(std::move(kernel));
  }
  return llvm::Error::success();
}

/// What a person would call a row.
std::string rowName(size_t number, const TunedKernel &kernel) {
  std::string name = "kernels[" + std::to_string(number) + "]";
  if (!kernel.name.empty())
    name += " (" + kernel.name + (kernel.from.empty() ? "" : ", " + kernel.from) + ")";
  return name;
}

llvm::Expected<ArrayAttr> parseSchedules(const TunedKernel &kernel, size_t number, StringRef name,
                                         MLIRContext *context) {
  std::string messages;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    messages += (messages.empty() ? "" : "; ") + diagnostic.str();
    return success();
  });
  auto list = dyn_cast_or_null<ArrayAttr>(parseAttribute(kernel.schedules, context));
  if (list && !list.empty())
    return list;
  return llvm::createStringError(
      name + ": " + rowName(number, kernel) + ": \"" + kernel.schedules +
      "\" is not a list of schedules" + (messages.empty() ? "" : ": " + messages) +
      "; correct it or remove the row");
}

} // namespace

std::string printScheduleFile(const ScheduleFile &file) {
  llvm::json::Object sizes;
  for (const auto &[symbol, size] : file.sizes)
    sizes[symbol] = size;
  llvm::json::Array kernels;
  for (const TunedKernel &kernel : file.kernels)
    kernels.push_back(llvm::json::Object{{"key", kernel.key},
                                         {"name", kernel.name},
                                         {"from", kernel.from},
                                         {"schedules", kernel.schedules},
                                         {"microseconds", kernel.microseconds},
                                         {"default_microseconds", kernel.defaultMicroseconds}});
  llvm::json::Object document{{"format", kFormat},         {"version", kVersion},
                              {"cpu", file.cpu},           {"model", file.model},
                              {"sizes", std::move(sizes)}, {"kernels", std::move(kernels)}};
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(document)));
}

llvm::Expected<ScheduleFile> parseScheduleFile(StringRef text, StringRef name) {
  auto parsed = llvm::json::parse(text);
  if (!parsed)
    return refuse(name, "is not JSON: " + llvm::toString(parsed.takeError()));
  const llvm::json::Object *document = parsed->getAsObject();
  if (!document || document->getString("format") != kFormat)
    return refuse(name, "is not a file of schedules: it lacks \"format\": \"" + kFormat + "\"");
  if (document->getInteger("version") != kVersion)
    return refuse(name, "is of another version than " + Twine(kVersion) + ", the one known here");
  auto cpu = document->getString("cpu");
  if (!cpu)
    return refuse(name, "does not name its processor, \"cpu\"");
  ScheduleFile file;
  file.cpu = cpu->str();
  file.model = document->getString("model").value_or("").str();
  if (const llvm::json::Object *sizes = document->getObject("sizes"))
    for (const auto &[symbol, size] : *sizes)
      file.sizes[symbol.str()] = size.getAsInteger().value_or(0);
  if (llvm::Error error = readKernels(*document, name, file))
    return std::move(error);
  return file;
}

std::string scheduleKey(KernelFuncOp func, const cpu::CpuTarget &target) {
  ArrayAttr schedules = func.getSchedulesAttr();
  func.removeSchedulesAttr();
  llvm::BLAKE3 hash;
  for (const std::string &part : {makeRequest(func, {}).source, target.name}) {
    uint64_t size = part.size();
    hash.update(ArrayRef(reinterpret_cast<const uint8_t *>(&size), sizeof(size)));
    hash.update(StringRef(part));
  }
  if (schedules)
    func.setSchedulesAttr(schedules);
  return llvm::toHex(hash.final<16>(), /*LowerCase=*/true);
}

llvm::Expected<size_t> applySchedules(const ScheduleFile &file, StringRef name, ModuleOp module,
                                      const cpu::CpuTarget &target) {
  if (file.cpu != target.name)
    return 0;
  llvm::StringMap<size_t> rows;
  for (auto [i, kernel] : llvm::enumerate(file.kernels))
    if (!rows.try_emplace(kernel.key, i).second)
      return refuse(name, rowName(i, kernel) + " has the key of an earlier one");
  size_t count = 0;
  for (auto func : module.getOps<KernelFuncOp>()) {
    auto found = func.getSchedulesAttr() ? rows.end() : rows.find(scheduleKey(func, target));
    if (found == rows.end())
      continue;
    auto schedules =
        parseSchedules(file.kernels[found->second], found->second, name, module.getContext());
    if (!schedules)
      return schedules.takeError();
    func.setSchedulesAttr(*schedules);
    ++count;
  }
  return count;
}

} // namespace dlc::codegen
