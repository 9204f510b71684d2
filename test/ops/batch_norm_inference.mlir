// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f32_2_3_3_4 = tensor<2x3x3x4xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf32> {dlc.name = "scale"}, %offset: tensor<3xf32> {dlc.name = "offset"},
      %mean: tensor<3xf32> {dlc.name = "mean"},
      %variance: tensor<3xf32> {dlc.name = "variance", dlc.range = [0.25, 2.0]})
      -> (!f32_B_3 {dlc.name = "y"}) {
    %y = dlc.batch_norm_inference %x, %scale, %offset, %mean, %variance epsilon 1.0e-3
      : (!f32_B_3, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> !f32_B_3
    dlc.return %y : !f32_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf64> {dlc.name = "scale"}, %offset: tensor<3xf64> {dlc.name = "offset"},
      %mean: tensor<3xf64> {dlc.name = "mean"},
      %variance: tensor<3xf64> {dlc.name = "variance", dlc.range = [0.25, 2.0]})
      -> (!f64_B_3 {dlc.name = "y"}) {
    %y = dlc.batch_norm_inference %x, %scale, %offset, %mean, %variance epsilon 1.0e-3
      : (!f64_B_3, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) -> !f64_B_3
    dlc.return %y : !f64_B_3
  }
  dlc.entry @static(%x: !f32_2_3_3_4 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<4xf32> {dlc.name = "scale"}, %offset: tensor<4xf32> {dlc.name = "offset"},
      %mean: tensor<4xf32> {dlc.name = "mean"},
      %variance: tensor<4xf32> {dlc.name = "variance", dlc.range = [0.25, 2.0]})
      -> (!f32_2_3_3_4 {dlc.name = "y"}) {
    %y = dlc.batch_norm_inference %x, %scale, %offset, %mean, %variance epsilon 1.0e-3
      : (!f32_2_3_3_4, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> !f32_2_3_3_4
    dlc.return %y : !f32_2_3_3_4
  }
  // CHECK: values values y = [6.4998126]
  dlc.entry @values() -> (tensor<1x1xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<2.0> : tensor<1x1xf32>
    %s = dlc.constant dense<3.0> : tensor<1xf32>
    %o = dlc.constant dense<5.0> : tensor<1xf32>
    %m = dlc.constant dense<1.0> : tensor<1xf32>
    %v = dlc.constant dense<4.0> : tensor<1xf32>
    %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>,
        tensor<1xf32>) -> tensor<1x1xf32>
    dlc.return %y : tensor<1x1xf32>
  }
}
