// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @softmax_cross_entropy_c1_scalar(%x: tensor<f32>, %l: tensor<f32>) {
  // expected-error @+1 {{logits are a scalar, expected classes in the last dimension}}
  %y = dlc.softmax_cross_entropy %x, %l : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @softmax_cross_entropy_c2_labels(%x: tensor<2x3xf32>, %l: tensor<2xf32>) {
  // expected-error @+1 {{labels have type f32 (2), expected f32 (2, 3)}}
  %y = dlc.softmax_cross_entropy %x, %l : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @softmax_cross_entropy_c3_result(%x: tensor<2x3xf32>, %l: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 3), expected f32 (2)}}
  %y = dlc.softmax_cross_entropy %x, %l : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
