// RUN: dlc-opt %s --dlc-expand-math --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-expand-math=fma=false --split-input-file | FileCheck %s --check-prefix=NOFMA
// RUN: dlc-opt %s --dlc-expand-math="f16=false" --split-input-file | FileCheck %s --check-prefix=NOF16

// No call and no function of the math dialect is left, at any width.
// CHECK-LABEL: func @expands_vectors
//   CHECK-NOT:   math.exp
//       CHECK:   math.fma
//   CHECK-NOT:   math.exp
//   CHECK-NOT:   call
// NOFMA-LABEL: func @expands_vectors
//   NOFMA-NOT:   math.fma
//       NOFMA:   return
func.func @expands_vectors(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// -----

// CHECK-LABEL: func @expands_scalars
//   CHECK-NOT:   math.tanh
//       CHECK:   return
func.func @expands_scalars(%x: f64) -> f64 {
  %y = math.tanh %x : f64
  return %y : f64
}

// -----

// Large arguments are reduced behind a branch that is rarely taken.
// CHECK-LABEL: func @branches_for_large_arguments
//   CHECK-NOT:   math.sin
//       CHECK:   scf.if
//       CHECK:   dlc_trig_reduce
func.func @branches_for_large_arguments(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.sin %x : vector<8xf32>
  return %y : vector<8xf32>
}

// -----

// Computed in f32 and rounded once; the conversions are integer arithmetic.
// CHECK-LABEL: func @computes_bf16_in_f32
//   CHECK-NOT:   arith.extf
//   CHECK-NOT:   arith.truncf
//       CHECK:   return
func.func @computes_bf16_in_f32(%x: vector<8xbf16>) -> vector<8xbf16> {
  %y = math.log %x : vector<8xbf16>
  return %y : vector<8xbf16>
}

// -----

// A machine without the instruction gets no library call either.
// CHECK-LABEL: func @converts_f16
//       CHECK:   arith.extf
// NOF16-LABEL: func @converts_f16
//   NOF16-NOT:   arith.extf
//       NOF16:   return
func.func @converts_f16(%x: vector<8xf16>) -> vector<8xf32> {
  %y = arith.extf %x : vector<8xf16> to vector<8xf32>
  return %y : vector<8xf32>
}

// -----

// What every target has as an instruction stays.
// CHECK-LABEL: func @keeps_instructions
//       CHECK:   math.sqrt
//       CHECK:   math.floor
func.func @keeps_instructions(%x: vector<4xf32>) -> vector<4xf32> {
  %y = math.sqrt %x : vector<4xf32>
  %z = math.floor %y : vector<4xf32>
  return %z : vector<4xf32>
}
