// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @xor_c1_no_broadcast(%a: tensor<4xi1>, %b: tensor<1xi1>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.xor"(%a, %b) : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @xor_c2_element_type(%a: tensor<4xi32>, %b: tensor<4xi32>) {
  // expected-error @+1 {{must be ranked tensor of i1}}
  %y = dlc.xor %a, %b : tensor<4xi32>
  return
}
