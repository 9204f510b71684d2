// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f32_B_2_4 = tensor<?x2x4xf32, #dlc.dims<[B, 2, 4]>>
!f32_3_16 = tensor<3x16xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf32> {dlc.name = "scale"}, %offset: tensor<3xf32> {dlc.name = "offset"})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.layer_norm %x, %scale, %offset epsilon 1.0e-3
        : (!f32_B_3, tensor<3xf32>, tensor<3xf32>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf64> {dlc.name = "scale"}, %offset: tensor<3xf64> {dlc.name = "offset"})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.layer_norm %x, %scale, %offset epsilon 1.0e-3
        : (!f64_B_3, tensor<3xf64>, tensor<3xf64>) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @sequence(%x: !f32_B_2_4 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<4xf32> {dlc.name = "scale"}, %offset: tensor<4xf32> {dlc.name = "offset"})
      -> (!f32_B_2_4 {dlc.name = "y"}) {
    %y = dlc.layer_norm %x, %scale, %offset epsilon 1.0e-3
        : (!f32_B_2_4, tensor<4xf32>, tensor<4xf32>) -> !f32_B_2_4
    dlc.return %y : !f32_B_2_4
  }
  dlc.entry @static(%x: !f32_3_16 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<16xf32> {dlc.name = "scale"}, %offset: tensor<16xf32> {dlc.name = "offset"})
      -> (!f32_3_16 {dlc.name = "y"}) {
    %y = dlc.layer_norm %x, %scale, %offset epsilon 1.0e-3
        : (!f32_3_16, tensor<16xf32>, tensor<16xf32>) -> !f32_3_16
    dlc.return %y : !f32_3_16
  }
  // CHECK: values values y = [-0.999000728, 2.99900079]
  dlc.entry @values() -> (tensor<1x2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[2.0, 4.0]]> : tensor<1x2xf32>
    %s = dlc.constant dense<2.0> : tensor<2xf32>
    %o = dlc.constant dense<1.0> : tensor<2xf32>
    %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3
        : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    dlc.return %y : tensor<1x2xf32>
  }
}
