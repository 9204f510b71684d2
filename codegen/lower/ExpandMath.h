// Expands the functions of the math dialect into arithmetic: one place for every target and width.
//
//   %y = math.exp %x : vector<16xf32>      ==>      arith + math.fma, no call
//
// Rewritten: exp, exp2, expm1, log, log1p, tanh, erf, sin, cos, powf, rsqrt on f32 and f64, scalars or
// vectors of any length. f16 and bf16 operands are computed in f32 and rounded once. arith.extf and
// arith.truncf from and to bf16 (and f16, where the machine cannot convert it) become integer
// arithmetic, because a conversion without an instruction would be a library call. AVX512-BF16 has
// one that takes subnormals for 0: those are led around it. Left alone: what every target has as an
// instruction (sqrt, floor, ceil, roundeven, absf, fma).
//
// Accuracy, pinned by test/codegen/expand_math_test.cpp: f32 <= 2 ulp over the whole range,
// subnormal arguments and results included; f64 <= 4 ulp (sampled). NaN stays NaN; infinities,
// signed zeros and domain errors as in C.
//
// Runs on finished kernel code, before structured control flow is lowered (sin and cos of large
// arguments put a rarely taken scf.if into the code and a helper function into the module).
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Support/LogicalResult.h"
#include <memory>
#include <string>

namespace dlc::codegen {

// What the maker of a math.exp2 may promise or renounce, as a unit attribute. Either saves a quarter
// of its time where powers of two are multiplied with, and is as accurate otherwise.
inline constexpr llvm::StringLiteral kNotPositive = "dlc.not_positive"; // no argument is above 0
// Results below the smallest normal number may be 0, and those above half the largest one infinite.
inline constexpr llvm::StringLiteral kNormalResults = "dlc.normal_results";

// Whoever makes a math op may want its coefficients read from memory, as a unit attribute: beside
// others of another width, whose registers they would not share.
inline constexpr llvm::StringLiteral kConstantsInMemory = "dlc.constants_in_memory";

struct MathOptions {
  // The machine has a fused multiply-add; without it formulas use two roundings and stay within
  // their bounds by split constants.
  bool fusedMultiplyAdd = true;
  // The machine converts between f16 and f32.
  bool convertsHalf = true;
  // The machine has AVX-512: exponentials of 512-bit vectors scale by one instruction.
  bool avx512 = false;
  // The machine has AVX2: any permutation of eight floats.
  bool avx2 = false;
  // Coefficients are read from memory where they are used, since registers are wanted otherwise.
  bool constantsInMemory = false;
  // Where registers are few: the constraint of assembly for a vector register, and its bits.
  // Formulas then stay apart: LLVM would compute two that do not depend on each other side by side,
  // and spill.
  std::string registerClass = "";
  int64_t registerBits = 0;
  // The machine rounds vectors of f32 to bf16 by AVX512-BF16.
  bool roundsBrain = false;
};

// Expands everything in |module|. Fails with a diagnostic on a math function that it does not know.
mlir::LogicalResult expandMath(mlir::ModuleOp module, const MathOptions &options);

// The same as a pass, `dlc-expand-math`.
std::unique_ptr<mlir::Pass> createExpandMathPass(const MathOptions &options = {});

// Registers the pass for dlc-opt.
void registerExpandMathPass();

} // namespace dlc::codegen
