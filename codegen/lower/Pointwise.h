// The one place where elementwise ops of the dialect become arithmetic.
//
// Operands and result are scalars or one-dimensional vectors of any width; a contraction's epilogue,
// a streaming kernel and a register fragment call the same function. Elements appear as:
//
//   f32 f64 f16 bf16   themselves; 16-bit arithmetic is done in f32 and rounded back per op
//   i64 i32 i8         themselves
//   ui8                i8: the op's own types say that it is unsigned
//   i1                 i1
//
// Semantics are those of ir/ops/{Elementwise,Compare}.td, edge cases included: max and min
// propagate NaN, round goes half to even, integers divide by zero to 0, casts saturate. No
// fast-math flag is set: a kernel gives the bits of its ops, however they were fused.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"
#include "mlir/Support/LogicalResult.h"

namespace dlc::codegen {

// The type of an element inside kernel code: |element|, with ui8 as i8.
mlir::Type kernelElement(mlir::Type element);

// True for what emitPointwise takes: the elementwise ops, compare, select and cast.
bool isPointwise(mlir::Operation *op);

// The result of |op| (an op on tensors) for |operands|, one per operand of |op|, all scalars or all
// vectors of one length. Emits at the builder's insertion point with |op|'s location. Fails with
// a diagnostic on an op that is not pointwise.
//
// Math functions come out as math dialect operations: run expandMath before lowering. Exact float
// remainders and integer powers emit small loops (scf).
mlir::FailureOr<mlir::Value> emitPointwise(mlir::OpBuilder &builder, mlir::Operation *op,
                                           mlir::ValueRange operands);

// |x| converted from the element type |from| to |to| as dlc.cast does (element types of tensors).
mlir::Value emitCast(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Type from,
                     mlir::Type to);

// The larger of two floats, |y| of two that are equal, as zeros of both signs are; NaN if either is.
mlir::Value emitLarger(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value y);

} // namespace dlc::codegen
