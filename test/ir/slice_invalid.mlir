// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @slice_c1_starts(%x: tensor<5x4xf32>) {
  // expected-error @+1 {{has 1 starts for an operand of rank 2}}
  %y = dlc.slice %x from [0] to [5, 4] by [1, 1] : tensor<5x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @slice_c1_strides(%x: tensor<5x4xf32>) {
  // expected-error @+1 {{has 1 strides for an operand of rank 2}}
  %y = dlc.slice %x from [0, 0] to [5, 4] by [1] : tensor<5x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @slice_c2_stride_zero(%x: tensor<5xf32>) {
  // expected-error @+1 {{stride 0 in dimension 0, expected at least 1}}
  %y = dlc.slice %x from [0] to [5] by [0] : tensor<5xf32> -> tensor<5xf32>
  return
}

// -----

func.func @slice_c3_past_end(%x: tensor<5xf32>) {
  // expected-error @+1 {{takes [2, 6) of dimension 0 with size 5}}
  %y = dlc.slice %x from [2] to [6] by [1] : tensor<5xf32> -> tensor<4xf32>
  return
}

// -----

func.func @slice_c3_negative(%x: tensor<5xf32>) {
  // expected-error @+1 {{takes [-1, 4) of dimension 0 with size 5}}
  %y = dlc.slice %x from [-1] to [4] by [1] : tensor<5xf32> -> tensor<5xf32>
  return
}

// -----

func.func @slice_c3_backwards(%x: tensor<5xf32>) {
  // expected-error @+1 {{takes [3, 2) of dimension 0 with size 5}}
  %y = dlc.slice %x from [3] to [2] by [1] : tensor<5xf32> -> tensor<0xf32>
  return
}

// -----

func.func @slice_c3_symbolic_past_end(%x: tensor<?x4xf32, #dlc.dims<[B, 4]>>) {
  // expected-error @+1 {{takes [0, B + 1) of dimension 0 with size B}}
  %y = dlc.slice %x from [0, 0] to [B + 1, 4] by [1, 1]
      : tensor<?x4xf32, #dlc.dims<[B, 4]>> -> tensor<?x4xf32, #dlc.dims<[B + 1, 4]>>
  return
}

// -----

func.func @slice_c4_sizes(%x: tensor<5xf32>) {
  // expected-error @+1 {{result has type f32 (2), expected f32 (3)}}
  %y = dlc.slice %x from [0] to [5] by [2] : tensor<5xf32> -> tensor<2xf32>
  return
}
