// RUN: dlc-opt %s --dlc-simplify=only=pair-reshape --split-input-file | FileCheck %s

!g = tensor<8x784x32x8xf32>
!i = tensor<8x28x28x256xf32>
!c = tensor<256xf32>

// Scale and offset of a group normalisation: in the sizes of the groups.
// CHECK-LABEL: func @sinks_below_scale
//  CHECK-SAME:   (%[[X:.*]]: tensor<8x784x32x8xf32>, %[[S:.*]]: tensor<256xf32>)
//   CHECK-DAG:   %[[Z:.*]] = dlc.exp %[[X]]
//   CHECK-DAG:   %[[SG:.*]] = dlc.reshape %[[S]] : tensor<256xf32> -> tensor<32x8xf32>
//       CHECK:   %[[SB:.*]] = dlc.broadcast %[[SG]] to [2, 3] : tensor<32x8xf32> -> tensor<8x784x32x8xf32>
//       CHECK:   %[[Y:.*]] = dlc.mul %[[Z]], %[[SB]] : tensor<8x784x32x8xf32>
//       CHECK:   %[[R:.*]] = dlc.reshape %[[Y]] : tensor<8x784x32x8xf32> -> tensor<8x28x28x256xf32>
//       CHECK:   return %[[R]]
func.func @sinks_below_scale(%x: !g, %s: !c) -> !i {
  %z = dlc.exp %x : !g
  %r = dlc.reshape %z : !g -> !i
  %b = dlc.broadcast %s to [3] : !c -> !i
  %y = dlc.mul %r, %b : !i
  return %y : !i
}

// -----

!g = tensor<8x784x32x8xf32>
!i = tensor<8x28x28x256xf32>

// An argument is in memory anyway; and a sum of whole pairs is one over there.
// CHECK-LABEL: func @sinks_below_sum
//  CHECK-SAME:   (%[[X:.*]]: tensor<8x784x32x8xf32>, %[[DY:.*]]: tensor<8x28x28x256xf32>)
//   CHECK-DAG:   %[[Z:.*]] = dlc.exp %[[X]]
//   CHECK-DAG:   %[[DG:.*]] = dlc.reshape %[[DY]] : tensor<8x28x28x256xf32> -> tensor<8x784x32x8xf32>
//       CHECK:   %[[M:.*]] = dlc.mul %[[DG]], %[[Z]]
//       CHECK:   %[[T:.*]] = dlc.sum %[[M]] over [0, 1] : tensor<8x784x32x8xf32> -> tensor<32x8xf32>
//       CHECK:   %[[R:.*]] = dlc.reshape %[[T]] : tensor<32x8xf32> -> tensor<256xf32>
//       CHECK:   return %[[R]]
func.func @sinks_below_sum(%x: !g, %dy: !i) -> tensor<256xf32> {
  %z = dlc.exp %x : !g
  %r = dlc.reshape %z : !g -> !i
  %m = dlc.mul %dy, %r : !i
  %t = dlc.sum %m over [0, 1, 2] : !i -> tensor<256xf32>
  return %t : tensor<256xf32>
}

// -----

!g = tensor<8x784x32x8xf32>
!i = tensor<8x28x28x256xf32>
!c = tensor<256xf32>

// CHECK-LABEL: func @lifts_above_arguments
//  CHECK-SAME:   (%[[DY:.*]]: tensor<8x28x28x256xf32>, %[[S:.*]]: tensor<256xf32>)
//   CHECK-DAG:   %[[DG:.*]] = dlc.reshape %[[DY]]
//   CHECK-DAG:   %[[SG:.*]] = dlc.reshape %[[S]] : tensor<256xf32> -> tensor<32x8xf32>
//       CHECK:   %[[SB:.*]] = dlc.broadcast %[[SG]] to [2, 3]
//       CHECK:   %[[Y:.*]] = dlc.mul %[[DG]], %[[SB]] : tensor<8x784x32x8xf32>
//       CHECK:   return %[[Y]]
func.func @lifts_above_arguments(%dy: !i, %s: !c) -> !g {
  %b = dlc.broadcast %s to [3] : !c -> !i
  %m = dlc.mul %dy, %b : !i
  %r = dlc.reshape %m : !i -> !g
  return %r : !g
}

// -----

!b = tensor<?x4x4x64xf32, #dlc.dims<[B, 4, 4, 64]>>
!h = tensor<?x1024xf32, #dlc.dims<[B, 1024]>>

// Symbols stand on both sides alike.
// CHECK-LABEL: func @keeps_symbols
//       CHECK:   dlc.broadcast %{{.*}} to [1, 2, 3] : tensor<4x4x64xf32> -> tensor<?x4x4x64xf32
//       CHECK:   dlc.add %{{.*}} : tensor<?x4x4x64xf32
func.func @keeps_symbols(%x: !b, %s: tensor<1024xf32>) -> !h {
  %z = dlc.exp %x : !b
  %r = dlc.reshape %z : !b -> !h
  %b = dlc.broadcast %s to [1] : tensor<1024xf32> -> !h
  %y = dlc.add %r, %b : !h
  return %y : !h
}

// -----

!g = tensor<8x784x32x8xf32>
!i = tensor<8x28x28x256xf32>

// Stay: a vector that takes a pair in part, a sum that does, and another value that is computed.
// CHECK-LABEL: func @stays
//       CHECK:   %[[R:.*]] = dlc.reshape %{{.*}} : tensor<8x784x32x8xf32> -> tensor<8x28x28x256xf32>
//       CHECK:   dlc.mul %[[R]], %{{.*}} : tensor<8x28x28x256xf32>
//       CHECK:   dlc.sum %[[R]] over [1]
//       CHECK:   dlc.add %[[R]], %{{.*}} : tensor<8x28x28x256xf32>
func.func @stays(%x: !g, %s: tensor<28xf32>, %o: !i) -> (!i, tensor<8x28x256xf32>, !i) {
  %z = dlc.exp %x : !g
  %r = dlc.reshape %z : !g -> !i
  %b = dlc.broadcast %s to [1] : tensor<28xf32> -> !i
  %y = dlc.mul %r, %b : !i
  %t = dlc.sum %r over [1] : !i -> tensor<8x28x256xf32>
  %p = dlc.exp %o : !i
  %q = dlc.add %r, %p : !i
  return %y, %t, %q : !i, tensor<8x28x256xf32>, !i
}
