// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // The stated gradient is the true one, written another way.
  dlc.entry @f32(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
    %y = dlc.custom_gradient(%x) : (!x) -> !x forward {
    ^bb0(%c: !x):
      %t = dlc.tanh %c : !x
      dlc.yield %t : !x
    } backward {
    ^bb0(%c: !x, %t: !x, %dy: !x):
      %q = dlc.mul %t, %t : !x
      %p = dlc.mul %q, %dy : !x
      %d = dlc.sub %dy, %p : !x
      dlc.yield %d : !x
    }
    dlc.return %y : !x
  }
  // A stated gradient that is not the true one is the one that counts.
  // CHECK: values values y = [9]
  // CHECK: values values dx = [42]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "y"}, tensor<f32> {dlc.name = "dx"}) {
    %x0 = dlc.constant dense<3.0> : tensor<f32>
    %x = dlc.watch 0 %x0 : tensor<f32>
    %y = dlc.custom_gradient(%x) : (tensor<f32>) -> tensor<f32> forward {
    ^bb0(%c: tensor<f32>):
      %t = dlc.mul %c, %c : tensor<f32>
      dlc.yield %t : tensor<f32>
    } backward {
    ^bb0(%c: tensor<f32>, %t: tensor<f32>, %dy: tensor<f32>):
      %k = dlc.constant dense<42.0> : tensor<f32>
      %d = dlc.mul %k, %dy : tensor<f32>
      dlc.yield %d : tensor<f32>
    }
    %dx = dlc.gradient %y wrt(%x) : tensor<f32> -> (tensor<f32>)
    dlc.return %y, %dx : tensor<f32>, tensor<f32>
  }
}
