// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @constant_c1_type() {
  // expected-error @+1 {{all of {value, y} have same type}}
  %y = "dlc.constant"() {value = dense<1.0> : tensor<2xf32>} : () -> tensor<3xf32>
  return
}
