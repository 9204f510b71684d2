// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @dispatch_c1_unknown(%x: tensor<4xf32>) {
  // expected-error @+1 {{names @k, which is not a dlc.kernel_func}}
  %y = dlc.dispatch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

dlc.kernel_func @k pointwise symbols [] {
^bb0(%a: tensor<4xf32>):
  dlc.yield %a : tensor<4xf32>
}
func.func @dispatch_c1_operand_type(%x: tensor<5xf32>) {
  // expected-error @+1 {{operand or result types differ from those of @k}}
  %y = dlc.dispatch @k(%x) : (tensor<5xf32>) -> tensor<4xf32>
  return
}

// -----

dlc.kernel_func @k pointwise symbols [] {
^bb0(%a: tensor<4xf32>):
  dlc.yield %a : tensor<4xf32>
}
func.func @dispatch_c1_result_count(%x: tensor<4xf32>) {
  // expected-error @+1 {{operand or result types differ from those of @k}}
  dlc.dispatch @k(%x) : (tensor<4xf32>) -> ()
  return
}
