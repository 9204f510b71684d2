// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @random_uniform_c1_stream(%key: tensor<2xi64>) {
  // expected-error @+1 {{stream 4294967295 is outside [0, 4294967295)}}
  %y = dlc.random_uniform %key stream 4294967295 : (tensor<2xi64>) -> tensor<4xf32>
  return
}

// -----

func.func @random_uniform_c2_key(%key: tensor<2xi32>) {
  // expected-error @+1 {{operand #0 must be random key tensor<2xi64>}}
  %y = dlc.random_uniform %key stream 0 : (tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @random_uniform_c2_element_type(%key: tensor<2xi64>) {
  // expected-error @+1 {{result #0 must be ranked tensor of f32 or f64}}
  %y = dlc.random_uniform %key stream 0 : (tensor<2xi64>) -> tensor<4xf16>
  return
}
