// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @yield_c1_in_a_function(%x: tensor<2xf32>) {
  // expected-error @+1 {{ends no region of a dlc op}}
  dlc.yield %x : tensor<2xf32>
}
