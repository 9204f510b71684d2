// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @compare_c1_element_types(%a: tensor<4xf32>, %b: tensor<4xi32>) {
  // expected-error @+1 {{operands have types f32 (4) and i32 (4)}}
  %y = dlc.compare gt %a, %b : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xi1>
  return
}

// -----

func.func @compare_c1_sizes(%a: tensor<4xf32>, %b: tensor<1xf32>) {
  // expected-error @+1 {{operands have types f32 (4) and f32 (1)}}
  %y = dlc.compare gt %a, %b : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xi1>
  return
}

// -----

func.func @compare_c2_result_sizes(%a: tensor<4xf32>) {
  // expected-error @+1 {{result has sizes (5), expected (4)}}
  %y = dlc.compare lt %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<5xi1>
  return
}

// -----

func.func @compare_c2_result_element(%a: tensor<4xf32>) {
  // expected-error @+1 {{must be ranked tensor of i1}}
  %y = dlc.compare lt %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}
