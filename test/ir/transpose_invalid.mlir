// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @transpose_c1_count(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{has 1 permutation entries for an operand of rank 2}}
  %y = dlc.transpose %x [0] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @transpose_c1_twice(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension 1 is given twice}}
  %y = dlc.transpose %x [1, 1] : tensor<2x3xf32> -> tensor<3x3xf32>
  return
}

// -----

func.func @transpose_c1_past_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension 2 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.transpose %x [0, 2] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_c2_sizes(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 3), expected f32 (3, 2)}}
  %y = dlc.transpose %x [1, 0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}
