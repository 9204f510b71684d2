// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // A gradient inside the entry: --gradients differentiates it a second time.
  dlc.entry @second_order(%x0: !x {dlc.name = "x"}) -> (!x {dlc.name = "dx"}) {
    %x = dlc.watch 0 %x0 : !x
    %s = dlc.sin %x : !x
    %p = dlc.mul %s, %x : !x
    %loss = dlc.sum %p over [0, 1] : !x -> tensor<f32>
    %dx = dlc.gradient %loss wrt(%x) : tensor<f32> -> (!x)
    dlc.return %dx : !x
  }
  // A target that the loss does not depend on.
  dlc.entry @unused(%x0: !x {dlc.name = "x"}) -> (!x {dlc.name = "dx"}) {
    %x = dlc.watch 0 %x0 : !x
    %loss = dlc.constant dense<1.0> : tensor<f32>
    %dx = dlc.gradient %loss wrt(%x) allow_unused : tensor<f32> -> (!x)
    dlc.return %dx : !x
  }
  // d(x*x*x) = 3*x*x; a value that is used twice gets both parts.
  // CHECK: values values dx = [12, 27]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "dx"}) {
    %x0 = dlc.constant dense<[2.0, 3.0]> : tensor<2xf32>
    %x = dlc.watch 0 %x0 : tensor<2xf32>
    %q = dlc.mul %x, %x : tensor<2xf32>
    %c = dlc.mul %q, %x : tensor<2xf32>
    %loss = dlc.sum %c over [0] : tensor<2xf32> -> tensor<f32>
    %dx = dlc.gradient %loss wrt(%x) : tensor<f32> -> (tensor<2xf32>)
    dlc.return %dx : tensor<2xf32>
  }
}
