// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @stop_gradient_c1_sizes(%x: tensor<2xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.stop_gradient"(%x) : (tensor<2xf32>) -> tensor<3xf32>
  return
}
