// RUN: dlc-opt %s --dlc-simplify=only=fold-pads --split-input-file | FileCheck %s

!x = tensor<?x8x9x3xf32, #dlc.dims<[B, 8, 9, 3]>>
!p = tensor<?x14x14x3xf32, #dlc.dims<[B, 14, 14, 3]>>
!w = tensor<5x4x3x4xf32>
!y = tensor<?x5x6x4xf32, #dlc.dims<[B, 5, 6, 4]>>
// CHECK-LABEL: func @convolves_what_was_padded
//  CHECK-SAME:   (%[[X:.*]]: tensor<?x8x9x3xf32
//       CHECK:   dlc.conv %[[X]], %{{.*}} strides [2, 2] low [3, 3] high [3, 3]
func.func @convolves_what_was_padded(%x: !x, %w: !w) -> !y {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %p = dlc.pad %x, %zero low [0, 3, 2, 0] high [0, 3, 3, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !p
  %y = dlc.conv %p, %w strides [2, 2] low [0, 1] high [0, 0] dilations [1, 1] groups 1 : (!p, !w) -> !y
  return %y : !y
}

// -----

!x = tensor<1x4x4x3xf32>
!p = tensor<1x6x6x3xf32>
!w = tensor<3x3x3x4xf32>
!y = tensor<1x4x4x4xf32>
// CHECK-LABEL: func @keeps_pad_of_others
//       CHECK:   %[[P:.*]] = dlc.pad
//       CHECK:   dlc.conv %[[P]]
func.func @keeps_pad_of_others(%x: !x, %w: !w) -> (!y, !p) {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %p = dlc.pad %x, %zero low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !p
  %y = dlc.conv %p, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1 : (!p, !w) -> !y
  return %y, %p : !y, !p
}
// CHECK-LABEL: func @keeps_ones_and_channels_and_gaps
//       CHECK:   %[[P:.*]] = dlc.pad
//       CHECK:   dlc.conv %[[P]]
//       CHECK:   %[[C:.*]] = dlc.pad
//       CHECK:   dlc.conv %[[C]]
//       CHECK:   %[[G:.*]] = dlc.pad
//       CHECK:   dlc.conv %[[G]]
func.func @keeps_ones_and_channels_and_gaps(%x: !x, %v: tensor<1x6x6x1xf32>, %g: tensor<1x3x3x3xf32>, %w: !w) -> (!y, !y, !y) {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %one = dlc.constant dense<1.0> : tensor<f32>
  %p = dlc.pad %x, %one low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !p
  %y = dlc.conv %p, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1 : (!p, !w) -> !y
  %c = dlc.pad %v, %zero low [0, 0, 0, 1] high [0, 0, 0, 1] interior [0, 0, 0, 0] : (tensor<1x6x6x1xf32>, tensor<f32>) -> !p
  %z = dlc.conv %c, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1 : (!p, !w) -> !y
  %h = dlc.pad %g, %zero low [0, 0, 0, 0] high [0, 1, 1, 0] interior [0, 1, 1, 0] : (tensor<1x3x3x3xf32>, tensor<f32>) -> !p
  %u = dlc.conv %h, %w strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1 : (!p, !w) -> !y
  return %y, %z, %u : !y, !y, !y
}

// -----

!x = tensor<?x6x6x2xf32, #dlc.dims<[B, 6, 6, 2]>>
!p = tensor<?x8x8x2xf32, #dlc.dims<[B, 8, 8, 2]>>
!y = tensor<?x3x3x2xf32, #dlc.dims<[B, 3, 3, 2]>>
!q = tensor<?x10x10x2xf32, #dlc.dims<[B, 10, 10, 2]>>
!z = tensor<?x5x5x2xf32, #dlc.dims<[B, 5, 5, 2]>>
// CHECK-LABEL: func @pools_what_was_padded_behind_a_relu
//       CHECK:   %[[R:.*]] = dlc.relu
//       CHECK:   dlc.max_pool %[[R]] window [3, 3] strides [2, 2] low [1, 1] high [1, 1]
func.func @pools_what_was_padded_behind_a_relu(%x: !x) -> !y {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %r = dlc.relu %x : !x
  %p = dlc.pad %r, %zero low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !p
  %y = dlc.max_pool %p window [3, 3] strides [2, 2] low [0, 0] high [0, 0] : (!p) -> !y
  return %y : !y
}
// Zeros are larger than what they stand beside, or alone in a window.
// CHECK-LABEL: func @keeps_pad_of_negatives_and_windows_of_padding
//       CHECK:   %[[P:.*]] = dlc.pad
//       CHECK:   dlc.max_pool %[[P]]
//       CHECK:   %[[Q:.*]] = dlc.pad
//       CHECK:   dlc.max_pool %[[Q]]
func.func @keeps_pad_of_negatives_and_windows_of_padding(%x: !x) -> (!y, !z) {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %p = dlc.pad %x, %zero low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !p
  %y = dlc.max_pool %p window [3, 3] strides [2, 2] low [0, 0] high [0, 0] : (!p) -> !y
  %r = dlc.relu %x : !x
  %q = dlc.pad %r, %zero low [0, 2, 2, 0] high [0, 2, 2, 0] interior [0, 0, 0, 0] : (!x, tensor<f32>) -> !q
  %z = dlc.max_pool %q window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!q) -> !z
  return %y, %z : !y, !z
}
