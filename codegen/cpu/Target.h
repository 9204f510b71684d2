// What the kernels are compiled for: one processor, described by the facts that emitters and
// choosers need (vector width, registers, fused multiply-add) and by the strings that LLVM needs.
#pragma once
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace dlc::codegen::cpu {

// Instruction set extensions that the emitters ask about, as a bit mask. What an artifact records
// for its loader is finer: codegen/cpu/Isa.cpp.
enum IsaBit : uint64_t {
  kIsaSse42 = 1u << 0, // x86-64-v2: SSE4.2, SSSE3, POPCNT
  kIsaAvx = 1u << 1,
  kIsaAvx2 = 1u << 2, // with BMI1, BMI2, MOVBE, F16C as in x86-64-v3
  kIsaFma = 1u << 3,
  kIsaF16c = 1u << 4,
  kIsaAvx512 = 1u << 5, // F, BW, CD, DQ and VL together (x86-64-v4)
  kIsaAvx512Bf16 = 1u << 6,
  kIsaAvx512Vnni = 1u << 7,
  kIsaAvx512Fp16 = 1u << 8,
  kIsaAmx = 1u << 9,   // tile, int8 and bf16 together
  kIsaNeon = 1u << 16, // AArch64 baseline
  kIsaRvv = 1u << 17,  // RISC-V's V: vectors of at least 128 bits
  kIsaSimd128 = 1u << 18, // WebAssembly
};

struct CpuTarget {
  std::string name;         // as the user wrote it; "native" becomes the processor's LLVM name
  std::string triple;       // x86_64-unknown-linux-gnu, ..., wasm32-unknown-unknown
  std::string cpu;          // LLVM's -mcpu
  std::string features;     // LLVM's -mattr; empty where the processor's name says all
  int64_t vectorBits = 128; // widest vector that the emitters use: 128, 256 or 512
  int64_t vectorRegisters = 16;
  int64_t pointerBytes = 8;
  bool fusedMultiplyAdd = false;
  bool dotBf16 = false; // vdpbf16ps
  uint64_t isa = 0;     // IsaBit mask

  // Whether loops should leave constants in memory: sixteen registers, or NEON's, of which it takes
  // more in flight to keep the units busy, four numbers each, than leave room for a polynomial.
  bool fewRegisters() const { return vectorRegisters < 32 || vectorBits < 256; }

  // The most rows of a register tile with |vectors| vectors per row, where |reserved| registers hold
  // something else: one register for each sum, a vector of B per column, and elements of A. x86
  // broadcasts those one at a time; NEON's multiply takes them out of registers, and LLVM loads
  // those of all rows ahead.
  int64_t mostRows(int64_t vectors, int64_t reserved = 0) const {
    int64_t left = vectorRegisters - reserved - vectors;
    return isa & kIsaNeon ? left / (vectors + 1) : (left - 1) / vectors;
  }

  // Whether bf16 is read in words of two numbers, which are widened; pairs of B are best then.
  bool readsWords() const { return vectorBits == 256 && (isa & kIsaAvx); }
  // Whether register tiles have 16 columns of f32 at most, and vectors can be loaded under a mask:
  // AVX with sixteen registers.
  bool hasNarrowTiles() const { return vectorRegisters < 32 && (isa & kIsaAvx); }

  // A WebAssembly module is linked by other rules, and its functions have numbers, not addresses.
  bool isWasm() const { return llvm::StringRef(triple).starts_with("wasm32"); }

  // Lanes of a full vector whose elements have |bits| bits.
  int64_t lanes(int64_t bits) const { return vectorBits / bits; }
};

// Describes the processor called |name|: "native", an x86-64 level (x86-64-v2, -v3, -v4), "neon"
// or "generic-aarch64", "rv64gc" or "rv64gcv", "wasm-simd128", or any name that LLVM knows (znver4,
// sapphirerapids, cortex-a72, sifive-u74, ...). Fails when LLVM does not know it. Thread-safe.
llvm::Expected<CpuTarget> cpuTargetByName(llvm::StringRef name);

// The names of the processors |cpus| on |target|, the kind of machine that code is to run on:
// x86_64-linux-gnu, aarch64-linux-gnu, riscv64-linux-gnu or wasm32, also as a full triple; empty
// means whatever the names say. "native" and "generic" become the least processor of the target.
// Fails for an unknown target, and where a processor is of another kind than the target or than the
// others: the variants of one artifact differ in instructions, not in machines.
llvm::Expected<std::vector<std::string>> cpusOfTarget(llvm::StringRef target,
                                                      const std::vector<std::string> &cpus);

} // namespace dlc::codegen::cpu
