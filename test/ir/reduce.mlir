// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!s = tensor<2x3x4xf32>
!b = tensor<?x?x4xi64, #dlc.dims<[B, T, 4]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: !s) {
  // CHECK: dlc.sum %{{.*}} over [0, 2] : tensor<2x3x4xf32> -> tensor<3xf32>
  %a = dlc.sum %x over [0, 2] : !s -> tensor<3xf32>
  // CHECK: dlc.mean %{{.*}} over [0, 1, 2] : tensor<2x3x4xf32> -> tensor<f32>
  %b = dlc.mean %x over [0, 1, 2] : !s -> tensor<f32>
  // CHECK: dlc.prod %{{.*}} over [] : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  %c = dlc.prod %x over [] : !s -> !s
  // CHECK: dlc.argmax %{{.*}} over 1 : tensor<2x3x4xf32> -> tensor<2x4xi32>
  %d = dlc.argmax %x over 1 : !s -> tensor<2x4xi32>
  return
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b) {
  // CHECK: dlc.reduce_max %{{.*}} over [1]
  // CHECK-SAME: -> tensor<?x4xi64, #dlc.dims<[B, 4]>>
  %a = dlc.reduce_max %x over [1] : !b -> tensor<?x4xi64, #dlc.dims<[B, 4]>>
  // CHECK: dlc.reduce_min %{{.*}} over [0, 1]
  // CHECK-SAME: -> tensor<4xi64>
  %b = dlc.reduce_min %x over [0, 1] : !b -> tensor<4xi64>
  // CHECK: dlc.argmin %{{.*}} over 2
  // CHECK-SAME: -> tensor<?x?xi64, #dlc.dims<[B, T]>>
  %c = dlc.argmin %x over 2 : !b -> tensor<?x?xi64, #dlc.dims<[B, T]>>
  return
}
