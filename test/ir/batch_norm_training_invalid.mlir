// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @batch_norm_training_c1_rank(%x: tensor<3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{x has rank 1, expected at least 2}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c2_scale(%x: tensor<2x3xf32>, %s: tensor<2xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{scale has type f32 (2), expected f32 (3)}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>)
        -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c2_offset(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf64>) {
  // expected-error @+1 {{offset has type f64 (3), expected f32 (3)}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf64>)
        -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c3_epsilon(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{is negative}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon -1.0
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c4_result(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{y has type f32 (3, 2), expected f32 (2, 3)}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> (tensor<3x2xf32>, tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c4_mean(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{mean has type f32 (2), expected f32 (3)}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> (tensor<2x3xf32>, tensor<2xf32>, tensor<3xf32>)
  return
}

// -----

func.func @batch_norm_training_c4_variance(
    %x: tensor<2x3xf32>, %s: tensor<3xf32>, %o: tensor<3xf32>) {
  // expected-error @+1 {{variance has type f64 (3), expected f32 (3)}}
  %y, %m, %v = dlc.batch_norm_training %x, %s, %o epsilon 1.0e-3
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>)
        -> (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf64>)
  return
}
