// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!x = tensor<2x8x9x3xf32>
!y = tensor<2x4x5x3xf32>
!b = tensor<?x?x4xf64, #dlc.dims<[B, T, 4]>>
!w = tensor<2x4x5x3xi8>
!p = tensor<?x?x4xf64, #dlc.dims<[B, T - 2, 4]>>

// CHECK-LABEL: func.func @static
func.func @static(%x: !x, %dy: !y) {
  // CHECK: dlc.max_pool %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %m = dlc.max_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 1] : (!x) -> !y
  // CHECK: dlc.avg_pool %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %a = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 1] : (!x) -> !y
  // CHECK: dlc.max_pool_grad %{{.*}}, %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %dm = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 1]
    : (!x, !y) -> !x
  // CHECK: dlc.max_pool_winners %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 1] : (!x) -> !w
  // CHECK: dlc.max_pool_scatter %{{.*}}, %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %ds = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 1]
    : (!w, !y) -> !x
  // CHECK: dlc.avg_pool_grad %{{.*}} window [2, 2] strides [2, 2] low [0, 0] high [0, 1] :
  %da = dlc.avg_pool_grad %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 1] : (!y) -> !x
  return
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b) -> !b {
  // CHECK: dlc.max_pool
  // CHECK-SAME: -> tensor<?x?x4xf64, #dlc.dims<[B, T - 2, 4]>>
  %y = dlc.max_pool %x window [3] strides [1] low [0] high [0] : (!b) -> !p
  %dx = dlc.avg_pool_grad %y window [3] strides [1] low [0] high [0] : (!p) -> !b
  return %dx : !b
}
