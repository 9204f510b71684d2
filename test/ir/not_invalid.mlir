// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @not_c1_other_sizes(%x: tensor<4xi1>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.not"(%x) : (tensor<4xi1>) -> tensor<5xi1>
  return
}

// -----

func.func @not_c2_element_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{must be ranked tensor of i1}}
  %y = dlc.not %x : tensor<4xf32>
  return
}
