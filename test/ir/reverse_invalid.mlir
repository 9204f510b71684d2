// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @reverse_c1_past_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.reverse %x over [2] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @reverse_c1_decreasing(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 0 comes after 1, expected increasing order}}
  %y = dlc.reverse %x over [1, 0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @reverse_c2_type(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f32 (3, 2), expected f32 (2, 3)}}
  %y = dlc.reverse %x over [1] : tensor<2x3xf32> -> tensor<3x2xf32>
  return
}
