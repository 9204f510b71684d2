// RUN: dlc-opt %s --dlc-simplify=only=undo-views --split-input-file | FileCheck %s

// CHECK-LABEL: func @takes_what_was_padded
//  CHECK-SAME:   (%[[X:.*]]: tensor<3xf32>, %{{.*}})
//       CHECK:   return %[[X]]
func.func @takes_what_was_padded(%x: tensor<3xf32>, %v: tensor<f32>) -> tensor<3xf32> {
  %p = dlc.pad %x, %v low [1] high [2] interior [1] : (tensor<3xf32>, tensor<f32>) -> tensor<8xf32>
  %y = dlc.slice %p from [1] to [6] by [2] : tensor<8xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// CHECK-LABEL: func @keeps_slice_into_padding
//       CHECK:   dlc.slice
func.func @keeps_slice_into_padding(%x: tensor<3xf32>, %v: tensor<f32>) -> tensor<3xf32> {
  %p = dlc.pad %x, %v low [1] high [2] interior [0] : (tensor<3xf32>, tensor<f32>) -> tensor<6xf32>
  %y = dlc.slice %p from [2] to [5] by [1] : tensor<6xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

!a = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!c = tensor<?x2xf32, #dlc.dims<[2*B, 2]>>
// CHECK-LABEL: func @takes_one_of_concatenated
//  CHECK-SAME:   (%[[A:.*]]: tensor<{{.*}}>, %[[B:.*]]: tensor<{{.*}}>)
//       CHECK:   return %[[A]], %[[B]]
func.func @takes_one_of_concatenated(%a: !a, %b: !a) -> (!a, !a) {
  %c = dlc.concat %a, %b axis 0 : (!a, !a) -> !c
  %x = dlc.slice %c from [0, 0] to [B, 2] by [1, 1] : !c -> !a
  %y = dlc.slice %c from [B, 0] to [2*B, 2] by [1, 1] : !c -> !a
  return %x, %y : !a, !a
}

// -----

// CHECK-LABEL: func @drops_empty_padding_and_double_reverse
//  CHECK-SAME:   (%[[X:.*]]: tensor<3xf32>, %{{.*}})
//       CHECK:   return %[[X]]
func.func @drops_empty_padding_and_double_reverse(%x: tensor<3xf32>, %v: tensor<f32>) -> tensor<3xf32> {
  %p = dlc.pad %x, %v low [0] high [0] interior [0] : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  %r = dlc.reverse %p over [0] : tensor<3xf32> -> tensor<3xf32>
  %y = dlc.reverse %r over [0] : tensor<3xf32> -> tensor<3xf32>
  return %y : tensor<3xf32>
}
