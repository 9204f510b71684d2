// RUN: dlc-opt %s | dlc-opt | FileCheck %s
// RUN: dlc-opt %s --mlir-print-op-generic | dlc-opt | FileCheck %s
!s = tensor<2x3xf32>
!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!i = tensor<i32>

// CHECK-LABEL: func.func @static
func.func @static(%x: !s, %v: tensor<f32>, %i: !i) {
  // CHECK: dlc.reshape %{{.*}} : tensor<2x3xf32> -> tensor<6xf32>
  %a = dlc.reshape %x : !s -> tensor<6xf32>
  // CHECK: dlc.transpose %{{.*}} [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  %b = dlc.transpose %x [1, 0] : !s -> tensor<3x2xf32>
  // CHECK: dlc.broadcast %{{.*}} to [1, 2] : tensor<2x3xf32> -> tensor<5x2x3xf32>
  %c = dlc.broadcast %x to [1, 2] : !s -> tensor<5x2x3xf32>
  // CHECK: dlc.slice %{{.*}} from [0, 1] to [2, 3] by [1, 2] : tensor<2x3xf32> -> tensor<2x1xf32>
  %d = dlc.slice %x from [0, 1] to [2, 3] by [1, 2] : !s -> tensor<2x1xf32>
  // CHECK: dlc.dynamic_slice %{{.*}} at(%{{.*}}, %{{.*}})
  %e = dlc.dynamic_slice %x at (%i, %i) : (!s, !i, !i) -> tensor<1x3xf32>
  // CHECK: dlc.dynamic_update_slice %{{.*}}, %{{.*}} at(%{{.*}}, %{{.*}})
  %f = dlc.dynamic_update_slice %x, %e at (%i, %i) : (!s, tensor<1x3xf32>, !i, !i) -> !s
  // CHECK: dlc.pad %{{.*}}, %{{.*}} low [1, 0] high [0, 2] interior [1, 0]
  %g = dlc.pad %x, %v low [1, 0] high [0, 2] interior [1, 0] : (!s, tensor<f32>) -> tensor<4x5xf32>
  // CHECK: dlc.concat %{{.*}}, %{{.*}} axis 0 : (tensor<2x3xf32>, tensor<2x3xf32>)
  %h = dlc.concat %x, %x axis 0 : (!s, !s) -> tensor<4x3xf32>
  // CHECK: dlc.reverse %{{.*}} over [0, 1] : tensor<2x3xf32> -> tensor<2x3xf32>
  %j = dlc.reverse %x over [0, 1] : !s -> !s
  // CHECK: dlc.constant dense<[1, 2]> : tensor<2xi64>
  %k = dlc.constant dense<[1, 2]> : tensor<2xi64>
  return
}

// CHECK-LABEL: func.func @symbolic
func.func @symbolic(%x: !b, %v: tensor<f32>) {
  // CHECK: dlc.reshape {{.*}} -> tensor<?xf32, #dlc.dims<[4*B]>>
  %a = dlc.reshape %x : !b -> tensor<?xf32, #dlc.dims<[4*B]>>
  // CHECK: dlc.slice %{{.*}} from [0, 0] to [B, 3] by [2, 1]
  // CHECK-SAME: -> tensor<?x3xf32, #dlc.dims<[(B + 1) floordiv 2, 3]>>
  %b = dlc.slice %x from [0, 0] to [B, 3] by [2, 1]
    : !b -> tensor<?x3xf32, #dlc.dims<[(B + 1) floordiv 2, 3]>>
  // CHECK: dlc.pad %{{.*}}, %{{.*}} low [B floordiv 2, 0] high [0, 0] interior [0, 0]
  %c = dlc.pad %x, %v low [B floordiv 2, 0] high [0, 0] interior [0, 0]
    : (!b, tensor<f32>) -> tensor<?x4xf32, #dlc.dims<[B + B floordiv 2, 4]>>
  // CHECK: dlc.concat
  // CHECK-SAME: -> tensor<?x4xf32, #dlc.dims<[2*B, 4]>>
  %d = dlc.concat %x, %x axis 0 : (!b, !b) -> tensor<?x4xf32, #dlc.dims<[2*B, 4]>>
  // CHECK: dlc.broadcast %{{.*}} to [] : tensor<f32> -> tensor<?x4xf32, #dlc.dims<[B, 4]>>
  %e = dlc.broadcast %v to [] : tensor<f32> -> !b
  // CHECK: dlc.size [B, 2*T + 1] : tensor<f32>
  %f = dlc.size [B, 2*T + 1] : tensor<f32>
  return
}
