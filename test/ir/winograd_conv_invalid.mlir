// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @winograd_conv_c1_channels(%x: tensor<2x8x8x3xf32>, %u: tensor<16x1x4x64xf32>) {
  // expected-error @+1 {{x of sizes (2, 8, 8, 3) and panels of type f32 (16, 1, 4, 64) are not [N, H, W, C] and [16, P, C, W]}}
  %y = dlc.winograd_conv %x, %u low [0, 0] high [0, 0]
      : (tensor<2x8x8x3xf32>, tensor<16x1x4x64xf32>) -> tensor<2x6x6x64xf32>
  return
}

// -----

func.func @winograd_conv_c2_padding(%x: tensor<2x8x8x4xf32>, %u: tensor<16x1x4x64xf32>) {
  // expected-error @+1 {{padding is (3, 0), expected two constants from 0 to 2}}
  %y = dlc.winograd_conv %x, %u low [3, 0] high [0, 0]
      : (tensor<2x8x8x4xf32>, tensor<16x1x4x64xf32>) -> tensor<2x9x6x64xf32>
  return
}

// -----

func.func @winograd_conv_c3_sizes(%x: tensor<2x8x8x4xf32>, %u: tensor<16x1x4x64xf32>) {
  // expected-error @+1 {{y has sizes (2, 8, 8, 64), expected (2, 6, 6)}}
  %y = dlc.winograd_conv %x, %u low [0, 0] high [0, 0]
      : (tensor<2x8x8x4xf32>, tensor<16x1x4x64xf32>) -> tensor<2x8x8x64xf32>
  return
}

// -----

func.func @winograd_conv_c3_filters(%x: tensor<2x8x8x4xf32>, %u: tensor<16x1x4x64xf32>) {
  // expected-error @+1 {{as many channels as the columns of f32 (16, 1, 4, 64) just hold}}
  %y = dlc.winograd_conv %x, %u low [0, 0] high [0, 0]
      : (tensor<2x8x8x4xf32>, tensor<16x1x4x64xf32>) -> tensor<2x6x6x65xf32>
  return
}

// -----

func.func @winograd_conv_c4_element_types(%x: tensor<2x8x8x4xf32>, %u: tensor<16x1x4x64xf64>) {
  // expected-error @+1 {{element types are 'f32', 'f64' and 'f32', expected f32 or f64 three times}}
  %y = dlc.winograd_conv %x, %u low [0, 0] high [0, 0]
      : (tensor<2x8x8x4xf32>, tensor<16x1x4x64xf64>) -> tensor<2x6x6x64xf32>
  return
}
