// RUN: dlc-opt %s --dlc-form-kernels | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[T]>>
!s = tensor<f32>

// Bodies of loops get kernels of their own, before the block around them is rewritten.
module attributes {dlc.symbols = [#dlc.symbol<T, min = 0>]} {
// CHECK-LABEL: dlc.entry @forms_kernels_in_loops
//       CHECK:   dlc.scan
//       CHECK:     dlc.if
//       CHECK:       dlc.kernel
//       CHECK:         dlc.exp
//       CHECK:     dlc.kernel
//       CHECK:       dlc.mul
dlc.entry @forms_kernels_in_loops(%x: !x {dlc.name = "x"}, %h: !s {dlc.name = "h"},
    %p: tensor<i1> {dlc.name = "p"}) -> (!s {dlc.name = "y"}) {
  %l = dlc.scan inits(%h) xs(%x) invariants(%p) trip T : (!s, !x, tensor<i1>) -> !s {
  ^bb0(%i: tensor<i64>, %k: !s, %e: !s, %q: tensor<i1>):
    %v = dlc.if %q(%e) : (tensor<i1>, !s) -> !s then {
    ^bb0(%u: !s):
      %w = dlc.exp %u : !s
      dlc.yield %w : !s
    } else {
    ^bb0(%u: !s):
      dlc.yield %u : !s
    }
    %a = dlc.mul %k, %v : !s
    dlc.yield %a : !s
  }
  dlc.return %l : !s
}

// A loop has the shape of the row sums that it begins with, and is no op of their kernel.
// CHECK-LABEL: dlc.entry @keeps_loops_out_of_kernels
//       CHECK:   %[[S:.*]] = dlc.kernel
//       CHECK:     dlc.sum
//       CHECK:   dlc.while inits(%[[S]])
dlc.entry @keeps_loops_out_of_kernels(%x: tensor<4x3xf32> {dlc.name = "x"})
    -> (tensor<4xf32> {dlc.name = "y"}) {
  %s = dlc.sum %x over [1] : tensor<4x3xf32> -> tensor<4xf32>
  %y = dlc.while inits(%s) invariants(%s) max_trip 3 : (tensor<4xf32>, tensor<4xf32>)
      -> tensor<4xf32> {
  ^bb0(%c: tensor<4xf32>, %u: tensor<4xf32>):
    %t = dlc.constant dense<true> : tensor<i1>
    dlc.yield %t : tensor<i1>
  } do {
  ^bb0(%c: tensor<4xf32>, %u: tensor<4xf32>):
    %a = dlc.add %c, %u : tensor<4xf32>
    dlc.yield %a : tensor<4xf32>
  }
  dlc.return %y : tensor<4xf32>
}
}
