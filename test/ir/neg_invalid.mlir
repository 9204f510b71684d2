// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @neg_c1_other_sizes(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.neg"(%x) : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @neg_c2_element_type(%x: tensor<4xi1>) {
  // expected-error @+1 {{must be ranked tensor of numbers}}
  %y = dlc.neg %x : tensor<4xi1>
  return
}
