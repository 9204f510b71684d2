// RUN: dlc-opt %s --split-input-file --verify-diagnostics
func.func @seam_c1_sizes(%x: tensor<2xf32>) {
  // expected-error @+1 {{requires the same type for all operands and results}}
  %y = "dlc.seam"(%x) {variable = @w} : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

dlc.variable @w weight : tensor<2xf32>
dlc.entry @seam_c2_not_received(%x: tensor<2xf32> {dlc.name = "x"})
    -> (tensor<2xf32> {dlc.name = "y"}) {
  // expected-error @+1 {{is of @w, whose value the entry @seam_c2_not_received does not receive}}
  %y = dlc.seam %x of @w : tensor<2xf32>
  dlc.return %y : tensor<2xf32>
}
