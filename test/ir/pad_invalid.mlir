// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @pad_c1_low(%x: tensor<5xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{has 2 low amounts for an operand of rank 1}}
  %y = dlc.pad %x, %v low [1, 1] high [0] interior [0]
      : (tensor<5xf32>, tensor<f32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_c1_interior(%x: tensor<5xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{has 0 interior amounts for an operand of rank 1}}
  %y = dlc.pad %x, %v low [1] high [0] interior [] : (tensor<5xf32>, tensor<f32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_c2_negative(%x: tensor<5xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{amount -1 in dimension 0 is negative; use dlc.slice to remove elements}}
  %y = dlc.pad %x, %v low [-1] high [0] interior [0] : (tensor<5xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @pad_c3_value(%x: tensor<5xf32>, %v: tensor<i32>) {
  // expected-error @+1 {{pads 'f32' with a value of 'i32'}}
  %y = dlc.pad %x, %v low [1] high [0] interior [0] : (tensor<5xf32>, tensor<i32>) -> tensor<6xf32>
  return
}

// -----

func.func @pad_c4_sizes(%x: tensor<5xf32>, %v: tensor<f32>) {
  // expected-error @+1 {{result has type f32 (8), expected f32 (12)}}
  %y = dlc.pad %x, %v low [1] high [2] interior [1] : (tensor<5xf32>, tensor<f32>) -> tensor<8xf32>
  return
}
