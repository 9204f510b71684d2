// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @reshape_c1_elements(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{cannot turn (2, 3) with 6 elements into (7) with 7}}
  %y = dlc.reshape %x : tensor<2x3xf32> -> tensor<7xf32>
  return
}

// -----

func.func @reshape_c1_symbols(%x: tensor<?x4xf32, #dlc.dims<[B, 4]>>) {
  // expected-error @+1 {{cannot turn (B, 4) with 4*B elements into (2*B) with 2*B}}
  %y = dlc.reshape %x : tensor<?x4xf32, #dlc.dims<[B, 4]>> -> tensor<?xf32, #dlc.dims<[2*B]>>
  return
}

// -----

func.func @reshape_c2_element_type(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{element type changes from 'f32' to 'i32'}}
  %y = dlc.reshape %x : tensor<2x3xf32> -> tensor<6xi32>
  return
}
