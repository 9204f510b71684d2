// RUN: dlc-opt %s --canonicalize | FileCheck %s

!t = tensor<4xf32>
!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!i = tensor<?xi32, #dlc.dims<[B]>>
!p = tensor<?xi1, #dlc.dims<[B]>>

// CHECK-LABEL: func @meets_double_negation
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @meets_double_negation(%x: !b) -> !b {
  %a = dlc.neg %x : !b
  %b = dlc.neg %a : !b
  return %b : !b
}

// CHECK-LABEL: func @meets_double_not
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @meets_double_not(%x: !p) -> !p {
  %a = dlc.not %x : !p
  %b = dlc.not %a : !p
  return %b : !p
}

// CHECK-LABEL: func @does_idempotent_ops_once
//  CHECK-NEXT:   dlc.abs
//  CHECK-NEXT:   dlc.relu
//  CHECK-NEXT:   dlc.sign
//  CHECK-NEXT:   dlc.floor
//  CHECK-NEXT:   return
func.func @does_idempotent_ops_once(%x: !b) -> (!b, !b, !b, !b) {
  %a0 = dlc.abs %x : !b
  %a1 = dlc.abs %a0 : !b
  %r0 = dlc.relu %x : !b
  %r1 = dlc.relu %r0 : !b
  %s0 = dlc.sign %x : !b
  %s1 = dlc.sign %s0 : !b
  %f0 = dlc.floor %x : !b
  %f1 = dlc.ceil %f0 : !b
  %f2 = dlc.round %f1 : !b
  return %a1, %r1, %s1, %f2 : !b, !b, !b, !b
}

// CHECK-LABEL: func @drops_the_sign_of_a_magnitude
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   dlc.abs %[[X]]
func.func @drops_the_sign_of_a_magnitude(%x: !b) -> !b {
  %n = dlc.neg %x : !b
  %a = dlc.abs %n : !b
  return %a : !b
}

// CHECK-LABEL: func @takes_one_of_two_equal_operands
//  CHECK-SAME:   %[[X:.*]]: tensor{{.*}}, %[[P:.*]]: tensor
//  CHECK-NEXT:   return %[[X]], %[[X]], %[[P]], %[[P]]
func.func @takes_one_of_two_equal_operands(%x: !b, %p: !p) -> (!b, !b, !p, !p) {
  %a = dlc.max %x, %x : !b
  %b = dlc.min %x, %x : !b
  %c = dlc.and %p, %p : !p
  %d = dlc.or %p, %p : !p
  return %a, %b, %c, %d : !b, !b, !p, !p
}

// CHECK-LABEL: func @drops_neutral_constants
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]], %[[X]], %[[X]], %[[X]]
func.func @drops_neutral_constants(%x: !t) -> (!t, !t, !t, !t) {
  %one = dlc.constant dense<1.0> : !t
  %zero = dlc.constant dense<0.0> : !t
  %minus_zero = dlc.constant dense<-0.0> : !t
  %a = dlc.mul %one, %x : !t
  %b = dlc.div %x, %one : !t
  %c = dlc.sub %x, %zero : !t
  %d = dlc.add %x, %minus_zero : !t
  return %a, %b, %c, %d : !t, !t, !t, !t
}

// -0 + 0 is 0, and -0 - -0 is 0.
// CHECK-LABEL: func @keeps_zeros_that_change_the_sign_of_zero
//       CHECK:   dlc.add
//       CHECK:   dlc.sub
func.func @keeps_zeros_that_change_the_sign_of_zero(%x: !t) -> (!t, !t) {
  %zero = dlc.constant dense<0.0> : !t
  %minus_zero = dlc.constant dense<-0.0> : !t
  %a = dlc.add %x, %zero : !t
  %b = dlc.sub %x, %minus_zero : !t
  return %a, %b : !t, !t
}

// NaN and infinity times 0 are NaN.
// CHECK-LABEL: func @keeps_products_with_zero
//       CHECK:   dlc.mul
func.func @keeps_products_with_zero(%x: !t) -> !t {
  %zero = dlc.constant dense<0.0> : !t
  %a = dlc.mul %x, %zero : !t
  return %a : !t
}

// CHECK-LABEL: func @drops_integer_zero
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]]
func.func @drops_integer_zero(%x: tensor<i32>) -> tensor<i32> {
  %zero = dlc.constant dense<0> : tensor<i32>
  %a = dlc.add %zero, %x : tensor<i32>
  return %a : tensor<i32>
}

// Rounded once per operation, as at run time: 1/3 and 1 + 2^-24.
// CHECK-LABEL: func @computes_constants_of_one_value
//   CHECK-DAG:   dlc.constant dense<0.333333343> : tensor<f32>
//   CHECK-DAG:   dlc.constant dense<1.000000e+00> : tensor<4xf32>
//   CHECK-DAG:   dlc.constant dense<-2147483648> : tensor<i32>
//   CHECK-DAG:   dlc.constant dense<-5.000000e-01> : tensor<f16>
//       CHECK:   return
func.func @computes_constants_of_one_value() -> (tensor<f32>, !t, tensor<i32>, tensor<f16>) {
  %one = dlc.constant dense<1.0> : tensor<f32>
  %three = dlc.constant dense<3.0> : tensor<f32>
  %third = dlc.div %one, %three : tensor<f32>
  %ones = dlc.constant dense<1.0> : !t
  %tiny = dlc.constant dense<5.9604644775390625e-08> : !t
  %rounded = dlc.add %ones, %tiny : !t
  %most = dlc.constant dense<2147483647> : tensor<i32>
  %i = dlc.constant dense<1> : tensor<i32>
  %wrapped = dlc.add %most, %i : tensor<i32>
  %half = dlc.constant dense<0.5> : tensor<f16>
  %minus = dlc.neg %half : tensor<f16>
  return %third, %rounded, %wrapped, %minus : tensor<f32>, !t, tensor<i32>, tensor<f16>
}

// The bits of a NaN are the machine's choice; constants of many values stay as they are.
// CHECK-LABEL: func @keeps_nan_and_dense_constants
//       CHECK:   dlc.div
//       CHECK:   dlc.mul
func.func @keeps_nan_and_dense_constants() -> (tensor<f32>, tensor<2xf32>) {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %nan = dlc.div %zero, %zero : tensor<f32>
  %many = dlc.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %product = dlc.mul %many, %many : tensor<2xf32>
  return %nan, %product : tensor<f32>, tensor<2xf32>
}
