// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @watch_c1_sizes(%x: tensor<2xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.watch"(%x) {number = 0 : i64} : (tensor<2xf32>) -> tensor<3xf32>
  return
}
