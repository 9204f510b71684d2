// Facts about a processor, asked of LLVM's own tables so that no list of names lives here.
#include "codegen/cpu/Target.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/RISCVTargetParser.h"
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

// Without V, LLVM takes vectors apart: four numbers of four bytes take as many of the 32 registers.
void describeRiscV(const llvm::MCSubtargetInfo &info, CpuTarget &target) {
  bool vectors = info.checkFeatures("+v");
  target.isa = vectors ? kIsaRvv : 0;
  target.vectorBits = 128;
  target.vectorRegisters = vectors ? 32 : 8;
  target.fusedMultiplyAdd = true;
}

// Engines have the sixteen registers of x86-64 in mind, and no multiply-add that rounds once.
void describeWasm(CpuTarget &target) {
  target.isa = kIsaSimd128;
  target.vectorBits = 128;
  target.vectorRegisters = 16;
  target.pointerBytes = 4;
}

// Kinds of machines, and the least processor of each. Code for a name that several know ("generic")
// is for the first.
struct Machine {
  const char *name, *triple, *least;
};
constexpr Machine machines[] = {
    {"x86_64-linux-gnu", "x86_64-unknown-linux-gnu", "x86-64"},
    {"aarch64-linux-gnu", "aarch64-unknown-linux-gnu", "neon"},
    {"riscv64-linux-gnu", "riscv64-unknown-linux-gnu", "rv64gc"},
    {"wasm32", "wasm32-unknown-unknown", "wasm-simd128"},
};

// Our own names, and what LLVM calls them.
struct Alias {
  const char *name, *triple, *cpu, *features;
};
constexpr Alias aliases[] = {
    {"neon", "aarch64-unknown-linux-gnu", "generic", ""},
    {"generic-aarch64", "aarch64-unknown-linux-gnu", "generic", ""},
    {"rv64gc", "riscv64-unknown-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c"},
    {"rv64gcv", "riscv64-unknown-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c,+v"},
    {"wasm-simd128", "wasm32-unknown-unknown", "generic", "+simd128"},
};

bool knowsCpu(const CpuTarget &target, const llvm::Target &backend) {
  llvm::Triple triple(target.triple);
  // LLVM ends the program over a 32-bit processor of this family.
  if (triple.isRISCV() && !llvm::RISCV::parseCPU(target.cpu, /*IsRV64=*/true))
    return false;
  std::unique_ptr<llvm::MCSubtargetInfo> plain(backend.createMCSubtargetInfo(triple, "", ""));
  return plain && plain->isCPUStringValid(target.cpu);
}

// Fills in what emitters ask about; false when code cannot be made for such a processor.
bool describe(CpuTarget &target) {
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend || !knowsCpu(target, *backend))
    return false;
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      backend->createMCSubtargetInfo(triple, target.cpu, target.features));
  if (triple.getArch() == llvm::Triple::aarch64)
    describeAArch64(target);
  else if (triple.isRISCV64() && info->checkFeatures("+m,+a,+f,+d,+c"))
    describeRiscV(*info, target);
  else if (triple.isWasm())
    describeWasm(target);
  else if (triple.getArch() == llvm::Triple::x86_64)
    describeX86(*info, target);
  else
    return false;
  return true;
}

const Machine *machineByName(llvm::StringRef name) {
  for (const Machine &machine : machines)
    if (name == machine.name || llvm::Triple::normalize(name) == machine.triple)
      return &machine;
  return nullptr;
}

const Machine *machineOf(const CpuTarget &target) {
  llvm::Triple triple(target.triple);
  for (const Machine &machine : machines)
    if (llvm::Triple(machine.triple).getArch() == triple.getArch())
      return &machine;
  llvm_unreachable("only processors of these machines are described");
}

llvm::Error unknownCpu(llvm::StringRef name) {
  return llvm::createStringError(
      "unknown processor \"" + name +
      "\"; use native, x86-64-v2, x86-64-v3, x86-64-v4, neon, rv64gc, rv64gcv, wasm-simd128 or a "
      "name that clang's -mcpu takes (x86-64, AArch64, RISC-V with M, A, F, D and C)");
}

} // namespace

llvm::Expected<CpuTarget> dlc::codegen::cpu::cpuTargetByName(llvm::StringRef name) {
  initializeLlvmTargets();
  CpuTarget target;
  target.name = target.cpu = name.str();
  if (name == "native") {
    target.triple = llvm::Triple::normalize(llvm::sys::getProcessTriple());
    target.name = target.cpu = llvm::sys::getHostCPUName().str();
    target.features = hostFeatures();
    if (describe(target))
      return target;
    return unknownCpu(target.cpu);
  }
  for (const Alias &alias : aliases)
    if (name == alias.name) {
      target.triple = alias.triple;
      target.cpu = alias.cpu;
      target.features = alias.features;
      if (describe(target))
        return target;
    }
  for (const Machine &machine : machines) {
    CpuTarget candidate = target;
    candidate.triple = machine.triple;
    if (!llvm::Triple(machine.triple).isWasm() && describe(candidate))
      return candidate;
  }
  return unknownCpu(name);
}

llvm::Expected<std::vector<std::string>>
dlc::codegen::cpu::cpusOfTarget(llvm::StringRef target, const std::vector<std::string> &cpus) {
  const Machine *machine = machineByName(target);
  if (!target.empty() && !machine) {
    std::string known;
    for (const Machine &each : machines)
      known += (known.empty() ? "" : ", ") + std::string(each.name);
    return llvm::createStringError("unknown target \"" + target + "\"; there are: " + known);
  }
  std::vector<std::string> names;
  for (const std::string &cpu : cpus) {
    bool least = !target.empty() && (cpu == "native" || cpu == "generic");
    names.push_back(least ? machine->least : cpu);
    auto described = cpuTargetByName(names.back());
    if (!described)
      return described.takeError();
    const Machine *its = machineOf(*described);
    if (machine && machine != its)
      return llvm::createStringError("processor \"" + llvm::Twine(names.back()) + "\" is not of " +
                                     machine->name + "; leave --cpu out for " + machine->least);
    machine = its;
  }
  return names;
}
