// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_4 = tensor<?x4xf32, #dlc.dims<[B, 4]>>
!f32_B = tensor<?xf32, #dlc.dims<[B]>>
!f64_B_4 = tensor<?x4xf64, #dlc.dims<[B, 4]>>
!f64_B = tensor<?xf64, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%logits: !f32_B_4 {dlc.name = "logits"},
      %labels: !f32_B_4 {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (!f32_B {dlc.name = "y"}) {
    %y = dlc.softmax_cross_entropy %logits, %labels : (!f32_B_4, !f32_B_4) -> !f32_B
    dlc.return %y : !f32_B
  }
  dlc.entry @f64(%logits: !f64_B_4 {dlc.name = "logits"},
      %labels: !f64_B_4 {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (!f64_B {dlc.name = "y"}) {
    %y = dlc.softmax_cross_entropy %logits, %labels : (!f64_B_4, !f64_B_4) -> !f64_B
    dlc.return %y : !f64_B
  }
  dlc.entry @static(%logits: tensor<3x4xf32> {dlc.name = "logits"},
      %labels: tensor<3x4xf32> {dlc.name = "labels", dlc.range = [0.0, 1.0]})
      -> (tensor<3xf32> {dlc.name = "y"}) {
    %y = dlc.softmax_cross_entropy %logits, %labels
        : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
  // CHECK: values values y = [1.31326163, 0.693147182]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[0.0, 1.0], [5.0, 5.0]]> : tensor<2x2xf32>
    %l = dlc.constant dense<[[1.0, 0.0], [0.5, 0.5]]> : tensor<2x2xf32>
    %y = dlc.softmax_cross_entropy %x, %l : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
