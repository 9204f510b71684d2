// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!x64 = tensor<?x3xf64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%p: tensor<i1> {dlc.name = "p"}, %a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"})
      -> (!x {dlc.name = "y"}) {
    %y = dlc.if %p(%a, %b) : (tensor<i1>, !x, !x) -> !x then {
    ^bb0(%c: !x, %d: !x):
      %m = dlc.mul %c, %d : !x
      dlc.yield %m : !x
    } else {
    ^bb0(%c: !x, %d: !x):
      %s = dlc.sin %c : !x
      %m = dlc.sub %s, %d : !x
      dlc.yield %m : !x
    }
    dlc.return %y : !x
  }
  dlc.entry @f64(%p: tensor<i1> {dlc.name = "p"}, %a: !x64 {dlc.name = "a"})
      -> (!x64 {dlc.name = "y"}) {
    %n = dlc.not %p : tensor<i1>
    %y = dlc.if %n(%a) : (tensor<i1>, !x64) -> !x64 then {
    ^bb0(%c: !x64):
      %e = dlc.exp %c : !x64
      dlc.yield %e : !x64
    } else {
    ^bb0(%c: !x64):
      %e = dlc.tanh %c : !x64
      dlc.yield %e : !x64
    }
    dlc.return %y : !x64
  }
  // CHECK: values values y = [-2]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "y"}) {
    %p = dlc.constant dense<false> : tensor<i1>
    %x = dlc.constant dense<2.0> : tensor<f32>
    %y = dlc.if %p(%x) : (tensor<i1>, tensor<f32>) -> tensor<f32> then {
    ^bb0(%c: tensor<f32>):
      dlc.yield %c : tensor<f32>
    } else {
    ^bb0(%c: tensor<f32>):
      %n = dlc.neg %c : tensor<f32>
      dlc.yield %n : tensor<f32>
    }
    dlc.return %y : tensor<f32>
  }
}
