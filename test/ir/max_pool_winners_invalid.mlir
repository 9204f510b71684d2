// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @max_pool_winners_c1_padding(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{padding 2 in spatial dimension 0 is not smaller than the window 2}}
  %y = dlc.max_pool_winners %x window [2, 2] strides [2, 2] low [0, 0] high [2, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xi8>
  return
}

// -----

func.func @max_pool_winners_c2_positions(%x: tensor<2x16x9x3xf32>) {
  // expected-error @+1 {{a window has 144 positions, and bytes number 128 at most}}
  %y = dlc.max_pool_winners %x window [16, 9] strides [1, 1] low [0, 0] high [0, 0]
      : (tensor<2x16x9x3xf32>) -> tensor<2x1x1x3xi8>
  return
}

// -----

func.func @max_pool_winners_c3_sizes(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{result has type i8 (2, 4, 4, 3), expected i8 (2, 7, 7, 3)}}
  %y = dlc.max_pool_winners %x window [2, 2] strides [1, 1] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xi8>
  return
}
