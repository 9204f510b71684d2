// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>

// CHECK: dlc.kernel_func @k pointwise symbols ["B"] {
// CHECK:   dlc.relu
dlc.kernel_func @k pointwise symbols ["B"] {
^bb0(%a: !b):
  %b = dlc.relu %a : !b
  dlc.yield %b : !b
}

// CHECK-LABEL: func.func @static
func.func @static(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) -> tensor<2x4xf32> {
  // CHECK: dlc.kernel contract(%{{.*}}, %{{.*}}) : (tensor<2x3xf32>, tensor<3x4xf32>)
  %y = dlc.kernel contract(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>):
    %c = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    dlc.yield %c : tensor<2x4xf32>
  }
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b) -> !b {
  // CHECK: dlc.dispatch @k(%{{.*}}) : (tensor<?x4xf32, #dlc.dims<[B, 4]>>) ->
  %y = dlc.dispatch @k(%x) : (!b) -> !b
  return %y : !b
}
