// RUN: dlc-opt %s --dlc-recompute --split-input-file | FileCheck %s

!h = tensor<4xf32>
!hs = tensor<?x4xf32, #dlc.dims<[T, 4]>>
!i = tensor<i64>

// The carry is stacked for the reverse anyway; tanh of its product is computed from it.
// CHECK-LABEL: func @shrinks_cheap_stack
//  CHECK-SAME:   (%[[H:.*]]: tensor<4xf32>, %[[W:.*]]: tensor<4xf32>)
//       CHECK:   %[[F:.*]]:2 = dlc.scan inits(%[[H]]) xs() invariants(%[[W]]) trip T :
//       CHECK:     ^bb0(%{{.*}}: tensor<i64>, %[[C:.*]]: tensor<4xf32>, %{{.*}}: tensor<4xf32>):
//       CHECK:     dlc.yield %{{.*}}, %[[C]]
//       CHECK:   dlc.scan inits(%[[F]]#0) xs(%[[F]]#1) invariants(%[[W]]) trip T reverse
//       CHECK:     ^bb0(%{{.*}}: tensor<i64>, %[[D:.*]]: tensor<4xf32>, %[[K:.*]]: tensor<4xf32>, %[[U:.*]]: tensor<4xf32>):
//       CHECK:     %[[A:.*]] = dlc.mul %[[K]], %[[U]]
//       CHECK:     %[[T:.*]] = dlc.tanh %[[A]]
//       CHECK:     dlc.mul %[[D]], %[[T]]
func.func @shrinks_cheap_stack(%h: !h, %w: !h) -> !h {
  %f:3 = dlc.scan inits(%h) xs() invariants(%w) trip T : (!h, !h) -> (!h, !hs, !hs) {
  ^bb0(%i: !i, %c: !h, %u: !h):
    %a = dlc.mul %c, %u : !h
    %t = dlc.tanh %a : !h
    dlc.yield %t, %t, %c : !h, !h, !h
  }
  %r = dlc.scan inits(%f#0) xs(%f#1, %f#2) invariants() trip T reverse : (!h, !hs, !hs) -> !h {
  ^bb0(%i: !i, %d: !h, %t: !h, %c: !h):
    %e = dlc.mul %d, %t : !h
    %n = dlc.mul %e, %c : !h
    dlc.yield %n : !h
  }
  return %r : !h
}

// -----

!h = tensor<4xf32>
!hs = tensor<?x4xf32, #dlc.dims<[T, 4]>>
!i = tensor<i64>

// Stays: without the carry's stack there is nothing to compute it from.
// CHECK-LABEL: func @keeps_stack_without_source
//       CHECK:   %[[F:.*]]:2 = dlc.scan
//       CHECK:   dlc.scan inits(%[[F]]#0) xs(%[[F]]#1)
func.func @keeps_stack_without_source(%h: !h) -> !h {
  %f:2 = dlc.scan inits(%h) xs() invariants() trip T : (!h) -> (!h, !hs) {
  ^bb0(%i: !i, %c: !h):
    %t = dlc.tanh %c : !h
    dlc.yield %t, %t : !h, !h
  }
  %r = dlc.scan inits(%f#0) xs(%f#1) invariants() trip T reverse : (!h, !hs) -> !h {
  ^bb0(%i: !i, %d: !h, %t: !h):
    %e = dlc.mul %d, %t : !h
    dlc.yield %e : !h
  }
  return %r : !h
}

// -----

!m = tensor<4x4xf32>
!h = tensor<4xf32>
!hs = tensor<?x4xf32, #dlc.dims<[T, 4]>>
!i = tensor<i64>

// Stays: a contraction is not computed twice.
// CHECK-LABEL: func @keeps_stack_of_contraction
//       CHECK:   %[[F:.*]]:3 = dlc.scan
//       CHECK:   dlc.scan inits(%[[F]]#0) xs(%[[F]]#1, %[[F]]#2)
func.func @keeps_stack_of_contraction(%h: !h, %w: !m) -> !h {
  %f:3 = dlc.scan inits(%h) xs() invariants(%w) trip T : (!h, !m) -> (!h, !hs, !hs) {
  ^bb0(%i: !i, %c: !h, %u: !m):
    %t = dlc.contract %c, %u reduce [0] x [0] : (!h, !m) -> !h
    dlc.yield %t, %t, %c : !h, !h, !h
  }
  %r = dlc.scan inits(%f#0) xs(%f#1, %f#2) invariants() trip T reverse : (!h, !hs, !hs) -> !h {
  ^bb0(%i: !i, %d: !h, %t: !h, %c: !h):
    %e = dlc.mul %d, %t : !h
    %n = dlc.mul %e, %c : !h
    dlc.yield %n : !h
  }
  return %r : !h
}
