// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @one_hot_c1_rank(%i: tensor<4xi32>) {
  // expected-error @+1 {{result has sizes (4), expected those of indices, (4), and one more}}
  %y = dlc.one_hot %i : tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

func.func @one_hot_c2_float_indices(%i: tensor<4xf32>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of i64 or i32}}
  %y = dlc.one_hot %i : tensor<4xf32> -> tensor<4x3xf32>
  return
}
