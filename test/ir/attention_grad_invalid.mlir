// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @attention_grad_c1_keys(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x7x5xf32>, %lse: tensor<2x4xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x5xf32>) {
  // expected-error @+1 {{dimension 1 of v has size 7, of k 6}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x7x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4x5xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x7x5xf32>)
  return
}

// -----

func.func @attention_grad_c1_mask(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %lse: tensor<2x4xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x5xf32>,
    %m: tensor<4xi1>) {
  // expected-error @+1 {{dimension 0 of mask has size 4, dimension 2 of the scores 6}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [2] axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4x5xf32>, tensor<4xi1>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
  return
}

// -----

func.func @attention_grad_c2_lse(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %lse: tensor<2x6xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x5xf32>) {
  // expected-error @+1 {{lse has type f32 (2, 6), expected f32 (2, 4)}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x6xf32>, tensor<2x4xf32>, tensor<2x4x5xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
  return
}

// -----

func.func @attention_grad_c2_delta(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>,
    %v: tensor<2x6x5xf32>, %lse: tensor<2x4xf32>, %delta: tensor<2x4xf64>, %dy: tensor<2x4x5xf32>) {
  // expected-error @+1 {{delta has type f64 (2, 4), expected f32 (2, 4)}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf64>, tensor<2x4x5xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
  return
}

// -----

func.func @attention_grad_c3_dy(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>,
    %lse: tensor<2x4xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x8xf32>) {
  // expected-error @+1 {{dy has type f32 (2, 4, 8), expected f32 (2, 4, 5)}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4x8xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
  return
}

// -----

func.func @attention_grad_c4_dq(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>,
    %lse: tensor<2x4xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x5xf32>) {
  // expected-error @+1 {{dq has type f32 (2, 4, 5), expected f32 (2, 4, 8)}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4x5xf32>)
      -> (tensor<2x4x5xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>)
  return
}

// -----

func.func @attention_grad_c4_dv(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x5xf32>,
    %lse: tensor<2x4xf32>, %delta: tensor<2x4xf32>, %dy: tensor<2x4x5xf32>) {
  // expected-error @+1 {{dv has type f32 (2, 6, 8), expected f32 (2, 6, 5)}}
  %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1 scale 1.0
      : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x5xf32>,
         tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4x5xf32>)
      -> (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x8xf32>)
  return
}
