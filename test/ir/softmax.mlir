// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!b = tensor<?x?x4xf16, #dlc.dims<[B, T, 4]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: dlc.softmax %{{.*}} axis 1 : tensor<2x3xf32>
  %y = dlc.softmax %x axis 1 : tensor<2x3xf32>
  // CHECK: dlc.log_softmax %{{.*}} axis 0 : tensor<2x3xf32>
  %z = dlc.log_softmax %y axis 0 : tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b) -> !b {
  // CHECK: dlc.softmax %{{.*}} axis 1 : tensor<?x?x4xf16, #dlc.dims<[B, T, 4]>>
  %y = dlc.softmax %x axis 1 : !b
  return %y : !b
}
