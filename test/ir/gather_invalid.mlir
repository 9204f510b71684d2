// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @gather_c1_axis_past_rank(%x: tensor<5x3xf32>, %i: tensor<4xi32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2)}}
  %y = dlc.gather %x, %i axis 2 : (tensor<5x3xf32>, tensor<4xi32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @gather_c2_sizes(%x: tensor<5x3xf32>, %i: tensor<4x2xi32>) {
  // expected-error @+1 {{result has type f32 (4, 3), expected f32 (4, 2, 3)}}
  %y = dlc.gather %x, %i axis 0 : (tensor<5x3xf32>, tensor<4x2xi32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @gather_c3_float_indices(%x: tensor<5x3xf32>, %i: tensor<4xf32>) {
  // expected-error @+1 {{operand #1 must be ranked tensor of i64 or i32}}
  %y = dlc.gather %x, %i axis 0 : (tensor<5x3xf32>, tensor<4xf32>) -> tensor<4x3xf32>
  return
}
