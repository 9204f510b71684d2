// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @layer_norm_c1_rank(%x: tensor<f32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{x has rank 0, expected at least 1}}
  %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3
      : (tensor<f32>, tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  return
}

// -----

func.func @layer_norm_c2_scale(%x: tensor<2x3xf32>, %s: tensor<2xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{scale has type f32 (2), expected f32 (3)}}
  %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c2_offset(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<f32>) {
  // expected-error @+1 {{offset has type f32 (), expected f32 (3)}}
  %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c3_epsilon(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{is negative}}
  %y = dlc.layer_norm %x, %s, %o epsilon -1.0e-5
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c4_result(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{y has type f32 (2), expected f32 (2, 3)}}
  %y = dlc.layer_norm %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}
