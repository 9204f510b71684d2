// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!x = tensor<?x784xf32, #dlc.dims<[B, 784]>>
!h = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!q = tensor<?x8x?x32xbf16, #dlc.dims<[B, 8, T, 32]>>

// CHECK-LABEL: func.func @matrix_product
func.func @matrix_product(%a: tensor<2x3xf64>, %b: tensor<3x4xf64>) -> tensor<2x4xf64> {
  // CHECK: dlc.contract %{{.*}}, %{{.*}} reduce [1] x [0] : (tensor<2x3xf64>, tensor<3x4xf64>)
  %y = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf64>, tensor<3x4xf64>) -> tensor<2x4xf64>
  return %y : tensor<2x4xf64>
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !x, %w: tensor<784x64xf32>) -> tensor<784x64xf32> {
  // CHECK: dlc.contract
  // CHECK-SAME: -> tensor<?x64xf32, #dlc.dims<[B, 64]>>
  %h = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<784x64xf32>) -> !h
  // CHECK: dlc.contract %{{.*}}, %{{.*}} reduce [0] x [0]
  %dw = dlc.contract %x, %h reduce [0] x [0] : (!x, !h) -> tensor<784x64xf32>
  return %dw : tensor<784x64xf32>
}

// CHECK-LABEL: func.func @attention_scores_widen
func.func @attention_scores_widen(%q: !q, %k: !q) {
  // CHECK: batch [0, 1] x [0, 1] reduce [3] x [3]
  // CHECK-SAME: -> tensor<?x8x?x?xf32, #dlc.dims<[B, 8, T, T]>>
  %s = dlc.contract %q, %k batch [0, 1] x [0, 1] reduce [3] x [3]
    : (!q, !q) -> tensor<?x8x?x?xf32, #dlc.dims<[B, 8, T, T]>>
  return
}

// CHECK-LABEL: func.func @outer_product
func.func @outer_product(%a: tensor<2xi32>, %b: tensor<3xi32>) -> tensor<2x3xi32> {
  // CHECK: reduce [] x []
  %y = dlc.contract %a, %b reduce [] x [] : (tensor<2xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %y : tensor<2x3xi32>
}
