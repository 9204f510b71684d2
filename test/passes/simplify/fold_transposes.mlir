// RUN: dlc-opt %s --dlc-simplify=only=fold-transposes --split-input-file | FileCheck %s

!q = tensor<2x8x?x16xf32, #dlc.dims<[2, 8, T, 16]>>
!t = tensor<2x?x8x16xf32, #dlc.dims<[2, T, 8, 16]>>
!s = tensor<2x8x?x?xf32, #dlc.dims<[2, 8, T, T]>>

// CHECK-LABEL: func @absorbs_operand_transposes
//  CHECK-SAME:   (%[[Q:.*]]: {{.*}}, %[[K:.*]]: {{.*}})
//       CHECK:   %[[R:.*]] = dlc.contract %[[Q]], %[[K]] batch [0, 2] x [0, 2] reduce [3] x [3]
//       CHECK:   return %[[R]]
func.func @absorbs_operand_transposes(%q: !t, %k: !t) -> !s {
  %qt = dlc.transpose %q [0, 2, 1, 3] : !t -> !q
  %kt = dlc.transpose %k [0, 2, 1, 3] : !t -> !q
  %r = dlc.contract %qt, %kt batch [0, 1] x [0, 1] reduce [3] x [3] : (!q, !q) -> !s
  return %r : !s
}

// -----

// CHECK-LABEL: func @exchanges_operands
//  CHECK-SAME:   (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<3x4xf32>)
//       CHECK:   %[[R:.*]] = dlc.contract %[[B]], %[[A]] reduce [0] x [1]
//       CHECK:   return %[[R]]
func.func @exchanges_operands(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<4x2xf32> {
  %c = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %t = dlc.transpose %c [1, 0] : tensor<2x4xf32> -> tensor<4x2xf32>
  return %t : tensor<4x2xf32>
}

// -----

// Stays: the free dimensions would come in another order.
// CHECK-LABEL: func @keeps_reordered_free_dimensions
//       CHECK:   dlc.transpose
//       CHECK:   dlc.contract
func.func @keeps_reordered_free_dimensions(%a: tensor<3x2x5xf32>, %b: tensor<5x4xf32>) -> tensor<2x3x4xf32> {
  %t = dlc.transpose %a [1, 0, 2] : tensor<3x2x5xf32> -> tensor<2x3x5xf32>
  %c = dlc.contract %t, %b reduce [2] x [0] : (tensor<2x3x5xf32>, tensor<5x4xf32>) -> tensor<2x3x4xf32>
  return %c : tensor<2x3x4xf32>
}

// -----

// Stays: another user needs the contraction as it is.
// CHECK-LABEL: func @keeps_shared_contraction
//       CHECK:   dlc.contract
//       CHECK:   dlc.transpose
func.func @keeps_shared_contraction(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> (tensor<2x4xf32>, tensor<4x2xf32>) {
  %c = dlc.contract %a, %b reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %t = dlc.transpose %c [1, 0] : tensor<2x4xf32> -> tensor<4x2xf32>
  return %c, %t : tensor<2x4xf32>, tensor<4x2xf32>
}
