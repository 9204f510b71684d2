// RUN: dlc-opt %s --dlc-differentiate --split-input-file | FileCheck %s

!x = tensor<?x4xf32, #dlc.dims<[T, 4]>>
!h = tensor<4xf32>
!s = tensor<f32>
!i = tensor<i64>

// The forward loop stacks the two values that the reverse uses: the result of tanh and the
// carry. The reverse carries dh and the sum for the invariant, and stacks dx.
// CHECK-LABEL: func @reverses_scan
//  CHECK-SAME:   (%[[X:.*]]: tensor<?x4xf32, {{.*}}>, %[[W:.*]]: tensor<4xf32>, %[[H0:.*]]: tensor<4xf32>)
//       CHECK:   %[[F:.*]]:3 = dlc.scan inits(%[[H0]]) xs(%[[X]]) invariants(%[[W]]) trip T :
//       CHECK:     ^bb0(%{{.*}}: tensor<i64>, %[[C:.*]]: tensor<4xf32>, %{{.*}}, %{{.*}}):
//       CHECK:     %[[TANH:.*]] = dlc.tanh
//       CHECK:     dlc.yield %[[TANH]], %[[TANH]], %[[C]]
//       CHECK:   %[[R:.*]]:3 = dlc.scan inits(%{{.*}}, %{{.*}}) xs(%[[F]]#1, %[[F]]#2) invariants(%[[W]]) trip T reverse
//       CHECK:     ^bb0(%{{.*}}: tensor<i64>, %[[DC:.*]]: tensor<4xf32>, %[[DW:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>, %[[K:.*]]: tensor<4xf32>, %[[U:.*]]: tensor<4xf32>):
//       CHECK:     %[[YY:.*]] = dlc.mul %[[Y]], %[[Y]]
//       CHECK:     %[[P:.*]] = dlc.mul %[[DC]], %[[YY]]
//       CHECK:     %[[DB:.*]] = dlc.sub %[[DC]], %[[P]]
//       CHECK:     %[[DK:.*]] = dlc.mul %[[DB]], %[[U]]
//       CHECK:     %[[DU:.*]] = dlc.mul %[[DB]], %[[K]]
//       CHECK:     %[[SUM:.*]] = dlc.add %[[DW]], %[[DU]]
//       CHECK:     dlc.yield %[[DK]], %[[SUM]], %[[DB]]
//       CHECK:   return %[[R]]#2, %[[R]]#1, %[[R]]#0
func.func @reverses_scan(%x0: !x, %w0: !h, %h0: !h) -> (!x, !h, !h) {
  %x = dlc.watch 0 %x0 : !x
  %w = dlc.watch 1 %w0 : !h
  %h1 = dlc.watch 2 %h0 : !h
  %h = dlc.scan inits(%h1) xs(%x) invariants(%w) trip T : (!h, !x, !h) -> !h {
  ^bb0(%i: !i, %c: !h, %xi: !h, %u: !h):
    %a = dlc.mul %c, %u : !h
    %b = dlc.add %a, %xi : !h
    %t = dlc.tanh %b : !h
    dlc.yield %t : !h
  }
  %l = dlc.sum %h over [0] : !h -> !s
  %dx, %dw, %dh = dlc.gradient %l wrt(%x, %w, %h1) : !s -> (!x, !h, !h)
  return %dx, %dw, %dh : !x, !h, !h
}

// -----

!s = tensor<f32>

// Residuals of both branches are results, zeros for the one not taken; so are derivatives.
// CHECK-LABEL: func @reverses_if
//       CHECK:   %[[F:.*]]:3 = dlc.if %[[P:.*]](%[[A:.*]], %[[B:.*]]) :
//       CHECK:     %[[EXP:.*]] = dlc.exp
//       CHECK:     %[[Z:.*]] = dlc.constant dense<0.0
//       CHECK:     dlc.yield %[[EXP]], %[[EXP]], %[[Z]]
//       CHECK:   } else {
//       CHECK:     %[[TANH:.*]] = dlc.tanh
//       CHECK:     %[[M:.*]] = dlc.mul %[[TANH]]
//       CHECK:     %[[Z2:.*]] = dlc.constant dense<0.0
//       CHECK:     dlc.yield %[[M]], %[[Z2]], %[[TANH]]
//       CHECK:   %[[R:.*]]:2 = dlc.if %[[P]](%{{.*}}, %[[A]], %[[F]]#1, %[[F]]#2)
//       CHECK:     %[[DA:.*]] = dlc.mul
//       CHECK:     %[[Z3:.*]] = dlc.constant dense<0.0
//       CHECK:     dlc.yield %[[DA]], %[[Z3]]
//       CHECK:   return %[[R]]#0, %[[R]]#1
func.func @reverses_if(%p: tensor<i1>, %a0: !s, %b0: !s) -> (!s, !s) {
  %a = dlc.watch 0 %a0 : !s
  %b = dlc.watch 1 %b0 : !s
  %l = dlc.if %p(%a, %b) : (tensor<i1>, !s, !s) -> !s then {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.exp %u : !s
    dlc.yield %e : !s
  } else {
  ^bb0(%u: !s, %v: !s):
    %e = dlc.tanh %v : !s
    %f = dlc.mul %e, %u : !s
    dlc.yield %f : !s
  }
  %da, %db = dlc.gradient %l wrt(%a, %b) : !s -> (!s, !s)
  return %da, %db : !s, !s
}

// -----

!s = tensor<f32>

// The loop becomes a scan of its bound whose body runs while the condition holds.
// CHECK-LABEL: func @reverses_bounded_while
//   CHECK-NOT:   dlc.while
//       CHECK:   dlc.scan {{.*}} trip 8 :
//       CHECK:     %[[HOLDS:.*]] = dlc.compare lt
//       CHECK:     %[[GOES:.*]] = dlc.and %{{.*}}, %[[HOLDS]]
//       CHECK:     dlc.if %[[GOES]]
//       CHECK:   dlc.scan {{.*}} trip 8 reverse
//   CHECK-NOT:   dlc.while
func.func @reverses_bounded_while(%a0: !s, %w: !s) -> !s {
  %a = dlc.watch 0 %a0 : !s
  %l = dlc.while inits(%a) invariants(%w) max_trip 8 : (!s, !s) -> !s {
  ^bb0(%c: !s, %u: !s):
    %ten = dlc.constant dense<10.0> : !s
    %p = dlc.compare lt %c, %ten : (!s, !s) -> tensor<i1>
    dlc.yield %p : tensor<i1>
  } do {
  ^bb0(%c: !s, %u: !s):
    %n = dlc.mul %c, %u : !s
    dlc.yield %n : !s
  }
  %da = dlc.gradient %l wrt(%a) : !s -> (!s)
  return %da : !s
}
