// The formulas behind ExpandMath, one function each. Every one takes and returns values of the
// shape of its FloatMath (f32 or f64, scalar or vector). Internal to codegen/lower.
#pragma once
#include "codegen/lower/FloatMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace dlc::codegen {

mlir::Value expandExp(const FloatMath &f, mlir::Value x);
enum class Exp2Range { All, NotPositive, Normal }; // see ExpandMath.h
mlir::Value expandExp2(const FloatMath &f, mlir::Value x, Exp2Range range);
mlir::Value expandExpm1(const FloatMath &f, mlir::Value x);
mlir::Value expandLog(const FloatMath &f, mlir::Value x);
mlir::Value expandLog1p(const FloatMath &f, mlir::Value x);
mlir::Value expandTanh(const FloatMath &f, mlir::Value x);
mlir::Value expandErf(const FloatMath &f, mlir::Value x);
mlir::Value expandPow(const FloatMath &f, mlir::Value x, mlir::Value y);

// |reduce| is the helper of declareTrigReduction for arguments past the fast reduction.
mlir::Value expandSin(const FloatMath &f, mlir::Value x, mlir::LLVM::LLVMFuncOp reduce);
mlir::Value expandCos(const FloatMath &f, mlir::Value x, mlir::LLVM::LLVMFuncOp reduce);

// e^x for results that are normal numbers (the caller clamps); NaN stays NaN.
mlir::Value expInRange(const FloatMath &f, mlir::Value x);

// Finds or makes the module's private function (f64) -> struct(f64 remainder, i64 quadrant), which
// reduces a finite |x| >= 2^19 modulo pi/2 exactly enough for f64 results.
mlir::LLVM::LLVMFuncOp declareTrigReduction(mlir::ModuleOp module);

} // namespace dlc::codegen
