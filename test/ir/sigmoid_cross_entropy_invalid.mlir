// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @sigmoid_cross_entropy_c1_sizes(%x: tensor<2xf32>, %l: tensor<3xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.sigmoid_cross_entropy"(%x, %l) : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @sigmoid_cross_entropy_c2_element_type(%x: tensor<2xi32>) {
  // expected-error @+1 {{must be ranked tensor of f32, f64, f16 or bf16}}
  %y = dlc.sigmoid_cross_entropy %x, %x : tensor<2xi32>
  return
}
