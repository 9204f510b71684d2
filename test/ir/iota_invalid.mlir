// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @iota_c1_axis_past_rank() {
  // expected-error @+1 {{axis 1 is outside [0, 1)}}
  %y = dlc.iota 1 : tensor<4xi32>
  return
}

// -----

func.func @iota_c2_booleans() {
  // expected-error @+1 {{result #0 must be ranked tensor of numbers}}
  %y = dlc.iota 0 : tensor<4xi1>
  return
}
