// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @add_c1_no_broadcast(%a: tensor<4xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.add"(%a, %b) : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @add_c2_element_type(%a: tensor<4xi1>, %b: tensor<4xi1>) {
  // expected-error @+1 {{must be ranked tensor of numbers}}
  %y = dlc.add %a, %b : tensor<4xi1>
  return
}
