// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @argmin_c1_axis_past_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.argmin %x over 2 : tensor<2x3xf32> -> tensor<2xi32>
  return
}

// -----

func.func @argmin_c2_sizes(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type i32 (3), expected i32 (2)}}
  %y = dlc.argmin %x over 1 : tensor<2x3xf32> -> tensor<3xi32>
  return
}

// -----

func.func @argmin_c2_element_type(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{must be ranked tensor of i64 or i32}}
  %y = dlc.argmin %x over 1 : tensor<2x3xf32> -> tensor<2xf32>
  return
}
