// RUN: dlc check %s --bind B=0,1,4 --gradients | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>
!s = tensor<f32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // Doubles until the sum of squares passes a bound, six times at most.
  dlc.entry @f32(%x: !x {dlc.name = "x"}, %k: !s {dlc.name = "k", dlc.range = [1.5, 2.0]})
      -> (!x {dlc.name = "y"}) attributes {dlc.no_special} {
    %y = dlc.while inits(%x) invariants(%k) max_trip 6 : (!x, !s) -> !x {
    ^bb0(%c: !x, %u: !s):
      %q = dlc.mul %c, %c : !x
      %t = dlc.sum %q over [0] : !x -> !s
      %bound = dlc.constant dense<100.0> : !s
      %p = dlc.compare lt %t, %bound : (!s, !s) -> tensor<i1>
      dlc.yield %p : tensor<i1>
    } do {
    ^bb0(%c: !x, %u: !s):
      %b = dlc.broadcast %u to [] : !s -> !x
      %n = dlc.mul %c, %b : !x
      dlc.yield %n : !x
    }
    dlc.return %y : !x
  }
  // CHECK: values values y = [128]
  // CHECK: values values n = [7]
  dlc.entry @values() -> (!s {dlc.name = "y"}, tensor<i64> {dlc.name = "n"}) {
    %x = dlc.constant dense<1.0> : !s
    %zero = dlc.constant dense<0> : tensor<i64>
    %y, %n = dlc.while inits(%x, %zero) invariants() : (!s, tensor<i64>) -> (!s, tensor<i64>) {
    ^bb0(%c: !s, %i: tensor<i64>):
      %bound = dlc.constant dense<100.0> : !s
      %p = dlc.compare lt %c, %bound : (!s, !s) -> tensor<i1>
      dlc.yield %p : tensor<i1>
    } do {
    ^bb0(%c: !s, %i: tensor<i64>):
      %one = dlc.constant dense<1> : tensor<i64>
      %d = dlc.add %c, %c : !s
      %j = dlc.add %i, %one : tensor<i64>
      dlc.yield %d, %j : !s, tensor<i64>
    }
    dlc.return %y, %n : !s, tensor<i64>
  }
}
