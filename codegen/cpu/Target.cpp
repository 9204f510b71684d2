// Facts about a processor, asked of LLVM's own tables so that no list of names lives here.
#include "codegen/cpu/Target.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <algorithm>
#include <mutex>
#include <vector>

using namespace dlc::codegen::cpu;

namespace {

void initializeLlvmTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
  });
}

// The host's features in a fixed order: StringMap iterates in hash order, and the string ends up in
// what the compile cache hashes.
std::string hostFeatures() {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  std::vector<std::string> sorted;
  for (const auto &feature : features)
    sorted.push_back((feature.second ? "+" : "-") + feature.first().str());
  std::sort(sorted.begin(), sorted.end());
  std::string joined;
  for (const std::string &feature : sorted)
    joined += (joined.empty() ? "" : ",") + feature;
  return joined;
}

void describeX86(const llvm::MCSubtargetInfo &info, CpuTarget &target) {
  struct {
    const char *features;
    uint64_t bit;
  } const table[] = {{"+sse4.2,+ssse3,+popcnt", kIsaSse42},
                     {"+avx", kIsaAvx},
                     {"+avx2,+bmi,+bmi2", kIsaAvx2},
                     {"+fma", kIsaFma},
                     {"+f16c", kIsaF16c},
                     {"+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl", kIsaAvx512},
                     {"+avx512bf16", kIsaAvx512Bf16},
                     {"+avx512vnni", kIsaAvx512Vnni},
                     {"+avx512fp16", kIsaAvx512Fp16},
                     {"+amx-tile,+amx-int8,+amx-bf16", kIsaAmx}};
  for (const auto &row : table)
    if (info.checkFeatures(row.features))
      target.isa |= row.bit;
  target.vectorBits = (target.isa & kIsaAvx512) ? 512 : (target.isa & kIsaAvx) ? 256 : 128;
  target.vectorRegisters = (target.isa & kIsaAvx512) ? 32 : 16;
  target.fusedMultiplyAdd = target.isa & kIsaFma;
  target.dotBf16 = target.isa & kIsaAvx512Bf16;
}

void describeAArch64(CpuTarget &target) {
  target.isa = kIsaNeon;
  target.vectorBits = 128;
  target.vectorRegisters = 32;
  target.fusedMultiplyAdd = true;
}

bool knowsCpu(const CpuTarget &target, const llvm::Target &backend) {
  llvm::Triple triple(target.triple);
  std::unique_ptr<llvm::MCSubtargetInfo> plain(backend.createMCSubtargetInfo(triple, "", ""));
  return plain && plain->isCPUStringValid(target.cpu);
}

} // namespace

llvm::Expected<CpuTarget> dlc::codegen::cpu::cpuTargetByName(llvm::StringRef name) {
  initializeLlvmTargets();
  CpuTarget target;
  target.name = target.cpu = name.str();
  target.triple = "x86_64-unknown-linux-gnu";
  if (name == "native") {
    target.triple = llvm::Triple::normalize(llvm::sys::getProcessTriple());
    target.name = target.cpu = llvm::sys::getHostCPUName().str();
    target.features = hostFeatures();
  } else if (name == "neon" || name == "generic-aarch64") {
    target.triple = "aarch64-unknown-linux-gnu";
    target.cpu = "generic";
  }

  for (const char *triple : {target.triple.c_str(), "aarch64-unknown-linux-gnu"}) {
    CpuTarget candidate = target;
    candidate.triple = triple;
    std::string error;
    llvm::Triple parsed(candidate.triple);
    const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(parsed, error);
    if (!backend || !knowsCpu(candidate, *backend))
      continue;
    std::unique_ptr<llvm::MCSubtargetInfo> info(
        backend->createMCSubtargetInfo(parsed, candidate.cpu, candidate.features));
    if (parsed.isAArch64())
      describeAArch64(candidate);
    else
      describeX86(*info, candidate);
    return candidate;
  }
  return llvm::createStringError("unknown processor \"%s\"; use native, x86-64-v2, x86-64-v3, "
                                 "x86-64-v4, neon or a name that clang's -mcpu takes",
                                 target.cpu.c_str());
}
