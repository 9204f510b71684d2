// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f32_B_2_3_4 = tensor<?x2x3x4xf32, #dlc.dims<[B, 2, 3, 4]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf32> {dlc.name = "scale"}, %offset: tensor<3xf32> {dlc.name = "offset"})
      -> (!f32_B_3 {dlc.name = "y"}, tensor<3xf32> {dlc.name = "mean"},
        tensor<3xf32> {dlc.name = "variance"}) {
    %y:3 = dlc.batch_norm_training %x, %scale, %offset epsilon 1.0e-3
        : (!f32_B_3, tensor<3xf32>, tensor<3xf32>) -> (!f32_B_3, tensor<3xf32>, tensor<3xf32>)
    dlc.return %y#0, %y#1, %y#2 : !f32_B_3, tensor<3xf32>, tensor<3xf32>
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf64> {dlc.name = "scale"}, %offset: tensor<3xf64> {dlc.name = "offset"})
      -> (!f64_B_3 {dlc.name = "y"}, tensor<3xf64> {dlc.name = "mean"},
        tensor<3xf64> {dlc.name = "variance"}) {
    %y:3 = dlc.batch_norm_training %x, %scale, %offset epsilon 1.0e-3
        : (!f64_B_3, tensor<3xf64>, tensor<3xf64>) -> (!f64_B_3, tensor<3xf64>, tensor<3xf64>)
    dlc.return %y#0, %y#1, %y#2 : !f64_B_3, tensor<3xf64>, tensor<3xf64>
  }
  dlc.entry @image(%x: !f32_B_2_3_4 {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<4xf32> {dlc.name = "scale"}, %offset: tensor<4xf32> {dlc.name = "offset"})
      -> (!f32_B_2_3_4 {dlc.name = "y"}, tensor<4xf32> {dlc.name = "mean"},
        tensor<4xf32> {dlc.name = "variance"}) {
    %y:3 = dlc.batch_norm_training %x, %scale, %offset epsilon 1.0e-3
        : (!f32_B_2_3_4, tensor<4xf32>, tensor<4xf32>) 
        -> (!f32_B_2_3_4, tensor<4xf32>, tensor<4xf32>)
    dlc.return %y#0, %y#1, %y#2 : !f32_B_2_3_4, tensor<4xf32>, tensor<4xf32>
  }
  dlc.entry @static(%x: tensor<6x3xf32> {dlc.name = "x", dlc.range = [-8.0, 8.0]},
      %scale: tensor<3xf32> {dlc.name = "scale"}, %offset: tensor<3xf32> {dlc.name = "offset"})
      -> (tensor<6x3xf32> {dlc.name = "y"}, tensor<3xf32> {dlc.name = "mean"},
        tensor<3xf32> {dlc.name = "variance"}) {
    %y:3 = dlc.batch_norm_training %x, %scale, %offset epsilon 1.0e-3
        : (tensor<6x3xf32>, tensor<3xf32>, tensor<3xf32>) 
        -> (tensor<6x3xf32>, tensor<3xf32>, tensor<3xf32>)
    dlc.return %y#0, %y#1, %y#2 : tensor<6x3xf32>, tensor<3xf32>, tensor<3xf32>
  }
  // CHECK: values values y = [-0.999000728, 2.99900079]
  // CHECK: values values mean = [3]
  // CHECK: values values variance = [1]
  dlc.entry @values()
      -> (tensor<2x1xf32> {dlc.name = "y"}, tensor<1xf32> {dlc.name = "mean"},
        tensor<1xf32> {dlc.name = "variance"}) {
    %x = dlc.constant dense<[[2.0], [4.0]]> : tensor<2x1xf32>
    %s = dlc.constant dense<2.0> : tensor<1xf32>
    %o = dlc.constant dense<1.0> : tensor<1xf32>
    %y:3 = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
        : (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>) 
        -> (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>)
    dlc.return %y#0, %y#1, %y#2 : tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>
  }
}
