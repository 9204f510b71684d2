// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @winograd_filter_c1_window(%f: tensor<5x3x4x8xf32>) {
  // expected-error @+1 {{filter has type f32 (5, 3, 4, 8), expected constant sizes [3, 3, C, O] of f32 or f64}}
  %u = dlc.winograd_filter %f : (tensor<5x3x4x8xf32>) -> tensor<16x1x4x64xf32>
  return
}

// -----

func.func @winograd_filter_c1_element_type(%f: tensor<3x3x4x8xbf16>) {
  // expected-error @+1 {{expected constant sizes [3, 3, C, O] of f32 or f64}}
  %u = dlc.winograd_filter %f : (tensor<3x3x4x8xbf16>) -> tensor<16x1x4x64xbf16>
  return
}

// -----

func.func @winograd_filter_c2_panels(%f: tensor<3x3x4x65xf32>) {
  // expected-error @+1 {{panels have type f32 (16, 1, 4, 64), expected [16, P, 4, W] of the filter's element type, of which P * W columns just hold 65 filters}}
  %u = dlc.winograd_filter %f : (tensor<3x3x4x65xf32>) -> tensor<16x1x4x64xf32>
  return
}

// -----

func.func @winograd_filter_c2_too_many(%f: tensor<3x3x4x64xf32>) {
  // expected-error @+1 {{just hold 64 filters}}
  %u = dlc.winograd_filter %f : (tensor<3x3x4x64xf32>) -> tensor<16x2x4x64xf32>
  return
}
