// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @gradient_c1_not_a_scalar(%l: tensor<2xf32>, %x: tensor<3xf32>) {
  // expected-error @+1 {{must be scalar (rank 0) ranked tensor of f32}}
  %g = dlc.gradient %l wrt(%x) : tensor<2xf32> -> (tensor<3xf32>)
  return
}

// -----

func.func @gradient_c1_integer(%l: tensor<i32>, %x: tensor<3xf32>) {
  // expected-error @+1 {{must be scalar (rank 0) ranked tensor of f32}}
  %g = dlc.gradient %l wrt(%x) : tensor<i32> -> (tensor<3xf32>)
  return
}

// -----

func.func @gradient_c2_integer_target(%l: tensor<f32>, %x: tensor<3xi32>) {
  // expected-error @+1 {{must be variadic of ranked tensor of f32}}
  %g = dlc.gradient %l wrt(%x) : tensor<f32> -> (tensor<3xi32>)
  return
}

// -----

func.func @gradient_c2_type(%l: tensor<f32>, %x: tensor<3xf32>) {
  // expected-error @+1 {{derivative 0 has type f32 (4), expected that of its target, f32 (3)}}
  %g = "dlc.gradient"(%l, %x) : (tensor<f32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @gradient_c3_no_targets(%l: tensor<f32>) {
  // expected-error @+1 {{has 0 targets and 0 results, expected equally many and at least one}}
  "dlc.gradient"(%l) : (tensor<f32>) -> ()
  return
}

// -----

func.func @gradient_c3_count(%l: tensor<f32>, %x: tensor<3xf32>) {
  // expected-error @+1 {{has 1 targets and 2 results}}
  %g:2 = "dlc.gradient"(%l, %x) : (tensor<f32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}
