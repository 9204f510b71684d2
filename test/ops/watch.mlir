// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // An identity where nothing is differentiated, and in the middle of a path.
  dlc.entry @f32(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
    %w = dlc.watch 0 %x : !x
    %y = dlc.sin %w : !x
    dlc.return %y : !x
  }
  // Two watches of one value are two targets.
  // CHECK: values values da = [5]
  // CHECK: values values db = [3]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "da"}, tensor<f32> {dlc.name = "db"}) {
    %x = dlc.constant dense<1.0> : tensor<f32>
    %three = dlc.constant dense<3.0> : tensor<f32>
    %five = dlc.constant dense<5.0> : tensor<f32>
    %a = dlc.watch 0 %x : tensor<f32>
    %b = dlc.watch 1 %x : tensor<f32>
    %p = dlc.mul %a, %five : tensor<f32>
    %q = dlc.mul %b, %three : tensor<f32>
    %y = dlc.add %p, %q : tensor<f32>
    %da, %db = dlc.gradient %y wrt(%a, %b) : tensor<f32> -> (tensor<f32>, tensor<f32>)
    dlc.return %da, %db : tensor<f32>, tensor<f32>
  }
}
