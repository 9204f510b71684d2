// RUN: dlc-opt %s --dlc-decompose | FileCheck %s

!b = tensor<?x5xf32, #dlc.dims<[B, 5]>>
!r = tensor<?xf32, #dlc.dims<[B]>>
!l = tensor<?xi64, #dlc.dims<[B]>>
!c = tensor<5xf32>
!h = tensor<?x5xf16, #dlc.dims<[B, 5]>>

// CHECK-LABEL: func @takes_the_maximum_away
//       CHECK:   %[[M:.*]] = dlc.reduce_max %[[X:.*]] over [1]
//       CHECK:   %[[MB:.*]] = dlc.broadcast %[[M]] to [0]
//       CHECK:   %[[D:.*]] = dlc.sub %[[X]], %[[MB]]
//       CHECK:   %[[E:.*]] = dlc.exp %[[D]]
//       CHECK:   %[[S:.*]] = dlc.sum %[[E]] over [1]
//       CHECK:   %[[R:.*]] = dlc.reciprocal %[[S]]
//       CHECK:   %[[RB:.*]] = dlc.broadcast %[[R]] to [0]
//       CHECK:   dlc.mul %[[E]], %[[RB]]
func.func @takes_the_maximum_away(%x: !b) -> !b {
  %y = dlc.softmax %x axis 1 : !b
  return %y : !b
}

// CHECK-LABEL: func @keeps_small_probabilities
//       CHECK:   %[[D:.*]] = dlc.sub
//       CHECK:   %[[S:.*]] = dlc.sum
//       CHECK:   %[[L:.*]] = dlc.log %[[S]]
//       CHECK:   %[[LB:.*]] = dlc.broadcast %[[L]] to [1]
//       CHECK:   dlc.sub %[[D]], %[[LB]]
func.func @keeps_small_probabilities(%x: !b) -> !b {
  %y = dlc.log_softmax %x axis 0 : !b
  return %y : !b
}

// A comparison with the class index, no gather; chosen, not multiplied: 0 * -inf is NaN.
// CHECK-LABEL: func @picks_the_label_by_comparison
//   CHECK-NOT:   dlc.gather
//       CHECK:   %[[I:.*]] = dlc.iota 1 : tensor<?x5xi64, #dlc.dims<[B, 5]>>
//       CHECK:   %[[L:.*]] = dlc.broadcast %{{.*}} to [0]
//       CHECK:   %[[P:.*]] = dlc.compare{{ +}}eq %[[I]], %[[L]]
//       CHECK:   dlc.select %[[P]], %{{.*}}, %{{.*}}
//       CHECK:   return %{{.*}} : tensor<?xf32, #dlc.dims<[B]>>
func.func @picks_the_label_by_comparison(%x: !b, %l: !l) -> !r {
  %y = dlc.sparse_softmax_cross_entropy %x, %l : (!b, !l) -> !r
  return %y : !r
}

// CHECK-LABEL: func @drops_terms_of_label_zero
//       CHECK:   %[[A:.*]] = dlc.compare{{ +}}eq %[[L:.*]], %[[ZERO:.*]] :
//       CHECK:   %[[T:.*]] = dlc.mul %[[L]]
//       CHECK:   dlc.select %[[A]], %[[ZERO]], %[[T]]
func.func @drops_terms_of_label_zero(%x: !b, %l: !b) -> !r {
  %y = dlc.softmax_cross_entropy %x, %l : (!b, !b) -> !r
  return %y : !r
}

// CHECK-LABEL: func @uses_log1p
//       CHECK:   %[[A:.*]] = dlc.abs
//       CHECK:   %[[N:.*]] = dlc.neg %[[A]]
//       CHECK:   %[[E:.*]] = dlc.exp %[[N]]
//       CHECK:   dlc.log1p %[[E]]
func.func @uses_log1p(%x: !b, %l: !b) -> !b {
  %y = dlc.sigmoid_cross_entropy %x, %l : !b
  return %y : !b
}

// Two passes: the variance is of centred values.
// CHECK-LABEL: func @centres_before_squaring
//       CHECK:   dlc.sum %{{.*}} over [0]
//       CHECK:   dlc.size [B] : tensor<f32>
//       CHECK:   %[[M:.*]] = dlc.div
//       CHECK:   %[[D:.*]] = dlc.sub
//       CHECK:   %[[Q:.*]] = dlc.mul %[[D]], %[[D]]
//       CHECK:   dlc.sum %[[Q]] over [0]
//       CHECK:   %[[V:.*]] = dlc.div
//       CHECK:   dlc.rsqrt
//       CHECK:   return %{{.*}}, %[[M]], %[[V]]
func.func @centres_before_squaring(%x: !b, %s: !c, %o: !c) -> (!b, !c, !c) {
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3 : (!b, !c, !c) -> (!b, !c, !c)
  return %y, %m, %v : !b, !c, !c
}

// CHECK-LABEL: func @folds_scale_into_the_deviation
//       CHECK:   %[[R:.*]] = dlc.rsqrt %{{.*}} : tensor<5xf32>
//       CHECK:   dlc.mul %{{.*}}, %[[R]] : tensor<5xf32>
//   CHECK-NOT:   dlc.sum
func.func @folds_scale_into_the_deviation(%x: !b, %s: !c, %m: !c) -> !b {
  %y = dlc.batch_norm_inference %x, %s, %s, %m, %m epsilon 1.0e-3 : (!b, !c, !c, !c, !c) -> !b
  return %y : !b
}

// CHECK-LABEL: func @normalises_rows
//       CHECK:   dlc.sum %{{.*}} over [1]
//       CHECK:   dlc.sum %{{.*}} over [1]
//       CHECK:   dlc.rsqrt %{{.*}} : tensor<?xf32, #dlc.dims<[B]>>
func.func @normalises_rows(%x: !b, %s: !c, %o: !c) -> !b {
  %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3 : (!b, !c, !c) -> !b
  return %y : !b
}

// CHECK-LABEL: func @computes_halves_in_f32
//       CHECK:   %[[W:.*]] = dlc.cast %{{.*}} -> tensor<?x5xf32, #dlc.dims<[B, 5]>>
//       CHECK:   %[[S:.*]] = dlc.sum %[[W]] over [0]
//       CHECK:   %[[Q:.*]] = dlc.div %[[S]]
//       CHECK:   dlc.cast %[[Q]] : tensor<5xf32> -> tensor<5xf16>
func.func @computes_halves_in_f32(%x: !h) -> tensor<5xf16> {
  %y = dlc.mean %x over [0] : !h -> tensor<5xf16>
  return %y : tensor<5xf16>
}

// CHECK-LABEL: func @hands_back_by_winners
//  CHECK-SAME:   (%[[X:.*]]: tensor<2x8x3xf32>, %[[DY:.*]]: tensor<2x4x3xf32>)
//       CHECK:   %[[W:.*]] = dlc.max_pool_winners %[[X]] window [2] strides [2]
//       CHECK:   dlc.max_pool_scatter %[[W]], %[[DY]] window [2] strides [2]
func.func @hands_back_by_winners(%x: tensor<2x8x3xf32>, %dy: tensor<2x4x3xf32>)
    -> tensor<2x8x3xf32> {
  %d = dlc.max_pool_grad %x, %dy window [2] strides [2] low [0] high [0]
    : (tensor<2x8x3xf32>, tensor<2x4x3xf32>) -> tensor<2x8x3xf32>
  return %d : tensor<2x8x3xf32>
}

// CHECK-LABEL: func @spreads_what_was_strided
//  CHECK-SAME:   (%{{.*}}, %[[DY:.*]]: tensor<2x3x3xf32>)
//       CHECK:   dlc.pad %[[DY]], %{{.*}} low [0, 0, 0] high [0, 1, 0] interior [0, 2, 0]
func.func @spreads_what_was_strided(%x: tensor<2x8x3xf32>, %dy: tensor<2x3x3xf32>)
    -> tensor<2x8x3xf32> {
  %d = dlc.max_pool_grad %x, %dy window [1] strides [3] low [0] high [0]
    : (tensor<2x8x3xf32>, tensor<2x3x3xf32>) -> tensor<2x8x3xf32>
  return %d : tensor<2x8x3xf32>
}

// CHECK-LABEL: func @keeps_more_positions_than_bytes_number
//       CHECK:   dlc.max_pool_grad
func.func @keeps_more_positions_than_bytes_number(%x: tensor<2x200x3xf32>, %dy: tensor<2x1x3xf32>)
    -> tensor<2x200x3xf32> {
  %d = dlc.max_pool_grad %x, %dy window [200] strides [1] low [0] high [0]
    : (tensor<2x200x3xf32>, tensor<2x1x3xf32>) -> tensor<2x200x3xf32>
  return %d : tensor<2x200x3xf32>
}
