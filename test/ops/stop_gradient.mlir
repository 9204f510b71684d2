// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>
!i = tensor<?xi32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
    %y = dlc.stop_gradient %x : !x
    dlc.return %y : !x
  }
  dlc.entry @i32(%x: !i {dlc.name = "x"}) -> (!i {dlc.name = "y"}) {
    %y = dlc.stop_gradient %x : !i
    dlc.return %y : !i
  }
  // d(x * stop(x)) = stop(x).
  // CHECK: values values dx = [3]
  dlc.entry @values() -> (tensor<f32> {dlc.name = "dx"}) {
    %x0 = dlc.constant dense<3.0> : tensor<f32>
    %x = dlc.watch 0 %x0 : tensor<f32>
    %s = dlc.stop_gradient %x : tensor<f32>
    %y = dlc.mul %x, %s : tensor<f32>
    %dx = dlc.gradient %y wrt(%x) : tensor<f32> -> (tensor<f32>)
    dlc.return %dx : tensor<f32>
  }
}
