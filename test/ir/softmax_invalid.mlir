// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @softmax_c1_sizes(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.softmax"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @softmax_c2_element_type(%x: tensor<2x3xi32>) {
  // expected-error @+1 {{must be ranked tensor of f32, f64, f16 or bf16}}
  %y = dlc.softmax %x axis 1 : tensor<2x3xi32>
  return
}

// -----

func.func @softmax_c3_axis_past_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.softmax %x axis 2 : tensor<2x3xf32>
  return
}

// -----

func.func @softmax_c3_negative_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis -1 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.softmax %x axis -1 : tensor<2x3xf32>
  return
}
