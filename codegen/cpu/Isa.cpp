#include "codegen/cpu/Isa.h"
#include "codegen/cpu/EmitObject.h"
#include "runtime/abi/program.h"
#include "llvm/ADT/StringRef.h"

namespace dlc::codegen::cpu {

void setIsaBits(const CpuTarget &target, std::vector<uint64_t> &words) {
  // LLVM's name of each feature that the loader knows.
  static constexpr struct {
    unsigned bit;
    const char *name;
  } features[] = {
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
  words.assign(4, 0);
  if (!llvm::StringRef(target.triple).starts_with("x86_64"))
    return;
  for (auto [bit, name] : features)
    if (targetHasFeature(target, name))
      words[bit / 64] |= uint64_t(1) << (bit % 64);
}

} // namespace dlc::codegen::cpu
