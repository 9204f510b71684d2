// RUN: dlc-opt %s --dlc-simplify=only=mask-pooled --split-input-file | FileCheck %s

!x = tensor<2x8x8x3xf32>
!y = tensor<2x4x4x3xf32>
!w = tensor<2x4x4x3xi8>
// CHECK-LABEL: func @masks_and_sums_windows
//  CHECK-SAME:   (%{{.*}}, %[[DP:.*]]: tensor<2x4x4x3xf32>)
//       CHECK:   %[[P:.*]] = dlc.max_pool
//       CHECK:   %[[W:.*]] = dlc.max_pool_winners
//       CHECK:   %[[M:.*]] = dlc.compare gt %[[P]]
//       CHECK:   %[[F:.*]] = dlc.select %[[M]], %[[DP]]
//       CHECK:   %[[E:.*]] = dlc.max_pool_scatter %[[W]], %[[F]]
//       CHECK:   %[[S:.*]] = dlc.sum %[[F]] over [0, 1, 2]
//       CHECK:   return %[[P]], %[[E]], %[[S]]
func.func @masks_and_sums_windows(%x: !x, %dp: !y) -> (!y, !x, tensor<3xf32>) {
  %p = dlc.max_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !y
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %dp window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  %c = dlc.constant dense<0.0> : tensor<f32>
  %zero = dlc.broadcast %c to [] : tensor<f32> -> !x
  %m = dlc.compare gt %x, %zero : (!x, !x) -> tensor<2x8x8x3xi1>
  %e = dlc.select %m, %d, %zero : (tensor<2x8x8x3xi1>, !x, !x) -> !x
  %s = dlc.sum %e over [0, 1, 2] : !x -> tensor<3xf32>
  return %p, %e, %s : !y, !x, tensor<3xf32>
}

// -----

!x = tensor<2x8x8x3xf32>
!y = tensor<2x4x4x3xf32>
!w = tensor<2x4x4x3xi8>
// Of other windows: the number means another position.
// CHECK-LABEL: func @keeps_mask_of_another_pool
//       CHECK:   %[[D:.*]] = dlc.max_pool_scatter
//       CHECK:   dlc.select %{{.*}}, %[[D]]
func.func @keeps_mask_of_another_pool(%x: !x, %dp: !y) -> (tensor<2x7x7x3xf32>, !x) {
  %p = dlc.max_pool %x window [2, 2] strides [1, 1] low [0, 0] high [0, 0]
    : (!x) -> tensor<2x7x7x3xf32>
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %dp window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  %c = dlc.constant dense<0.0> : tensor<f32>
  %zero = dlc.broadcast %c to [] : tensor<f32> -> !x
  %m = dlc.compare gt %x, %zero : (!x, !x) -> tensor<2x8x8x3xi1>
  %e = dlc.select %m, %d, %zero : (tensor<2x8x8x3xi1>, !x, !x) -> !x
  return %p, %e : tensor<2x7x7x3xf32>, !x
}

// -----

!x = tensor<2x8x8x3xf32>
!y = tensor<2x4x4x3xf32>
!w = tensor<2x4x4x3xi8>
// CHECK-LABEL: func @keeps_what_is_one_elsewhere
//       CHECK:   %[[D:.*]] = dlc.max_pool_scatter
//       CHECK:   dlc.select %{{.*}}, %[[D]]
func.func @keeps_what_is_one_elsewhere(%x: !x, %dp: !y) -> (!y, !x) {
  %p = dlc.max_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !y
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %dp window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  %c = dlc.constant dense<1.0> : tensor<f32>
  %one = dlc.broadcast %c to [] : tensor<f32> -> !x
  %m = dlc.compare gt %x, %one : (!x, !x) -> tensor<2x8x8x3xi1>
  %e = dlc.select %m, %d, %one : (tensor<2x8x8x3xi1>, !x, !x) -> !x
  return %p, %e : !y, !x
}

// -----

!x = tensor<2x?x8x3xf32, #dlc.dims<[2, 2 * H, 8, 3]>>
!y = tensor<2x?x4x3xf32, #dlc.dims<[2, H, 4, 3]>>
!w = tensor<2x?x4x3xi8, #dlc.dims<[2, H, 4, 3]>>
// Windows of an image without rows have no winner.
// CHECK-LABEL: func @keeps_sum_of_unknown_sizes
//       CHECK:   %[[D:.*]] = dlc.max_pool_scatter
//       CHECK:   dlc.sum %[[D]] over [0, 1, 2]
func.func @keeps_sum_of_unknown_sizes(%x: !x, %dp: !y) -> tensor<3xf32> {
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %dp window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  %s = dlc.sum %d over [0, 1, 2] : !x -> tensor<3xf32>
  return %s : tensor<3xf32>
}

// -----

!x = tensor<2x8x8x3xf32>
!y = tensor<2x4x4x3xf32>
!w = tensor<2x4x4x3xi8>
// CHECK-LABEL: func @keeps_sum_along_rows
//       CHECK:   %[[D:.*]] = dlc.max_pool_scatter
//       CHECK:   dlc.sum %[[D]] over [0, 1]
func.func @keeps_sum_along_rows(%x: !x, %dp: !y) -> tensor<8x3xf32> {
  %w = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
  %d = dlc.max_pool_scatter %w, %dp window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
    : (!w, !y) -> !x
  %s = dlc.sum %d over [0, 1] : !x -> tensor<8x3xf32>
  return %s : tensor<8x3xf32>
}
