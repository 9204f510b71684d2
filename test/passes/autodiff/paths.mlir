// RUN: dlc-opt %s --dlc-differentiate --split-input-file | FileCheck %s

// Both uses of %x hand something back; it is added once.
// CHECK-LABEL: func @accumulates_shared_value
//  CHECK-SAME:   (%[[X:.*]]: tensor<f32>)
//       CHECK:   %[[S:.*]] = dlc.sin %[[X]]
//       CHECK:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   %[[A:.*]] = dlc.mul %[[ONE]], %[[S]]
//       CHECK:   %[[B:.*]] = dlc.mul %[[ONE]], %[[X]]
//       CHECK:   %[[COS:.*]] = dlc.cos %[[X]]
//       CHECK:   %[[C:.*]] = dlc.mul %[[B]], %[[COS]]
//       CHECK:   %[[D:.*]] = dlc.add %[[A]], %[[C]]
//       CHECK:   return %[[D]]
func.func @accumulates_shared_value(%x0: tensor<f32>) -> tensor<f32> {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %s = dlc.sin %x : tensor<f32>
  %l = dlc.mul %x, %s : tensor<f32>
  %d = dlc.gradient %l wrt(%x) : tensor<f32> -> (tensor<f32>)
  return %d : tensor<f32>
}

// -----

// The same value watched twice is two targets: each sees its own uses only.
// CHECK-LABEL: func @keeps_two_watches_apart
//  CHECK-SAME:   (%[[X:.*]]: tensor<f32>)
//   CHECK-DAG:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   %[[N:.*]] = dlc.neg %[[ONE]]
//       CHECK:   return %[[ONE]], %[[N]]
func.func @keeps_two_watches_apart(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %a = dlc.watch 0 %x : tensor<f32>
  %b = dlc.watch 1 %x : tensor<f32>
  %l = dlc.sub %a, %b : tensor<f32>
  %da, %db = dlc.gradient %l wrt(%a, %b) : tensor<f32> -> (tensor<f32>, tensor<f32>)
  return %da, %db : tensor<f32>, tensor<f32>
}

// -----

// A target in the middle of the path does not cut it off for the one before.
// CHECK-LABEL: func @passes_intermediate_target
//  CHECK-SAME:   (%[[X:.*]]: tensor<f32>)
//       CHECK:   %[[E:.*]] = dlc.exp %[[X]]
//       CHECK:   %[[L:.*]] = dlc.exp %[[E]]
//       CHECK:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   %[[DE:.*]] = dlc.mul %[[ONE]], %[[L]]
//       CHECK:   %[[DX:.*]] = dlc.mul %[[DE]], %[[E]]
//       CHECK:   return %[[DX]], %[[DE]]
func.func @passes_intermediate_target(%x0: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %e0 = dlc.exp %x : tensor<f32>
  %e = dlc.watch 1 %e0 : tensor<f32>
  %l = dlc.exp %e : tensor<f32>
  %dx, %de = dlc.gradient %l wrt(%x, %e) : tensor<f32> -> (tensor<f32>, tensor<f32>)
  return %dx, %de : tensor<f32>, tensor<f32>
}

// -----

// What is not on the path is not asked: argmax and integers have no derivative to give.
// CHECK-LABEL: func @ignores_integers_beside_the_path
//       CHECK:   dlc.scatter_add
//       CHECK:   return
func.func @ignores_integers_beside_the_path(%t0: tensor<5x3xf32>, %p: tensor<4x5xf32>) -> tensor<5x3xf32> {
  %t = dlc.watch 0 %t0 : tensor<5x3xf32>
  %i = dlc.argmax %p over 1 : tensor<4x5xf32> -> tensor<4xi32>
  %g = dlc.gather %t, %i axis 0 : (tensor<5x3xf32>, tensor<4xi32>) -> tensor<4x3xf32>
  %l = dlc.sum %g over [0, 1] : tensor<4x3xf32> -> tensor<f32>
  %d = dlc.gradient %l wrt(%t) : tensor<f32> -> (tensor<5x3xf32>)
  return %d : tensor<5x3xf32>
}

// -----

// CHECK-LABEL: func @stops_at_stop_gradient
//  CHECK-SAME:   (%[[X:.*]]: tensor<f32>)
//   CHECK-NOT:   dlc.stop_gradient
//       CHECK:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   %[[D:.*]] = dlc.mul %[[ONE]], %[[X]]
//       CHECK:   return %[[D]]
func.func @stops_at_stop_gradient(%x0: tensor<f32>) -> tensor<f32> {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %k = dlc.stop_gradient %x : tensor<f32>
  %l = dlc.mul %x, %k : tensor<f32>
  %d = dlc.gradient %l wrt(%x) : tensor<f32> -> (tensor<f32>)
  return %d : tensor<f32>
}

// -----

// CHECK-LABEL: func @gives_zeros_to_unused
//       CHECK:   %[[Z:.*]] = dlc.constant dense<0.0
//       CHECK:   %[[ZS:.*]] = dlc.broadcast %[[Z]] to []
//       CHECK:   return %{{.*}}, %[[ZS]]
func.func @gives_zeros_to_unused(%x: tensor<f32>, %u: tensor<2xf32>) -> (tensor<f32>, tensor<2xf32>) {
  %l = dlc.exp %x : tensor<f32>
  %dx, %du = dlc.gradient %l wrt(%x, %u) allow_unused : tensor<f32> -> (tensor<f32>, tensor<2xf32>)
  return %dx, %du : tensor<f32>, tensor<2xf32>
}

// -----

// The second derivative of x^3 written as products: 6x from plain ops.
// CHECK-LABEL: func @differentiates_twice
//   CHECK-NOT:   dlc.gradient
//       CHECK:   dlc.mul
//       CHECK:   return
func.func @differentiates_twice(%x0: tensor<f32>) -> tensor<f32> {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %s = dlc.mul %x, %x : tensor<f32>
  %c = dlc.mul %s, %x : tensor<f32>
  %d = dlc.gradient %c wrt(%x) : tensor<f32> -> (tensor<f32>)
  %dd = dlc.gradient %d wrt(%x) : tensor<f32> -> (tensor<f32>)
  return %dd : tensor<f32>
}

// -----

// The user's derivative is taken, and `forward` stays as plain ops.
// CHECK-LABEL: func @asks_custom_gradient
//  CHECK-SAME:   (%[[X:.*]]: tensor<f32>)
//   CHECK-NOT:   dlc.custom_gradient
//       CHECK:   %[[R:.*]] = dlc.round %[[X]]
//       CHECK:   %[[ONE:.*]] = dlc.constant dense<1.0
//       CHECK:   return %[[R]], %[[ONE]]
func.func @asks_custom_gradient(%x0: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %x = dlc.watch 0 %x0 : tensor<f32>
  %l = dlc.custom_gradient (%x) : (tensor<f32>) -> tensor<f32> forward {
  ^bb0(%a: tensor<f32>):
    %r = dlc.round %a : tensor<f32>
    dlc.yield %r : tensor<f32>
  } backward {
  ^bb0(%a: tensor<f32>, %y: tensor<f32>, %dy: tensor<f32>):
    dlc.yield %dy : tensor<f32>
  }
  %d = dlc.gradient %l wrt(%x) : tensor<f32> -> (tensor<f32>)
  return %l, %d : tensor<f32>, tensor<f32>
}

// -----

!x = tensor<2x8x6xf32>
!y = tensor<2x4x6xf32>
// Winners are taken where the pool is: %x need not be kept.
// CHECK-LABEL: func @keeps_winners_of_a_pool
//       CHECK:   %[[X:.*]] = dlc.exp
//       CHECK:   dlc.max_pool %[[X]]
//  CHECK-NEXT:   %[[W:.*]] = dlc.max_pool_winners %[[X]] window [2] strides [2] low [0] high [0]
//       CHECK:   dlc.sum
//       CHECK:   dlc.max_pool_scatter %[[W]]
func.func @keeps_winners_of_a_pool(%x0: !x) -> (tensor<f32>, !x) {
  %x = dlc.watch 0 %x0 : !x
  %e = dlc.exp %x : !x
  %y = dlc.max_pool %e window [2] strides [2] low [0] high [0] : (!x) -> !y
  %l = dlc.sum %y over [0, 1, 2] : !y -> tensor<f32>
  %d = dlc.gradient %l wrt(%x) : tensor<f32> -> (!x)
  return %l, %d : tensor<f32>, !x
}

// -----

!x = tensor<1x144x1xf32>
!y = tensor<1x1x1xf32>
// Bytes do not number so many positions.
// CHECK-LABEL: func @keeps_what_a_large_window_reads
//       CHECK:   dlc.max_pool_grad
func.func @keeps_what_a_large_window_reads(%x0: !x) -> !x {
  %x = dlc.watch 0 %x0 : !x
  %y = dlc.max_pool %x window [144] strides [1] low [0] high [0] : (!x) -> !y
  %l = dlc.sum %y over [0, 1, 2] : !y -> tensor<f32>
  %d = dlc.gradient %l wrt(%x) : tensor<f32> -> (!x)
  return %d : !x
}
