// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @scatter_add_c1_negative_axis(%x: tensor<5x3xf32>, %i: tensor<4xi32>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{axis -1 is outside [0, 2)}}
  %y = dlc.scatter_add %x, %i, %u axis -1 : (tensor<5x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @scatter_add_c2_updates(%x: tensor<5x3xf32>, %i: tensor<4xi32>, %u: tensor<5x3xf32>) {
  // expected-error @+1 {{updates has type f32 (5, 3), expected f32 (4, 3)}}
  %y = dlc.scatter_add %x, %i, %u axis 0 : (tensor<5x3xf32>, tensor<4xi32>, tensor<5x3xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @scatter_add_c3_result(%x: tensor<5x3xf32>, %i: tensor<4xi32>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{result has type f32 (4, 3), expected f32 (5, 3)}}
  %y = dlc.scatter_add %x, %i, %u axis 0 : (tensor<5x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @scatter_add_c4_booleans(%x: tensor<5xi1>, %i: tensor<4xi32>, %u: tensor<4xi1>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of numbers}}
  %y = dlc.scatter_add %x, %i, %u axis 0 : (tensor<5xi1>, tensor<4xi32>, tensor<4xi1>) -> tensor<5xi1>
  return
}
