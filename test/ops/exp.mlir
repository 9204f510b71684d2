// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"}) -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.exp %x : !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"}) -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.exp %x : !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @static(%x: tensor<2x4xf32> {dlc.name = "x"}) -> (tensor<2x4xf32> {dlc.name = "y"}) {
    %y = dlc.exp %x : tensor<2x4xf32>
    dlc.return %y : tensor<2x4xf32>
  }
  // CHECK: values values y = [1, 2.71828175, 0.36787945, inf, 0, nan]
  dlc.entry @values() -> (tensor<6xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[0.0, 1.0, -1.0, 100.0, 0xFF800000, 0x7FC00000]> : tensor<6xf32>
    %y = dlc.exp %x : tensor<6xf32>
    dlc.return %y : tensor<6xf32>
  }
}
