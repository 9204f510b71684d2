// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.abs %x : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.abs %x : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"}) -> (!i32_B_3 {dlc.name = "y"}) {
    %y = dlc.abs %x : !i32_B_3
    dlc.return %y : !i32_B_3
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"}) -> (!i64_B_3 {dlc.name = "y"}) {
    %y = dlc.abs %x : !i64_B_3
    dlc.return %y : !i64_B_3
  }
  dlc.entry @static(%x: tensor<2x4xf32> {dlc.name = "x"}) -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.abs %x : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [1.5, 2, 0, inf]
  dlc.entry @values() -> (tensor<4xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.5, -2.0, -0.0, 0xFF800000]> : tensor<4xf32>
    %y = dlc.abs %x : tensor<4xf32>
    dlc.return %y : tensor<4xf32>
  }
}
