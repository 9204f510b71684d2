// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @batch_norm_inference_c1_rank(
    %x: tensor<3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v:
    tensor<3xf32>) {
  // expected-error @+1 {{x has rank 1, expected at least 2}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @batch_norm_inference_c2_scale(
    %x: tensor<2x3xf32>, %s: tensor<2xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v:
    tensor<3xf32>) {
  // expected-error @+1 {{scale has type f32 (2), expected f32 (3)}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_inference_c2_mean(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<2xf32>, %v:
    tensor<3xf32>) {
  // expected-error @+1 {{mean has type f32 (2), expected f32 (3)}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xf32>, tensor<3xf32>)
        -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_inference_c2_variance(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v:
    tensor<2xf32>) {
  // expected-error @+1 {{variance has type f32 (2), expected f32 (3)}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<2xf32>)
        -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_inference_c3_epsilon(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v:
    tensor<3xf32>) {
  // expected-error @+1 {{is negative}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon -0.5
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> tensor<2x3xf32>
  return
}

// -----

func.func @batch_norm_inference_c4_result(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>, %m: tensor<3xf32>, %v:
    tensor<3xf32>) {
  // expected-error @+1 {{y has type f64 (2, 3), expected f32 (2, 3)}}
  %y = dlc.batch_norm_inference %x, %s, %o, %m, %v epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> tensor<2x3xf64>
  return
}
