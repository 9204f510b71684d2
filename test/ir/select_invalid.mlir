// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @select_c1_branches(%p: tensor<4xi1>, %a: tensor<4xf32>, %b: tensor<4xf64>) {
  // expected-error @+1 {{types f32 (4), f64 (4) and f32 (4), expected one type}}
  %y = dlc.select %p, %a, %b : (tensor<4xi1>, tensor<4xf32>, tensor<4xf64>) -> tensor<4xf32>
  return
}

// -----

func.func @select_c1_result(%p: tensor<4xi1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{types f32 (4), f32 (4) and f32 (5), expected one type}}
  %y = dlc.select %p, %a, %a : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @select_c2_predicate_sizes(%p: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{predicate has sizes (), expected (4)}}
  %y = dlc.select %p, %a, %a : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @select_c2_predicate_element(%p: tensor<4xi8>, %a: tensor<4xf32>) {
  // expected-error @+1 {{must be ranked tensor of i1}}
  %y = dlc.select %p, %a, %a : (tensor<4xi8>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}
