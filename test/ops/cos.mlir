// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.cos %x : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.cos %x : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @static(%x: tensor<2x4xf32> {dlc.name = "x"}) -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.cos %x : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [0.540302277, -0.416146845, -0.9993608, nan]
  dlc.entry @values() -> (tensor<4xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.0, -2.0, 100000.0, 0x7F800000]> : tensor<4xf32>
    %y = dlc.cos %x : tensor<4xf32>
    dlc.return %y : tensor<4xf32>
  }
}
