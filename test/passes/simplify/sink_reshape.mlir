// RUN: dlc-opt %s --dlc-simplify=only=sink-reshape --split-input-file | FileCheck %s

!c = tensor<?x4x4x64xf32, #dlc.dims<[B, 4, 4, 64]>>
!h = tensor<?x1024xf32, #dlc.dims<[B, 1024]>>
!p = tensor<?x1024xi1, #dlc.dims<[B, 1024]>>

// Flatten and dropout: the mask is drawn in the sizes of the convolution.
// CHECK-LABEL: func @sinks_below_dropout
//  CHECK-SAME:   (%[[X:.*]]: tensor<?x4x4x64xf32, {{.*}}>, %[[KEY:.*]]: tensor<2xi64>, %[[P:.*]]: tensor<f32>)
//       CHECK:   %[[M:.*]] = dlc.random_bernoulli %[[KEY]], %[[P]] stream 0 {{.*}} -> tensor<?x4x4x64xi1
//       CHECK:   %[[Z:.*]] = dlc.broadcast %{{.*}} to [] : tensor<f32> -> tensor<?x4x4x64xf32
//       CHECK:   %[[Y:.*]] = dlc.select %[[M]], %[[X]], %[[Z]]
//       CHECK:   %[[R:.*]] = dlc.reshape %[[Y]]
//       CHECK:   return %[[R]]
func.func @sinks_below_dropout(%x: !c, %key: tensor<2xi64>, %p: tensor<f32>) -> !h {
  %r = dlc.reshape %x : !c -> !h
  %m = dlc.random_bernoulli %key, %p stream 0 : (tensor<2xi64>, tensor<f32>) -> !p
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> !h
  %y = dlc.select %m, %r, %zs : (!p, !h, !h) -> !h
  return %y : !h
}

// -----

// Two reshapes from the same sizes become one.
// CHECK-LABEL: func @joins_equal_reshapes
//       CHECK:   %[[S:.*]] = dlc.add %{{.*}}, %{{.*}} : tensor<4x3xf32>
//       CHECK:   dlc.reshape %[[S]] : tensor<4x3xf32> -> tensor<12xf32>
//   CHECK-NOT:   dlc.reshape
func.func @joins_equal_reshapes(%a: tensor<4x3xf32>, %b: tensor<4x3xf32>) -> tensor<12xf32> {
  %ra = dlc.reshape %a : tensor<4x3xf32> -> tensor<12xf32>
  %rb = dlc.reshape %b : tensor<4x3xf32> -> tensor<12xf32>
  %y = dlc.add %ra, %rb : tensor<12xf32>
  return %y : tensor<12xf32>
}

// -----

// Stays: the other operand would have to be reshaped instead.
// CHECK-LABEL: func @keeps_reshape_beside_plain_operand
//       CHECK:   %[[R:.*]] = dlc.reshape
//       CHECK:   dlc.add %[[R]]
func.func @keeps_reshape_beside_plain_operand(%a: tensor<4x3xf32>, %b: tensor<12xf32>) -> tensor<12xf32> {
  %r = dlc.reshape %a : tensor<4x3xf32> -> tensor<12xf32>
  %y = dlc.add %r, %b : tensor<12xf32>
  return %y : tensor<12xf32>
}
