#include "codegen/cpu/Isa.h"
#include "codegen/cpu/EmitObject.h"
#include "runtime/abi/program.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace dlc::codegen::cpu {

namespace {

// LLVM's name of each feature that the loader knows, and its bit.
struct Feature {
  unsigned bit;
  const char *name;
};
constexpr Feature x86Features[] = {
    {DLC_ISA_SSE3, "sse3"},
    {DLC_ISA_SSSE3, "ssse3"},
    {DLC_ISA_SSE4_1, "sse4.1"},
    {DLC_ISA_SSE4_2, "sse4.2"},
    {DLC_ISA_POPCNT, "popcnt"},
    {DLC_ISA_CX16, "cx16"},
    {DLC_ISA_SAHF, "sahf"},
    {DLC_ISA_AVX, "avx"},
    {DLC_ISA_AVX2, "avx2"},
    {DLC_ISA_FMA, "fma"},
    {DLC_ISA_F16C, "f16c"},
    {DLC_ISA_BMI1, "bmi"},
    {DLC_ISA_BMI2, "bmi2"},
    {DLC_ISA_LZCNT, "lzcnt"},
    {DLC_ISA_MOVBE, "movbe"},
    {DLC_ISA_AVX512F, "avx512f"},
    {DLC_ISA_AVX512DQ, "avx512dq"},
    {DLC_ISA_AVX512CD, "avx512cd"},
    {DLC_ISA_AVX512BW, "avx512bw"},
    {DLC_ISA_AVX512VL, "avx512vl"},
    {DLC_ISA_AVX512IFMA, "avx512ifma"},
    {DLC_ISA_AVX512VBMI, "avx512vbmi"},
    {DLC_ISA_AVX512VBMI2, "avx512vbmi2"},
    {DLC_ISA_AVX512VNNI, "avx512vnni"},
    {DLC_ISA_AVX512BITALG, "avx512bitalg"},
    {DLC_ISA_AVX512VPOPCNTDQ, "avx512vpopcntdq"},
    {DLC_ISA_AVX512BF16, "avx512bf16"},
    {DLC_ISA_AVX512FP16, "avx512fp16"},
    {DLC_ISA_AVX512VP2INTERSECT, "avx512vp2intersect"},
    {DLC_ISA_GFNI, "gfni"},
    {DLC_ISA_VAES, "vaes"},
    {DLC_ISA_VPCLMULQDQ, "vpclmulqdq"},
    {DLC_ISA_AES, "aes"},
    {DLC_ISA_PCLMUL, "pclmul"},
    {DLC_ISA_SHA, "sha"},
    {DLC_ISA_ADX, "adx"},
    {DLC_ISA_SSE4A, "sse4a"},
    {DLC_ISA_AVXVNNI, "avxvnni"},
};

// Bits of AT_HWCAP, and of AT_HWCAP2 in the second word.
constexpr Feature aarch64Features[] = {
    {DLC_HWCAP_AARCH64_AES, "aes"},
    {DLC_HWCAP_AARCH64_SHA2, "sha2"},
    {DLC_HWCAP_AARCH64_CRC32, "crc"},
    {DLC_HWCAP_AARCH64_ATOMICS, "lse"},
    {DLC_HWCAP_AARCH64_FP16, "fullfp16"},
    {DLC_HWCAP_AARCH64_RDM, "rdm"},
    {DLC_HWCAP_AARCH64_FCMA, "complxnum"},
    {DLC_HWCAP_AARCH64_RCPC, "rcpc"},
    {DLC_HWCAP_AARCH64_SHA3, "sha3"},
    {DLC_HWCAP_AARCH64_DOTPROD, "dotprod"},
    {DLC_HWCAP_AARCH64_SVE, "sve"},
    {DLC_HWCAP_AARCH64_FP16FML, "fp16fml"},
    {DLC_HWCAP_AARCH64_SVE2, "sve2"},
    {DLC_HWCAP_AARCH64_I8MM, "i8mm"},
    {DLC_HWCAP_AARCH64_BF16, "bf16"},
};

constexpr Feature riscvFeatures[] = {{DLC_HWCAP_RISCV_V, "v"}};

} // namespace

uint32_t deviceOf(const CpuTarget &target) {
  llvm::StringRef triple(target.triple);
  return triple.starts_with("aarch64")   ? DLC_DEVICE_CPU_AARCH64
         : triple.starts_with("riscv64") ? DLC_DEVICE_CPU_RISCV64
         : target.isWasm()               ? DLC_DEVICE_CPU_WASM32
                                         : DLC_DEVICE_CPU_X86_64;
}

bool movesHalves(const CpuTarget &target) {
  uint32_t device = deviceOf(target);
  return device == DLC_DEVICE_CPU_X86_64 || device == DLC_DEVICE_CPU_AARCH64;
}

void setIsaBits(const CpuTarget &target, std::vector<uint64_t> &words) {
  words.assign(4, 0);
  auto set = [&](llvm::ArrayRef<Feature> features) {
    llvm::SmallVector<llvm::StringRef> names;
    for (const Feature &feature : features)
      names.push_back(feature.name);
    for (auto [feature, has] : llvm::zip(features, targetHasFeatures(target, names)))
      if (has)
        words[feature.bit / 64] |= uint64_t(1) << (feature.bit % 64);
  };
  switch (deviceOf(target)) {
  case DLC_DEVICE_CPU_X86_64:
    return set(x86Features);
  case DLC_DEVICE_CPU_AARCH64:
    return set(aarch64Features);
  case DLC_DEVICE_CPU_RISCV64:
    return set(riscvFeatures);
  default: // a module for WebAssembly is refused by the engine itself
    return;
  }
}

} // namespace dlc::codegen::cpu
