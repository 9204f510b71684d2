// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @random_bernoulli_c1_stream(%key: tensor<2xi64>, %p: tensor<f32>) {
  // expected-error @+1 {{stream -1 is outside [0, 4294967295)}}
  %y = dlc.random_bernoulli %key, %p stream -1 : (tensor<2xi64>, tensor<f32>) -> tensor<4xi1>
  return
}

// -----

func.func @random_bernoulli_c2_probability(%key: tensor<2xi64>, %p: tensor<4xf32>) {
  // expected-error @+1 {{operand #1 must be scalar (rank 0) ranked tensor of f32 or f64}}
  %y = dlc.random_bernoulli %key, %p stream 0 : (tensor<2xi64>, tensor<4xf32>) -> tensor<4xi1>
  return
}

// -----

func.func @random_bernoulli_c2_result(%key: tensor<2xi64>, %p: tensor<f32>) {
  // expected-error @+1 {{result #0 must be ranked tensor of i1}}
  %y = dlc.random_bernoulli %key, %p stream 0 : (tensor<2xi64>, tensor<f32>) -> tensor<4xf32>
  return
}
