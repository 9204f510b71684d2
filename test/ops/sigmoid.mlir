// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.sigmoid %x : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.sigmoid %x : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @static(%x: tensor<2x4xf32> {dlc.name = "x"}) -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.sigmoid %x : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [0.5, 0.880797088, 3.78350585e-44, 1, nan]
  dlc.entry @values() -> (tensor<5xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[0.0, 2.0, -100.0, 0x7F800000, 0x7FC00000]> : tensor<5xf32>
    %y = dlc.sigmoid %x : tensor<5xf32>
    dlc.return %y : tensor<5xf32>
  }
}
