// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @reduce_max_c1_axis_past_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.reduce_max %x over [2] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_max_c1_negative_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis -1 is outside [0, 2) for an operand of rank 2}}
  %y = dlc.reduce_max %x over [-1] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_max_c1_axis_twice(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 1 is given twice}}
  %y = dlc.reduce_max %x over [1, 1] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_max_c1_decreasing(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 0 comes after 1, expected increasing order}}
  %y = dlc.reduce_max %x over [1, 0] : tensor<2x3xf32> -> tensor<f32>
  return
}

// -----

func.func @reduce_max_c2_axis_kept(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f32 (2, 1), expected f32 (2)}}
  %y = dlc.reduce_max %x over [1] : tensor<2x3xf32> -> tensor<2x1xf32>
  return
}

// -----

func.func @reduce_max_c2_element_type(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{result has type f64 (), expected f32 ()}}
  %y = dlc.reduce_max %x over [0, 1] : tensor<2x3xf32> -> tensor<f64>
  return
}
