// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @cast_c1_sizes(%x: tensor<4xf32>) {
  // expected-error @+1 {{result has sizes (2, 2), expected (4)}}
  %y = dlc.cast %x : tensor<4xf32> -> tensor<2x2xi32>
  return
}
