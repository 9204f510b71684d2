// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @avg_pool_grad_c1_stride(%dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{stride 0 in spatial dimension 1, expected at least 1}}
  %y = dlc.avg_pool_grad %dy window [2, 2] strides [2, 0] low [0, 0] high [0, 0]
      : (tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @avg_pool_grad_c2_sizes(%dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{dy has type f32 (2, 4, 4, 3), expected f32 (2, 5, 4, 3)}}
  %y = dlc.avg_pool_grad %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x4x4x3xf32>) -> tensor<2x10x8x3xf32>
  return
}

// -----

func.func @avg_pool_grad_c2_element_type(%dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{dy has type f32 (2, 4, 4, 3), expected f64 (2, 4, 4, 3)}}
  %y = dlc.avg_pool_grad %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf64>
  return
}
