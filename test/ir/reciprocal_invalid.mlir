// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @reciprocal_c1_other_sizes(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.reciprocal"(%x) : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @reciprocal_c2_element_type(%x: tensor<4xi32>) {
  // expected-error @+1 {{must be ranked tensor of f32, f64, f16 or bf16}}
  %y = dlc.reciprocal %x : tensor<4xi32>
  return
}
