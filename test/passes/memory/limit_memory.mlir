// RUN: dlc-opt %s --dlc-plan-memory --dlc-limit-memory="bytes=13000 bindings=B=1000" | FileCheck %s
// RUN: not dlc-opt %s --dlc-plan-memory --dlc-limit-memory="bytes=100 bindings=B=1000" 2>&1 | FileCheck %s --check-prefix LEAST
// RUN: not dlc-opt %s --dlc-plan-memory --dlc-limit-memory=bytes=100 2>&1 | FileCheck %s --check-prefix UNBOUND

// The exp of the input is used before and after the tanhs, where most memory is in use: it is
// computed again for its last use, the sum, which is small, is kept.
// CHECK-LABEL: dlc.entry @repeats_what_is_kept_over_the_peak
//  CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?xf32
//       CHECK: %[[A:.*]] = dlc.dispatch @exp(%[[X]])
//       CHECK: %[[B:.*]] = dlc.dispatch @tanh(%[[A]])
//       CHECK: %[[S:.*]] = dlc.dispatch @sum(%[[A]])
//       CHECK: %[[C:[0-9]+]]:2 = dlc.dispatch @both(%[[B]])
//       CHECK: %[[D:.*]] = dlc.dispatch @mul(%[[C]]#0, %[[C]]#1)
//       CHECK: %[[A2:.*]] = dlc.dispatch @exp(%[[X]])
//       CHECK: dlc.dispatch @scale(%[[D]], %[[A2]], %[[S]])
// LEAST: error: 'dlc.entry' op takes 16192 bytes, and 12096 at least, of the 100 that it may
// UNBOUND: error: 'dlc.entry' op has sizes that no binding gives
!x = tensor<?xf32, #dlc.dims<[B]>>
!s = tensor<f32>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.kernel_func @exp pointwise symbols ["B"] {
^bb0(%a: !x):
  %0 = dlc.exp %a : !x
  dlc.yield %0 : !x
}
dlc.kernel_func @tanh pointwise symbols ["B"] {
^bb0(%a: !x):
  %0 = dlc.tanh %a : !x
  dlc.yield %0 : !x
}
dlc.kernel_func @sum reduce symbols ["B"] {
^bb0(%a: !x):
  %0 = dlc.sum %a over [0] : !x -> !s
  dlc.yield %0 : !s
}
dlc.kernel_func @both pointwise symbols ["B"] {
^bb0(%a: !x):
  %0 = dlc.neg %a : !x
  %1 = dlc.abs %a : !x
  dlc.yield %0, %1 : !x, !x
}
dlc.kernel_func @mul pointwise symbols ["B"] {
^bb0(%a: !x, %b: !x):
  %0 = dlc.mul %a, %b : !x
  dlc.yield %0 : !x
}
dlc.kernel_func @scale pointwise symbols ["B"] {
^bb0(%a: !x, %b: !x, %s: !s):
  %0 = dlc.broadcast %s to [] : !s -> !x
  %1 = dlc.mul %a, %b : !x
  %2 = dlc.mul %1, %0 : !x
  dlc.yield %2 : !x
}
dlc.entry @repeats_what_is_kept_over_the_peak(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
  %a = dlc.dispatch @exp(%x) : (!x) -> !x
  %b = dlc.dispatch @tanh(%a) : (!x) -> !x
  %s = dlc.dispatch @sum(%a) : (!x) -> !s
  %c:2 = dlc.dispatch @both(%b) : (!x) -> (!x, !x)
  %d = dlc.dispatch @mul(%c#0, %c#1) : (!x, !x) -> !x
  %y = dlc.dispatch @scale(%d, %a, %s) : (!x, !x, !s) -> !x
  dlc.return %y : !x
}
}
