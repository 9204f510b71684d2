// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @dynamic_slice_c1_indices(%x: tensor<5x4xf32>, %i: tensor<i32>) {
  // expected-error @+1 {{has 1 indices for an operand of rank 2}}
  %y = dlc.dynamic_slice %x at (%i) : (tensor<5x4xf32>, tensor<i32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @dynamic_slice_c1_scalar(%x: tensor<5xf32>, %i: tensor<1xi32>) {
  // expected-error @+1 {{must be variadic of scalar (rank 0)}}
  %y = dlc.dynamic_slice %x at (%i) : (tensor<5xf32>, tensor<1xi32>) -> tensor<1xf32>
  return
}

// -----

func.func @dynamic_slice_c2_rank(%x: tensor<5xf32>, %i: tensor<i32>) {
  // expected-error @+1 {{result has type f32 (), expected rank and element type of f32 (5)}}
  %y = dlc.dynamic_slice %x at (%i) : (tensor<5xf32>, tensor<i32>) -> tensor<f32>
  return
}

// -----

func.func @dynamic_slice_c3_size(%x: tensor<5xf32>, %i: tensor<i32>) {
  // expected-error @+1 {{result has size 6 in dimension 0, more than 5}}
  %y = dlc.dynamic_slice %x at (%i) : (tensor<5xf32>, tensor<i32>) -> tensor<6xf32>
  return
}
