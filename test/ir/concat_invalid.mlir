// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @concat_c1_axis_past_rank(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2) for a result of rank 2}}
  %y = dlc.concat %a, %a axis 2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @concat_c2_no_inputs() {
  // expected-error @+1 {{has no inputs}}
  %y = "dlc.concat"() {axis = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_c2_rank(%a: tensor<2x3xf32>, %b: tensor<2xf32>) {
  // expected-error @+1 {{input 1 has type f32 (2), expected rank and element type of f32 (2, 3)}}
  %y = dlc.concat %a, %b axis 0 : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @concat_c2_element_type(%a: tensor<2xf32>, %b: tensor<2xi32>) {
  // expected-error @+1 {{input 1 has type i32 (2), expected rank and element type of f32 (2)}}
  %y = dlc.concat %a, %b axis 0 : (tensor<2xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @concat_c3_other_sizes(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{input 1 has size 4 in dimension 1, expected 3}}
  %y = dlc.concat %a, %b axis 0 : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @concat_c4_result(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 5), expected f32 (2, 6)}}
  %y = dlc.concat %a, %a axis 1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x5xf32>
  return
}
