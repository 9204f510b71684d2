// RUN: dlc-opt %s --canonicalize | FileCheck %s

!b = tensor<?x4xf32, #dlc.dims<[B, 4]>>

// CHECK-LABEL: func @reduces_over_no_axis
//  CHECK-SAME:   %[[X:.*]]: tensor
//  CHECK-NEXT:   return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]]
func.func @reduces_over_no_axis(%x: !b) -> (!b, !b, !b, !b, !b) {
  %a = dlc.sum %x over [] : !b -> !b
  %b = dlc.mean %x over [] : !b -> !b
  %c = dlc.prod %x over [] : !b -> !b
  %d = dlc.reduce_max %x over [] : !b -> !b
  %e = dlc.reduce_min %x over [] : !b -> !b
  return %a, %b, %c, %d, %e : !b, !b, !b, !b, !b
}

// 0 + -0 is 0: not the element itself.
// CHECK-LABEL: func @keeps_the_sum_of_one_element
//       CHECK:   dlc.sum
func.func @keeps_the_sum_of_one_element(%x: tensor<1xf32>) -> tensor<f32> {
  %a = dlc.sum %x over [0] : tensor<1xf32> -> tensor<f32>
  return %a : tensor<f32>
}
