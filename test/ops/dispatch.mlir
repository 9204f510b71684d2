// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!x = tensor<?x3xf32, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.kernel_func @mul_tanh pointwise symbols ["B"] {
  ^bb0(%c: !x, %d: !x):
    %s = dlc.mul %c, %d : !x
    %t = dlc.tanh %s : !x
    dlc.yield %t : !x
  }
  dlc.kernel_func @doubled pointwise symbols [] {
  ^bb0(%c: tensor<2xf32>):
    %s = dlc.add %c, %c : tensor<2xf32>
    dlc.yield %s : tensor<2xf32>
  }
  // One body, called twice.
  dlc.entry @f32(%a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"}) -> (!x {dlc.name = "y"}) {
    %p = dlc.dispatch @mul_tanh(%a, %b) : (!x, !x) -> !x
    %y = dlc.dispatch @mul_tanh(%p, %b) : (!x, !x) -> !x
    dlc.return %y : !x
  }
  // CHECK: values values y = [3, 5]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.5, 2.5]> : tensor<2xf32>
    %y = dlc.dispatch @doubled(%x) : (tensor<2xf32>) -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
