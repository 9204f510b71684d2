// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @dynamic_update_slice_c1_indices(%x: tensor<5x4xf32>, %u: tensor<1x4xf32>) {
  // expected-error @+1 {{has 0 indices for an operand of rank 2}}
  %y = dlc.dynamic_update_slice %x, %u at () : (tensor<5x4xf32>, tensor<1x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @dynamic_update_slice_c2_element(%x: tensor<5xf32>, %u: tensor<1xf64>, %i: tensor<i64>) {
  // expected-error @+1 {{update has type f64 (1), expected rank and element type of f32 (5)}}
  %y = dlc.dynamic_update_slice %x, %u at (%i)
      : (tensor<5xf32>, tensor<1xf64>, tensor<i64>) -> tensor<5xf32>
  return
}

// -----

func.func @dynamic_update_slice_c3_size(%x: tensor<5xf32>, %u: tensor<6xf32>, %i: tensor<i64>) {
  // expected-error @+1 {{update has size 6 in dimension 0, more than 5}}
  %y = dlc.dynamic_update_slice %x, %u at (%i)
      : (tensor<5xf32>, tensor<6xf32>, tensor<i64>) -> tensor<5xf32>
  return
}

// -----

func.func @dynamic_update_slice_c4_result(%x: tensor<5xf32>, %u: tensor<1xf32>, %i: tensor<i64>) {
  // expected-error @+1 {{result has type f32 (1), expected f32 (5)}}
  %y = dlc.dynamic_update_slice %x, %u at (%i)
      : (tensor<5xf32>, tensor<1xf32>, tensor<i64>) -> tensor<1xf32>
  return
}
