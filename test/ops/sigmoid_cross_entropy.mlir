// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_4 = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!f64_B_4 = tensor<?x4xf64, #dlc.dims<[B, 4]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%logits: !f32_B_4 {dlc.name = "logits"},
      %labels: !f32_B_4 {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (!f32_B_4 {dlc.name = "y"}) {
    %y = dlc.sigmoid_cross_entropy %logits, %labels : !f32_B_4
    dlc.return %y : !f32_B_4
  }
  dlc.entry @f64(%logits: !f64_B_4 {dlc.name = "logits"},
      %labels: !f64_B_4 {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (!f64_B_4 {dlc.name = "y"}) {
    %y = dlc.sigmoid_cross_entropy %logits, %labels : !f64_B_4
    dlc.return %y : !f64_B_4
  }
  dlc.entry @static(%logits: tensor<3x4xf32> {dlc.name = "logits"},
      %labels: tensor<3x4xf32> {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (tensor<3x4xf32> {dlc.name = "y"}) {
    %y = dlc.sigmoid_cross_entropy %logits, %labels : tensor<3x4xf32>
    dlc.return %y : tensor<3x4xf32>
  }
  // CHECK: values values y = [0.693147182, 0.313261688, 100]
  dlc.entry @values() -> (tensor<3xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[0.0, 1.0, -100.0]> : tensor<3xf32>
    %l = dlc.constant dense<[0.5, 1.0, 1.0]> : tensor<3xf32>
    %y = dlc.sigmoid_cross_entropy %x, %l : tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
}
