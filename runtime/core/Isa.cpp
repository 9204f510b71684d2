#include "runtime/core/Isa.h"

#include "runtime/core/Table.h"

#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#else
#include <sys/auxv.h>
#endif

namespace dlc::runtime::core {

#if defined(__x86_64__)
const uint32_t hostDevice = DLC_DEVICE_CPU_X86_64;
#elif defined(__aarch64__)
const uint32_t hostDevice = DLC_DEVICE_CPU_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
const uint32_t hostDevice = DLC_DEVICE_CPU_RISCV64;
#else
#error "the runtime is for x86-64, AArch64 and 64-bit RISC-V"
#endif

namespace {

// Where CPUID reports a feature, and which registers the system must save for it.
enum Leaf : uint8_t { Leaf1, Leaf7, Leaf7Sub1, LeafExtended };
enum Register : uint8_t { A, B, C, D };
enum Saved : uint8_t { Nothing, Ymm, Zmm };
struct FeatureBit {
  const char *name;
  Leaf leaf;
  Register reg;
  uint8_t bit;
  Saved saved;
};

// In the order of the DLC_ISA_ numbers.
constexpr FeatureBit featureBits[] = {
    {"sse3", Leaf1, C, 0, Nothing},
    {"ssse3", Leaf1, C, 9, Nothing},
    {"sse4.1", Leaf1, C, 19, Nothing},
    {"sse4.2", Leaf1, C, 20, Nothing},
    {"popcnt", Leaf1, C, 23, Nothing},
    {"cx16", Leaf1, C, 13, Nothing},
    {"sahf", LeafExtended, C, 0, Nothing},
    {"avx", Leaf1, C, 28, Ymm},
    {"avx2", Leaf7, B, 5, Ymm},
    {"fma", Leaf1, C, 12, Ymm},
    {"f16c", Leaf1, C, 29, Ymm},
    {"bmi", Leaf7, B, 3, Nothing},
    {"bmi2", Leaf7, B, 8, Nothing},
    {"lzcnt", LeafExtended, C, 5, Nothing},
    {"movbe", Leaf1, C, 22, Nothing},
    {"avx512f", Leaf7, B, 16, Zmm},
    {"avx512dq", Leaf7, B, 17, Zmm},
    {"avx512cd", Leaf7, B, 28, Zmm},
    {"avx512bw", Leaf7, B, 30, Zmm},
    {"avx512vl", Leaf7, B, 31, Zmm},
    {"avx512ifma", Leaf7, B, 21, Zmm},
    {"avx512vbmi", Leaf7, C, 1, Zmm},
    {"avx512vbmi2", Leaf7, C, 6, Zmm},
    {"avx512vnni", Leaf7, C, 11, Zmm},
    {"avx512bitalg", Leaf7, C, 12, Zmm},
    {"avx512vpopcntdq", Leaf7, C, 14, Zmm},
    {"avx512bf16", Leaf7Sub1, A, 5, Zmm},
    {"avx512fp16", Leaf7, D, 23, Zmm},
    {"avx512vp2intersect", Leaf7, D, 8, Zmm},
    {"gfni", Leaf7, C, 8, Nothing},
    {"vaes", Leaf7, C, 9, Ymm},
    {"vpclmulqdq", Leaf7, C, 10, Ymm},
    {"aes", Leaf1, C, 25, Nothing},
    {"pclmul", Leaf1, C, 1, Nothing},
    {"sha", Leaf7, B, 29, Nothing},
    {"adx", Leaf7, B, 19, Nothing},
    {"sse4a", LeafExtended, C, 6, Nothing},
    {"avxvnni", Leaf7Sub1, A, 4, Ymm},
};
static_assert(sizeof featureBits / sizeof *featureBits == DLC_ISA_COUNT);

struct HwcapBit {
  uint32_t device;
  unsigned bit;
  const char *name;
};
constexpr HwcapBit hwcapBits[] = {
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_AES, "aes"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_SHA2, "sha2"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_CRC32, "crc"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_ATOMICS, "lse"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_FP16, "fullfp16"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_RDM, "rdm"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_FCMA, "complxnum"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_RCPC, "rcpc"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_SHA3, "sha3"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_DOTPROD, "dotprod"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_SVE, "sve"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_FP16FML, "fp16fml"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_SVE2, "sve2"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_I8MM, "i8mm"},
    {DLC_DEVICE_CPU_AARCH64, DLC_HWCAP_AARCH64_BF16, "bf16"},
    {DLC_DEVICE_CPU_RISCV64, DLC_HWCAP_RISCV_V, "v"},
};

#if defined(__x86_64__)
uint64_t savedRegisters() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}
#endif

bool covers(const IsaFeatures &host, const dlc_variant &variant) {
  for (int w = 0; w < 4; ++w)
    if (variant.isa[w] & ~host.words[w])
      return false;
  return variant.device == hostDevice;
}

int width(const dlc_variant &variant) {
  int bits = 0;
  for (uint64_t word : variant.isa)
    bits += __builtin_popcountll(word);
  return bits;
}

// Lists what |variant| needs and |host| has not.
void addMissing(Text &text, const IsaFeatures &host, const dlc_variant &variant) {
  const char *separator = " ";
  for (unsigned f = 0; f < 256; ++f)
    if (variant.isa[f / 64] & ~host.words[f / 64] & (uint64_t(1) << (f % 64))) {
      text.add("%s%s", separator, featureName(variant.device, f));
      separator = ", ";
    }
}

} // namespace

IsaFeatures hostFeatures() {
  IsaFeatures features = {};
#if defined(__x86_64__)
  uint32_t leaves[4][4] = {};
  __get_cpuid_count(1, 0, &leaves[Leaf1][A], &leaves[Leaf1][B], &leaves[Leaf1][C],
                    &leaves[Leaf1][D]);
  __get_cpuid_count(7, 0, &leaves[Leaf7][A], &leaves[Leaf7][B], &leaves[Leaf7][C],
                    &leaves[Leaf7][D]);
  if (leaves[Leaf7][A] >= 1) // the number of sub-leaves
    __get_cpuid_count(7, 1, &leaves[Leaf7Sub1][A], &leaves[Leaf7Sub1][B], &leaves[Leaf7Sub1][C],
                      &leaves[Leaf7Sub1][D]);
  __get_cpuid_count(0x80000001, 0, &leaves[LeafExtended][A], &leaves[LeafExtended][B],
                    &leaves[LeafExtended][C], &leaves[LeafExtended][D]);
  bool osxsave = leaves[Leaf1][C] >> 27 & 1;
  uint64_t saved = osxsave ? savedRegisters() : 0;
  bool enabled[] = {true, (saved & 0x6) == 0x6, (saved & 0xe6) == 0xe6};
  for (unsigned f = 0; f < DLC_ISA_COUNT; ++f) {
    const FeatureBit &bit = featureBits[f];
    if ((leaves[bit.leaf][bit.reg] >> bit.bit & 1) && enabled[bit.saved])
      features.words[f / 64] |= uint64_t(1) << (f % 64);
  }
#else
  features.words[0] = getauxval(AT_HWCAP);
  features.words[1] = getauxval(AT_HWCAP2);
#endif
  return features;
}

const char *featureName(uint32_t device, unsigned feature) {
  if (device == DLC_DEVICE_CPU_X86_64 && feature < DLC_ISA_COUNT)
    return featureBits[feature].name;
  for (const HwcapBit &known : hwcapBits)
    if (known.device == device && known.bit == feature)
      return known.name;
  return "a feature unknown to this runtime";
}

Status pickVariant(const dlc_program &program, const char *name, const char *wanted,
                   uint32_t *index) {
  View<dlc_variant> variants(program.variants);
  IsaFeatures host = hostFeatures();
  uint32_t best = DLC_NONE;
  Text names;
  for (uint32_t i = 0; i < variants.size(); ++i) {
    const dlc_variant &variant = variants[i];
    const char *variantName = text(variant.name);
    names.add("%s%s", i ? ", " : "", variantName);
    bool named = wanted && strcmp(wanted, variantName) == 0;
    if (named && !covers(host, variant)) {
      Text missing;
      addMissing(missing, host, variant);
      return fail(DLC_UNIMPLEMENTED, "%s: variant \"%s\" needs what this processor lacks:%s", name,
                  wanted, missing.str());
    }
    if (wanted ? named
               : covers(host, variant) &&
                     (best == DLC_NONE || width(variant) > width(variants[best])))
      best = i;
  }
  if (best == DLC_NONE && wanted)
    return fail(DLC_NOT_FOUND, "%s: no variant is called \"%s\"; there are: %s", name, wanted,
                names.str());
  if (best == DLC_NONE)
    return fail(DLC_UNIMPLEMENTED,
                "%s: no variant runs on this processor; there are: %s; compile with --cpu=native",
                name, variants.size() ? names.str() : "none");
  *index = best;
  return Status();
}

} // namespace dlc::runtime::core
