// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @avg_pool_c1_rank(%x: tensor<1x2x2x2x2x1xf32>) {
  // expected-error @+1 {{operand of rank 6 has no 1 to 3 spatial dimensions}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<1x2x2x2x2x1xf32>) -> tensor<1x1x1x1x1x1xf32>
  return
}

// -----

func.func @avg_pool_c2_window(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{has 1 window sizes for 2 spatial dimensions}}
  %y = dlc.avg_pool %x window [2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c2_strides(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{has 3 strides for 2 spatial dimensions}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c2_low(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{has 1 low amounts of padding for 2 spatial dimensions}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c2_high(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{has 1 high amounts of padding for 2 spatial dimensions}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c3_window(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{window 0 in spatial dimension 1, expected at least 1}}
  %y = dlc.avg_pool %x window [2, 0] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c3_stride(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{stride 0 in spatial dimension 0, expected at least 1}}
  %y = dlc.avg_pool %x window [2, 2] strides [0, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c3_negative_padding(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{padding -1 in spatial dimension 1 is negative}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, -1]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c3_wide_padding(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{padding 2 in spatial dimension 0 is not smaller than the window 2}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [2, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c4_does_not_fit(%x: tensor<2x7x8x3xf32>) {
  // expected-error @+1 {{window of 10 elements does not fit spatial dimension 0 of size 7}}
  %y = dlc.avg_pool %x window [10, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x7x8x3xf32>) -> tensor<2x4x4x3xf32>
  return
}

// -----

func.func @avg_pool_c5_sizes(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 8, 8, 3), expected f32 (2, 4, 4, 3)}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x8x8x3xf32>
  return
}

// -----

func.func @avg_pool_c5_symbol(%x: tensor<2x?x8x3xf32, #dlc.dims<[2, H, 8, 3]>>) {
  // expected-error @+1 {{H floordiv 2, 4, 3), expected f32 (2, (H + 1) floordiv 2, 4, 3)}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [1, 0]
      : (tensor<2x?x8x3xf32, #dlc.dims<[2, H, 8, 3]>>)
        -> tensor<2x?x4x3xf32, #dlc.dims<[2, H floordiv 2, 4, 3]>>
  return
}

// -----

func.func @avg_pool_c5_element_type(%x: tensor<2x8x8x3xf32>) {
  // expected-error @+1 {{result has type f64 (2, 4, 4, 3), expected f32 (2, 4, 4, 3)}}
  %y = dlc.avg_pool %x window [2, 2] strides [2, 2] low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>) -> tensor<2x4x4x3xf64>
  return
}
