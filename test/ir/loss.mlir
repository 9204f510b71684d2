// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!z = tensor<2x3xf32>
!b = tensor<?x?x5xf32, #dlc.dims<[B, T, 5]>>
!r = tensor<?x?xf32, #dlc.dims<[B, T]>>
!l = tensor<?x?xi64, #dlc.dims<[B, T]>>

// CHECK-LABEL: func.func @static
func.func @static(%z: !z, %l: tensor<2xi32>) {
  // CHECK: dlc.sparse_softmax_cross_entropy %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<2xi32>)
  %a = dlc.sparse_softmax_cross_entropy %z, %l : (!z, tensor<2xi32>) -> tensor<2xf32>
  // CHECK: dlc.softmax_cross_entropy %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<2x3xf32>)
  %b = dlc.softmax_cross_entropy %z, %z : (!z, !z) -> tensor<2xf32>
  // CHECK: dlc.sigmoid_cross_entropy %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %c = dlc.sigmoid_cross_entropy %z, %z : !z
  return
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%z: !b, %l: !l) {
  // CHECK: dlc.sparse_softmax_cross_entropy
  // CHECK-SAME: -> tensor<?x?xf32, #dlc.dims<[B, T]>>
  %a = dlc.sparse_softmax_cross_entropy %z, %l : (!b, !l) -> !r
  %b = dlc.softmax_cross_entropy %z, %z : (!b, !b) -> !r
  %c = dlc.sigmoid_cross_entropy %z, %z : !b
  return
}
