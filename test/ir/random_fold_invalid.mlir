// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @random_fold_c1_key(%key: tensor<3xi64>, %i: tensor<i64>) {
  // expected-error @+1 {{operand #0 must be random key tensor<2xi64>}}
  %y = dlc.random_fold %key, %i : (tensor<3xi64>, tensor<i64>) -> tensor<2xi64>
  return
}

// -----

func.func @random_fold_c2_scalar(%key: tensor<2xi64>, %i: tensor<1xi64>) {
  // expected-error @+1 {{operand #1 must be scalar (rank 0) ranked tensor of i64 or i32}}
  %y = dlc.random_fold %key, %i : (tensor<2xi64>, tensor<1xi64>) -> tensor<2xi64>
  return
}
