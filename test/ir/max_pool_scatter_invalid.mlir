// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @max_pool_scatter_c1_padding(%w: tensor<2x4x4x3xi8>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{padding 2 in spatial dimension 0 is not smaller than the window 2}}
  %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [2, 0]
      : (tensor<2x4x4x3xi8>, tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_scatter_c2_positions(%w: tensor<2x1x1x3xi8>, %dy: tensor<2x1x1x3xf32>) {
  // expected-error @+1 {{a window has 144 positions, and bytes number 128 at most}}
  %dx = dlc.max_pool_scatter %w, %dy window [16, 9] strides [1, 1] low [0, 0] high [0, 0]
      : (tensor<2x1x1x3xi8>, tensor<2x1x1x3xf32>) -> tensor<2x16x9x3xf32>
  return
}

// -----

func.func @max_pool_scatter_c3_sizes(%w: tensor<2x4x4x3xi8>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{dy has type f32 (2, 4, 4, 3), expected f32 (2, 7, 7, 3)}}
  %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [1, 1] low [0, 0] high [0, 0]
      : (tensor<2x4x4x3xi8>, tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_scatter_c3_element_type(%w: tensor<2x4x4x3xi8>, %dy: tensor<2x4x4x3xf64>) {
  // expected-error @+1 {{dy has type f64 (2, 4, 4, 3), expected f32 (2, 4, 4, 3)}}
  %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x4x4x3xi8>, tensor<2x4x4x3xf64>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @max_pool_scatter_c4_winners(%w: tensor<2x4x5x3xi8>, %dy: tensor<2x4x4x3xf32>) {
  // expected-error @+1 {{winners have type i8 (2, 4, 5, 3), expected the sizes of f32 (2, 4, 4, 3)}}
  %dx = dlc.max_pool_scatter %w, %dy window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x4x5x3xi8>, tensor<2x4x4x3xf32>) -> tensor<2x8x8x3xf32>
  return
}
