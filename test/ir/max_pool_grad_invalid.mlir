// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @max_pool_grad_c1_padding(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{padding 2 in spatial dimension 0 is not smaller than the window 2}}
  %y = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [2, 0]
      : (tensor<2x8x8x3xf32>, tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_grad_c2_sizes(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{dy has type f32 (2, 4, 4, 3), expected f32 (2, 7, 7, 3)}}
  %y = dlc.max_pool_grad %x, %dy window [2, 2] strides [1, 1] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>, tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_grad_c2_element_type(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x4x4x3xf64>) {
  // expected-error @+1 {{dy has type f64 (2, 4, 4, 3), expected f32 (2, 4, 4, 3)}}
  %y = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>, tensor<2x4x4x3xf64>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_grad_c3_result(%x: tensor<2x8x8x3xf32>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 8, 9, 3), expected f32 (2, 8, 8, 3)}}
  %y = dlc.max_pool_grad %x, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>, tensor<2x4x4x3xf32>) -> tensor<2x8x9x3xf32>
  return
}
