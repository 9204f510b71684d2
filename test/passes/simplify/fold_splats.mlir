// RUN: dlc-opt %s --dlc-simplify=only=fold-splats --split-input-file | FileCheck %s

!x = tensor<?x4xf32, #dlc.dims<[B, 4]>>

// CHECK-LABEL: func @folds_factor_one
//  CHECK-SAME:   (%[[X:.*]]: tensor
//       CHECK:   return %[[X]]
func.func @folds_factor_one(%x: !x) -> !x {
  %one = dlc.constant dense<1.0> : tensor<f32>
  %ones = dlc.broadcast %one to [] : tensor<f32> -> !x
  %y = dlc.mul %ones, %x : !x
  %z = dlc.div %y, %ones : !x
  return %z : !x
}

// -----

// CHECK-LABEL: func @turns_factor_minus_one_into_negation
//  CHECK-SAME:   (%[[X:.*]]: tensor<4xf32>)
//       CHECK:   %[[N:.*]] = dlc.neg %[[X]]
//       CHECK:   return %[[N]]
func.func @turns_factor_minus_one_into_negation(%x: tensor<4xf32>) -> tensor<4xf32> {
  %m = dlc.constant dense<-1.0> : tensor<f32>
  %ms = dlc.broadcast %m to [] : tensor<f32> -> tensor<4xf32>
  %y = dlc.mul %x, %ms : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Stays: -0 + 0.0 is 0, not -0.
// CHECK-LABEL: func @keeps_sum_with_zero
//       CHECK:   dlc.add
func.func @keeps_sum_with_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %z = dlc.constant dense<0.0> : tensor<f32>
  %zs = dlc.broadcast %z to [] : tensor<f32> -> tensor<4xf32>
  %y = dlc.add %x, %zs : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: func @expands_small_powers
//  CHECK-SAME:   (%[[X:.*]]: tensor<4xf32>)
//       CHECK:   %[[S:.*]] = dlc.mul %[[X]], %[[X]]
//       CHECK:   %[[C:.*]] = dlc.mul %[[S]], %[[X]]
//       CHECK:   return %[[S]], %[[C]]
func.func @expands_small_powers(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %two = dlc.constant dense<2.0> : tensor<f32>
  %twos = dlc.broadcast %two to [] : tensor<f32> -> tensor<4xf32>
  %three = dlc.constant dense<3.0> : tensor<4xf32>
  %s = dlc.pow %x, %twos : tensor<4xf32>
  %c = dlc.pow %x, %three : tensor<4xf32>
  return %s, %c : tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func @knows_static_sizes
//       CHECK:   %[[C:.*]] = dlc.constant dense<1.200000e+01>
//       CHECK:   dlc.size [B]
//       CHECK:   return %[[C]]
func.func @knows_static_sizes() -> (tensor<f32>, tensor<f32>) {
  %n = dlc.size [3, 4] : tensor<f32>
  %b = dlc.size [B] : tensor<f32>
  return %n, %b : tensor<f32>, tensor<f32>
}

// -----

// CHECK-LABEL: func @broadcasts_scalar_directly
//  CHECK-SAME:   (%[[S:.*]]: tensor<f32>)
//       CHECK:   %[[Y:.*]] = dlc.broadcast %[[S]] to [] : tensor<f32> -> tensor<12xf32>
//       CHECK:   return %[[Y]]
func.func @broadcasts_scalar_directly(%s: tensor<f32>) -> tensor<12xf32> {
  %b = dlc.broadcast %s to [] : tensor<f32> -> tensor<4x3xf32>
  %t = dlc.transpose %b [1, 0] : tensor<4x3xf32> -> tensor<3x4xf32>
  %y = dlc.reshape %t : tensor<3x4xf32> -> tensor<12xf32>
  return %y : tensor<12xf32>
}
