// RUN: dlc-opt %s --dlc-simplify=only=prune-control --split-input-file | FileCheck %s

!s = tensor<f32>
!x = tensor<?xf32, #dlc.dims<[T]>>
!i = tensor<i64>

// The unused stack, the operand that only it read and the twin of the other stack go.
// CHECK-LABEL: func @drops_unused_and_equal_stacks
//  CHECK-SAME:   (%[[H:.*]]: tensor<f32>, %[[X:.*]]: tensor<{{.*}}>, %{{.*}}: tensor<f32>)
//       CHECK:   %[[R:.*]]:2 = dlc.scan inits(%[[H]]) xs(%[[X]]) invariants() trip T :
//       CHECK:     %[[N:.*]] = dlc.add
//   CHECK-NOT:     dlc.exp
//       CHECK:     dlc.yield %[[N]], %[[N]]
//       CHECK:   return %[[R]]#0, %[[R]]#1, %[[R]]#1
func.func @drops_unused_and_equal_stacks(%h: !s, %x: !x, %w: !s) -> (!s, !x, !x) {
  %r:4 = dlc.scan inits(%h) xs(%x) invariants(%w) trip T : (!s, !x, !s) -> (!s, !x, !x, !x) {
  ^bb0(%i: !i, %c: !s, %e: !s, %u: !s):
    %n = dlc.add %c, %e : !s
    %d = dlc.exp %u : !s
    dlc.yield %n, %n, %d, %n : !s, !s, !s, !s
  }
  return %r#0, %r#1, %r#3 : !s, !x, !x
}

// -----

!s = tensor<f32>
!i = tensor<i64>

// The second carry feeds itself only, the third never changes.
// CHECK-LABEL: func @drops_idle_carries
//  CHECK-SAME:   (%[[A:.*]]: tensor<f32>, %[[B:.*]]: tensor<f32>, %[[C:.*]]: tensor<f32>)
//       CHECK:   %[[R:.*]] = dlc.scan inits(%[[A]]) xs() invariants(%[[C]]) trip 5 :
//       CHECK:     ^bb0(%{{.*}}: tensor<i64>, %[[K:.*]]: tensor<f32>, %[[U:.*]]: tensor<f32>):
//       CHECK:     %[[N:.*]] = dlc.mul %[[K]], %[[U]]
//       CHECK:     dlc.yield %[[N]] :
//       CHECK:   return %[[R]], %[[C]]
func.func @drops_idle_carries(%a: !s, %b: !s, %c: !s) -> (!s, !s) {
  %r:3 = dlc.scan inits(%a, %b, %c) xs() invariants() trip 5 : (!s, !s, !s) -> (!s, !s, !s) {
  ^bb0(%i: !i, %k: !s, %l: !s, %m: !s):
    %n = dlc.mul %k, %m : !s
    %o = dlc.exp %l : !s
    dlc.yield %n, %o, %m : !s, !s, !s
  }
  return %r#0, %r#2 : !s, !s
}

// -----

!s = tensor<f32>
!i = tensor<i64>

// CHECK-LABEL: func @keeps_needed_scan
//       CHECK:   dlc.scan inits(%{{.*}}) xs() invariants(%{{.*}}) trip 5
func.func @keeps_needed_scan(%a: !s, %w: !s) -> !s {
  %r = dlc.scan inits(%a) xs() invariants(%w) trip 5 : (!s, !s) -> !s {
  ^bb0(%i: !i, %k: !s, %u: !s):
    %n = dlc.mul %k, %u : !s
    dlc.yield %n : !s
  }
  return %r : !s
}

// -----

!s = tensor<f32>

// CHECK-LABEL: func @drops_from_if
//  CHECK-SAME:   (%[[P:.*]]: tensor<i1>, %[[A:.*]]: tensor<f32>, %[[B:.*]]: tensor<f32>)
//       CHECK:   %[[R:.*]] = dlc.if %[[P]](%[[A]]) :
//   CHECK-NOT:     dlc.tanh
//       CHECK:   return %[[R]], %[[R]]
func.func @drops_from_if(%p: tensor<i1>, %a: !s, %b: !s) -> (!s, !s) {
  %r:3 = dlc.if %p(%a, %b) : (tensor<i1>, !s, !s) -> (!s, !s, !s) then {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.exp %u : !s
    %t = dlc.tanh %v : !s
    dlc.yield %e, %t, %e : !s, !s, !s
  } else {
  ^bb0(%u: !s, %v: !s):
    dlc.yield %u, %v, %u : !s, !s, !s
  }
  return %r#0, %r#2 : !s, !s
}
