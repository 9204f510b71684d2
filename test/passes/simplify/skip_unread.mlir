// RUN: dlc-opt %s --dlc-simplify=only=skip-unread --split-input-file | FileCheck %s

!x = tensor<?x9x8x4xf32, #dlc.dims<[B, 9, 8, 4]>>
!n = tensor<?x5x4x4xf32, #dlc.dims<[B, 5, 4, 4]>>
!y = tensor<?x5x4x6xf32, #dlc.dims<[B, 5, 4, 6]>>
!w = tensor<3x3x4x4xf32>
!v = tensor<1x1x4x6xf32>
// The last sum of a residual stage: both readers step, and others read the shortcut.
// CHECK-LABEL: func @end_of_a_stage
//  CHECK-SAME:   (%[[X:.*]]: tensor<?x9x8x4xf32, {{[^%]*}}%[[W:.*]]: tensor<3x3x4x4xf32>, %[[V:.*]]: tensor<1x1x4x6xf32>, %[[B:.*]]: tensor<4xf32>)
//       CHECK:   %[[C:.*]] = dlc.conv %[[X]], %[[W]] strides [2, 2] low [1, 1] high [1, 1]
//       CHECK:   %[[R:.*]] = dlc.broadcast %[[B]] to [3] {{.*}} -> tensor<?x5x4x4xf32
//       CHECK:   %[[A:.*]] = dlc.add %[[C]], %[[R]]
//       CHECK:   %[[S:.*]] = dlc.slice %[[X]] from [0, 0, 0, 0] to [B, 9, 8, 4] by [1, 2, 2, 1] {{.*}} -> tensor<?x5x4x4xf32
//       CHECK:   %[[T:.*]] = dlc.add %[[A]], %[[S]]
//       CHECK:   %[[U:.*]] = dlc.relu %[[T]]
//       CHECK:   dlc.conv %[[U]], %[[V]] strides [1, 1]
//       CHECK:   dlc.conv %[[U]], %[[V]] strides [1, 2]
func.func @end_of_a_stage(%x: !x, %w: !w, %v: !v, %b: tensor<4xf32>) -> (!y, tensor<?x5x2x6xf32, #dlc.dims<[B, 5, 2, 6]>>, !x) {
  %c = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !w) -> !x
  %r = dlc.broadcast %b to [3] : tensor<4xf32> -> !x
  %a = dlc.add %c, %r : !x
  %t = dlc.add %a, %x : !x
  %u = dlc.relu %t : !x
  %y = dlc.conv %u, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  %z = dlc.conv %u, %v strides [2, 4] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> tensor<?x5x2x6xf32, #dlc.dims<[B, 5, 2, 6]>>
  return %y, %z, %x : !y, tensor<?x5x2x6xf32, #dlc.dims<[B, 5, 2, 6]>>, !x
}

// Slices, filter gradients and pools.
// CHECK-LABEL: func @slices_pools_and_filter_gradients
//       CHECK:   %[[P:.*]] = dlc.max_pool %{{.*}} window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
//       CHECK:   %[[N:.*]] = dlc.neg %[[P]]
//       CHECK:   dlc.conv_filter_grad %[[P]], %{{.*}} strides [1, 1]
//       CHECK:   return %[[N]]
func.func @slices_pools_and_filter_gradients(%x: !x, %dy: !y) -> (!n, !v) {
  %p = dlc.max_pool %x window [3, 3] strides [1, 1] low [1, 1] high [1, 1] : (!x) -> !x
  %m = dlc.neg %p : !x
  %s = dlc.slice %m from [0, 0, 0, 0] to [B, 9, 8, 4] by [1, 2, 2, 1] : !x -> !n
  %g = dlc.conv_filter_grad %p, %dy strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !y) -> !v
  return %s, %g : !n, !v
}

// Steps that readers do not share: of 4 and of 2 there are 2 in common, along one dimension none.
// CHECK-LABEL: func @common_steps
//       CHECK:   dlc.avg_pool %{{.*}} window [2, 2] strides [1, 2]
//       CHECK:   dlc.conv {{.*}} strides [2, 1]
//       CHECK:   dlc.slice {{.*}} by [1, 1, 2, 1]
func.func @common_steps(%x: !x, %v: !v) -> (tensor<?x4x4x6xf32, #dlc.dims<[B, 4, 4, 6]>>, tensor<?x8x2x4xf32, #dlc.dims<[B, 8, 2, 4]>>) {
  %p = dlc.avg_pool %x window [2, 2] strides [1, 1] low [0, 0] high [0, 0] : (!x) -> tensor<?x8x7x4xf32, #dlc.dims<[B, 8, 7, 4]>>
  %y = dlc.conv %p, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (tensor<?x8x7x4xf32, #dlc.dims<[B, 8, 7, 4]>>, !v) -> tensor<?x4x4x6xf32, #dlc.dims<[B, 4, 4, 6]>>
  %s = dlc.slice %p from [0, 0, 0, 0] to [B, 8, 7, 4] by [1, 1, 4, 1] : tensor<?x8x7x4xf32, #dlc.dims<[B, 8, 7, 4]>> -> tensor<?x8x2x4xf32, #dlc.dims<[B, 8, 2, 4]>>
  return %y, %s : tensor<?x4x4x6xf32, #dlc.dims<[B, 4, 4, 6]>>, tensor<?x8x2x4xf32, #dlc.dims<[B, 8, 2, 4]>>
}

// -----

!x = tensor<?x8x8x4xf32, #dlc.dims<[B, 8, 8, 4]>>
!y = tensor<?x4x4x6xf32, #dlc.dims<[B, 4, 4, 6]>>
!z = tensor<?x3x3x6xf32, #dlc.dims<[B, 3, 3, 6]>>
!p = tensor<?x5x5x6xf32, #dlc.dims<[B, 5, 5, 6]>>
!s = tensor<?x4x8x4xf32, #dlc.dims<[B, 4, 8, 4]>>
!c = tensor<?x8x8x2xf32, #dlc.dims<[B, 8, 8, 2]>>
!v = tensor<1x1x4x6xf32>
// Another reader of all, a window of three taps, padding, a slice from 1, random numbers, channels.
// CHECK-LABEL: func @keeps_what_is_read
//   CHECK-DAG:   dlc.exp {{.*}} : tensor<?x8x8x4xf32
//   CHECK-DAG:   dlc.sin {{.*}} : tensor<?x8x8x4xf32
//   CHECK-DAG:   dlc.cos {{.*}} : tensor<?x8x8x4xf32
//   CHECK-DAG:   dlc.erf {{.*}} : tensor<?x8x8x4xf32
//   CHECK-DAG:   dlc.mul {{.*}} : tensor<?x8x8x4xf32
//   CHECK-DAG:   dlc.tanh {{.*}} : tensor<?x8x8x4xf32
//     CHECK-NOT:   strides [1, 1]
//       CHECK:   return
func.func @keeps_what_is_read(%x: !x, %v: !v, %w: tensor<3x3x4x6xf32>, %key: tensor<2xi64>) -> (!x, !y, !z, !p, !s, !y, !c) {
  %a = dlc.exp %x : !x
  %ya = dlc.conv %a, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  %b = dlc.sin %x : !x
  %yb = dlc.conv %b, %w strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, tensor<3x3x4x6xf32>) -> !z
  %c = dlc.cos %x : !x
  %yc = dlc.conv %c, %v strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !v) -> !p
  %d = dlc.erf %x : !x
  %yd = dlc.slice %d from [0, 1, 0, 0] to [B, 8, 8, 4] by [1, 2, 1, 1] : !x -> !s
  %u = dlc.random_uniform %key stream 0 : (tensor<2xi64>) -> !x
  %e = dlc.mul %x, %u : !x
  %ye = dlc.conv %e, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  %f = dlc.tanh %x : !x
  %yf = dlc.slice %f from [0, 0, 0, 0] to [B, 8, 8, 4] by [1, 1, 1, 2] : !x -> !c
  return %a, %ya, %yb, %yc, %yd, %ye, %yf : !x, !y, !z, !p, !s, !y, !c
}

// -----

!x = tensor<?x?x8x4xf32, #dlc.dims<[B, H, 8, 4]>>
!y = tensor<?x?x4x6xf32, #dlc.dims<[B, (H + 1) floordiv 2, 4, 6]>>
!v = tensor<1x1x4x6xf32>
// Along a symbolic size nothing is left out.
// CHECK-LABEL: func @symbolic_size
//       CHECK:   dlc.slice {{.*}} by [1, 1, 2, 1]
//       CHECK:   dlc.conv {{.*}} strides [2, 1]
func.func @symbolic_size(%x: !x, %v: !v) -> !y {
  %a = dlc.exp %x : !x
  %y = dlc.conv %a, %v strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] : (!x, !v) -> !y
  return %y : !y
}
