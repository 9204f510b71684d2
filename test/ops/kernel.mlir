// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!r = tensor<?xf32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // A kernel means what its body means.
  dlc.entry @f32(%a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"})
      -> (!x {dlc.name = "y"}, !r {dlc.name = "z"}) {
    %y, %z = dlc.kernel reduce(%a, %b) : (!x, !x) -> (!x, !r) {
    ^bb0(%c: !x, %d: !x):
      %s = dlc.add %c, %d : !x
      %t = dlc.sum %s over [1] : !x -> !r
      dlc.yield %s, %t : !x, !r
    }
    dlc.return %y, %z : !x, !r
  }
  // CHECK: values values y = [3]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "y"}) {
    %a = dlc.constant dense<1.0> : tensor<f32>
    %b = dlc.constant dense<2.0> : tensor<f32>
    %y = dlc.kernel pointwise(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%c: tensor<f32>, %d: tensor<f32>):
      %s = dlc.add %c, %d : tensor<f32>
      dlc.yield %s : tensor<f32>
    }
    dlc.return %y : tensor<f32>
  }
}
