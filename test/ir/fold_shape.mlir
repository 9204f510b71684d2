// RUN: dlc-opt %s --canonicalize | FileCheck %s

!s = tensor<2x3xf32>
!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!f = tensor<?xf32, #dlc.dims<[4*B]>>

// CHECK-LABEL: func @reshapes_once
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   %[[Y:.*]] = dlc.reshape %[[X]] {{.*}} -> tensor<?x2x2xf32
//  CHECK-NEXT:   return %[[Y]], %[[X]]
func.func @reshapes_once(%x: !b) -> (tensor<?x2x2xf32, #dlc.dims<[B, 2, 2]>>, !b) {
  %a = dlc.reshape %x : !b -> !f
  %b = dlc.reshape %a : !f -> tensor<?x2x2xf32, #dlc.dims<[B, 2, 2]>>
  %c = dlc.reshape %a : !f -> !b
  return %b, %c : tensor<?x2x2xf32, #dlc.dims<[B, 2, 2]>>, !b
}

// CHECK-LABEL: func @transposes_once
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   %[[Y:.*]] = dlc.transpose %[[X]] [2, 0, 1]
//  CHECK-NEXT:   return %[[Y]], %[[X]]
func.func @transposes_once(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  %a = dlc.transpose %x [1, 2, 0] : tensor<2x3x4xf32> -> tensor<3x4x2xf32>
  %b = dlc.transpose %a [1, 2, 0] : tensor<3x4x2xf32> -> tensor<4x2x3xf32>
  %c = dlc.transpose %b [1, 2, 0] : tensor<4x2x3xf32> -> tensor<2x3x4xf32>
  return %b, %c : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: func @broadcasts_once
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   dlc.broadcast %[[X]] to [2]
func.func @broadcasts_once(%x: tensor<4xf32>) -> tensor<?x3x4xf32, #dlc.dims<[B, 3, 4]>> {
  %a = dlc.broadcast %x to [1] : tensor<4xf32> -> !b
  %b = dlc.broadcast %a to [0, 2] : !b -> tensor<?x3x4xf32, #dlc.dims<[B, 3, 4]>>
  return %b : tensor<?x3x4xf32, #dlc.dims<[B, 3, 4]>>
}

// CHECK-LABEL: func @slices_the_whole
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @slices_the_whole(%x: !b) -> !b {
  %a = dlc.slice %x from [0, 0] to [B, 4] by [1, 1] : !b -> !b
  return %a : !b
}

// CHECK-LABEL: func @slices_once
//  CHECK-NEXT:   dlc.slice %{{.*}} from [3, 0] to [7, 2] by [2, 1]
func.func @slices_once(%x: tensor<9x4xf32>) -> tensor<2x2xf32> {
  %a = dlc.slice %x from [2, 0] to [8, 2] by [1, 1] : tensor<9x4xf32> -> tensor<6x2xf32>
  %b = dlc.slice %a from [1, 0] to [5, 2] by [2, 1] : tensor<6x2xf32> -> tensor<2x2xf32>
  return %b : tensor<2x2xf32>
}

// CHECK-LABEL: func @keeps_a_slice_of_a_strided_slice
// CHECK-COUNT-2: dlc.slice
func.func @keeps_a_slice_of_a_strided_slice(%x: tensor<9xf32>) -> tensor<2xf32> {
  %a = dlc.slice %x from [0] to [9] by [2] : tensor<9xf32> -> tensor<5xf32>
  %b = dlc.slice %a from [1] to [3] by [1] : tensor<5xf32> -> tensor<2xf32>
  return %b : tensor<2xf32>
}

// Starts are clamped: the whole begins at 0 whatever the index.
// CHECK-LABEL: func @slices_and_updates_the_whole
//  CHECK-SAME:   %[[X:.*]]: tensor{{.*}}, %[[U:.*]]: tensor{{.*}}, %
//  CHECK-NEXT:   return %[[X]], %[[U]]
func.func @slices_and_updates_the_whole(%x: !s, %u: !s, %i: tensor<i32>) -> (!s, !s) {
  %a = dlc.dynamic_slice %x at (%i, %i) : (!s, tensor<i32>, tensor<i32>) -> !s
  %b = dlc.dynamic_update_slice %x, %u at (%i, %i) : (!s, !s, tensor<i32>, tensor<i32>) -> !s
  return %a, %b : !s, !s
}

// CHECK-LABEL: func @drops_empty_inputs
//  CHECK-SAME:   %[[X:.*]]: tensor{{.*}}, %[[E:.*]]: tensor
//  CHECK-NEXT:   %[[Y:.*]] = dlc.concat %[[X]], %[[X]] axis 0
//  CHECK-NEXT:   return %[[X]], %[[Y]]
func.func @drops_empty_inputs(%x: !s, %e: tensor<0x3xf32>) -> (!s, tensor<4x3xf32>) {
  %a = dlc.concat %x, %e axis 0 : (!s, tensor<0x3xf32>) -> !s
  %b = dlc.concat %x, %e, %x axis 0 : (!s, tensor<0x3xf32>, !s) -> tensor<4x3xf32>
  return %a, %b : !s, tensor<4x3xf32>
}

// CHECK-LABEL: func @reverses_single_elements
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @reverses_single_elements(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %a = dlc.reverse %x over [0] : tensor<1x3xf32> -> tensor<1x3xf32>
  return %a : tensor<1x3xf32>
}

// CHECK-LABEL: func @moves_constants_of_one_value
//  CHECK-NEXT:   dlc.constant dense<2.000000e+00> : tensor<3x2xf32>
//  CHECK-NEXT:   return
func.func @moves_constants_of_one_value() -> tensor<3x2xf32> {
  %c = dlc.constant dense<2.0> : tensor<6xf32>
  %a = dlc.reshape %c : tensor<6xf32> -> tensor<2x3xf32>
  %b = dlc.transpose %a [1, 0] : tensor<2x3xf32> -> tensor<3x2xf32>
  return %b : tensor<3x2xf32>
}

// Written out, the constant would take the tensor's full size in the program.
// CHECK-LABEL: func @keeps_a_repeated_scalar_small
//       CHECK:   dlc.constant dense<0.000000e+00> : tensor<f32>
//       CHECK:   dlc.broadcast
func.func @keeps_a_repeated_scalar_small() -> tensor<1000xf32> {
  %c = dlc.constant dense<0.0> : tensor<f32>
  %b = dlc.broadcast %c to [] : tensor<f32> -> tensor<1000xf32>
  return %b : tensor<1000xf32>
}

// CHECK-LABEL: func @knows_static_sizes
//   CHECK-DAG:   dlc.constant dense<1.200000e+01> : tensor<f32>
//   CHECK-DAG:   dlc.constant dense<1> : tensor<i64>
//   CHECK-DAG:   dlc.size [B] : tensor<f32>
func.func @knows_static_sizes() -> (tensor<f32>, tensor<i64>, tensor<f32>) {
  %a = dlc.size [3, 4] : tensor<f32>
  %b = dlc.size [] : tensor<i64>
  %c = dlc.size [B] : tensor<f32>
  return %a, %b, %c : tensor<f32>, tensor<i64>, tensor<f32>
}
