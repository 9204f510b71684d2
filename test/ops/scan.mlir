// RUN: dlc check %s --bind B=0,1,3 --bind T=0,1,4 --gradients | tee %t | FileCheck %s

!x = tensor<?x?x2xf32, #dlc.dims<[T, B, 2]>>
!h = tensor<?x2xf32, #dlc.dims<[B, 2]>>
!w = tensor<2x2xf32>
!x64 = tensor<?x2xf64, #dlc.dims<[T, 2]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<T, min = 0>]} {
  // A recurrent cell: the carry, the slices and the invariant all take part in the gradient.
  dlc.entry @f32(%x: !x {dlc.name = "x"}, %h0: !h {dlc.name = "h0"}, %w: !w {dlc.name = "w"})
      -> (!h {dlc.name = "last"}, !x {dlc.name = "all"}) {
    %last, %all = dlc.scan inits(%h0) xs(%x) invariants(%w) trip T : (!h, !x, !w) -> (!h, !x) {
    ^bb0(%i: tensor<i64>, %h: !h, %s: !h, %u: !w):
      %p = dlc.contract %h, %u reduce [1] x [0] : (!h, !w) -> !h
      %q = dlc.add %p, %s : !h
      %n = dlc.tanh %q : !h
      dlc.yield %n, %n : !h, !h
    }
    dlc.return %last, %all : !h, !x
  }
  // Backwards, with the iteration number as data.
  dlc.entry @f64(%x: !x64 {dlc.name = "x"}) -> (tensor<2xf64> {dlc.name = "last"}) {
    %h0 = dlc.constant dense<1.0> : tensor<2xf64>
    %last = dlc.scan inits(%h0) xs(%x) invariants() trip T reverse
        : (tensor<2xf64>, !x64) -> tensor<2xf64> {
    ^bb0(%i: tensor<i64>, %h: tensor<2xf64>, %s: tensor<2xf64>):
      %n = dlc.cast %i : tensor<i64> -> tensor<f64>
      %b = dlc.broadcast %n to [] : tensor<f64> -> tensor<2xf64>
      %p = dlc.mul %h, %s : tensor<2xf64>
      %q = dlc.add %p, %b : tensor<2xf64>
      dlc.yield %q : tensor<2xf64>
    }
    dlc.return %last : tensor<2xf64>
  }
  // CHECK: values values sum = [6]
  // CHECK: values values sums = [1, 3, 6]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "sum"}, tensor<3xf32> {dlc.name = "sums"}) {
    %x = dlc.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %zero = dlc.constant dense<0.0> : tensor<f32>
    %sum, %sums = dlc.scan inits(%zero) xs(%x) invariants() trip 3
        : (tensor<f32>, tensor<3xf32>) -> (tensor<f32>, tensor<3xf32>) {
    ^bb0(%i: tensor<i64>, %c: tensor<f32>, %s: tensor<f32>):
      %n = dlc.add %c, %s : tensor<f32>
      dlc.yield %n, %n : tensor<f32>, tensor<f32>
    }
    dlc.return %sum, %sums : tensor<f32>, tensor<3xf32>
  }
}
