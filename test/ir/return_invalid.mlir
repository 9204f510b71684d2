// RUN: dlc-opt %s --split-input-file --verify-diagnostics
dlc.entry @return_c1_count(%x: tensor<2xf32> {dlc.name = "x"}) -> (tensor<2xf32> {dlc.name = "y"}) {
  // expected-error @+1 {{returns types other than the results of @return_c1_count}}
  dlc.return
}

// -----

dlc.entry @return_c1_type(%x: tensor<2xf32> {dlc.name = "x"}) -> (tensor<3xf32> {dlc.name = "y"}) {
  // expected-error @+1 {{returns types other than the results of @return_c1_type}}
  dlc.return %x : tensor<2xf32>
}
