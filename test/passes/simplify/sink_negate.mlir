// RUN: dlc-opt %s --dlc-simplify=only=sink-negate --split-input-file | FileCheck %s

// CHECK-LABEL: func @sinks_through_product
//  CHECK-SAME:   (%[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>)
//       CHECK:   %[[M:.*]] = dlc.mul %[[A]], %[[B]]
//       CHECK:   %[[R:.*]] = dlc.neg %[[M]]
//       CHECK:   return %[[R]]
func.func @sinks_through_product(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %n = dlc.neg %a : tensor<4xf32>
  %r = dlc.mul %n, %b : tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// Stays: moving it would duplicate the negation.
// CHECK-LABEL: func @keeps_shared_negation
//       CHECK:   %[[N:.*]] = dlc.neg
//       CHECK:   dlc.mul %[[N]]
func.func @keeps_shared_negation(%a: tensor<4xf32>, %b: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  %n = dlc.neg %a : tensor<4xf32>
  %r = dlc.mul %n, %b : tensor<4xf32>
  return %n, %r : tensor<4xf32>, tensor<4xf32>
}

// -----

// Two negations meet below a contraction and are gone.
// CHECK-LABEL: func @cancels_pairs
//  CHECK-SAME:   (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<3x4xf32>)
//       CHECK:   %[[C:.*]] = dlc.contract %[[A]], %[[B]]
//       CHECK:   return %[[C]]
func.func @cancels_pairs(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %na = dlc.neg %a : tensor<2x3xf32>
  %nb = dlc.neg %b : tensor<3x4xf32>
  %c = dlc.contract %na, %nb reduce [1] x [0] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %c : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func @turns_sum_into_difference
//  CHECK-SAME:   (%[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>)
//       CHECK:   %[[D:.*]] = dlc.sub %[[A]], %[[B]]
//       CHECK:   %[[E:.*]] = dlc.add %[[A]], %[[B]]
//       CHECK:   return %[[D]], %[[E]]
func.func @turns_sum_into_difference(%a: tensor<4xf32>, %b: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  %n = dlc.neg %b : tensor<4xf32>
  %d = dlc.add %n, %a : tensor<4xf32>
  %e = dlc.sub %a, %n : tensor<4xf32>
  return %d, %e : tensor<4xf32>, tensor<4xf32>
}
