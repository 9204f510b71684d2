// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @broadcast_c1_count(%x: tensor<3xf32>) {
  // expected-error @+1 {{has 0 dims for an operand of rank 1}}
  %y = dlc.broadcast %x to [] : tensor<3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_c1_past_rank(%x: tensor<3xf32>) {
  // expected-error @+1 {{result dimension 2 is outside [0, 2)}}
  %y = dlc.broadcast %x to [2] : tensor<3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_c1_decreasing(%x: tensor<3x2xf32>) {
  // expected-error @+1 {{result dimension 0 comes after 1, expected increasing order}}
  %y = dlc.broadcast %x to [1, 0] : tensor<3x2xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_c2_size(%x: tensor<1xf32>) {
  // expected-error @+1 {{dimension 0 of x has size 1 but result dimension 1 has size 3}}
  %y = dlc.broadcast %x to [1] : tensor<1xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_c2_symbol(%x: tensor<?xf32, #dlc.dims<[B]>>) {
  // expected-error @+1 {{dimension 0 of x has size B but result dimension 0 has size T}}
  %y = dlc.broadcast %x to [0] : tensor<?xf32, #dlc.dims<[B]>> -> tensor<?x4xf32, #dlc.dims<[T, 4]>>
  return
}

// -----

func.func @broadcast_c3_element_type(%x: tensor<3xf32>) {
  // expected-error @+1 {{element type changes from 'f32' to 'f64'}}
  %y = dlc.broadcast %x to [1] : tensor<3xf32> -> tensor<2x3xf64>
  return
}
