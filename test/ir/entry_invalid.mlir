// RUN: dlc-opt %s --split-input-file --verify-diagnostics
// expected-error @+1 {{argument 0 must have exactly one of dlc.name and dlc.state}}
dlc.entry @entry_c1_argument_without_a_name(%x: tensor<2xf32>) {
  dlc.return
}

// -----

dlc.variable @w weight : tensor<2xf32>
// expected-error @+1 {{argument 0 must have exactly one of dlc.name and dlc.state}}
dlc.entry @entry_c1_both(%x: tensor<2xf32> {dlc.name = "x", dlc.state = @w}) {
  dlc.return
}

// -----

// expected-error @+1 {{result 0 must have exactly one of dlc.name and dlc.state}}
dlc.entry @entry_c1_result_without_a_name(%x: tensor<2xf32> {dlc.name = "x"}) -> tensor<2xf32> {
  dlc.return %x : tensor<2xf32>
}

// -----

// expected-error @+1 {{argument name "x" is used twice}}
dlc.entry @entry_c2_inputs(%x: tensor<2xf32> {dlc.name = "x"}, %y: tensor<2xf32> {dlc.name = "x"}) {
  dlc.return
}

// -----

// expected-error @+1 {{result name "y" is used twice}}
dlc.entry @entry_c2_outputs(%x: tensor<2xf32> {dlc.name = "x"})
    -> (tensor<2xf32> {dlc.name = "y"}, tensor<2xf32> {dlc.name = "y"}) {
  dlc.return %x, %x : tensor<2xf32>, tensor<2xf32>
}

// -----

// expected-error @+1 {{argument 0 names @w, which is not a dlc.variable}}
dlc.entry @entry_c3_unknown(%x: tensor<2xf32> {dlc.state = @w}) {
  dlc.return
}

// -----

dlc.variable @w weight : tensor<3xf32>
// expected-error @+1 {{argument 0 has type f32 (2) but @w has type f32 (3)}}
dlc.entry @entry_c3_type(%x: tensor<2xf32> {dlc.state = @w}) {
  dlc.return
}

// -----

dlc.variable @w weight : tensor<2xf32>
// expected-error @+1 {{arguments name variable @w twice}}
dlc.entry @entry_c3_read_twice(%x: tensor<2xf32> {dlc.state = @w},
                               %y: tensor<2xf32> {dlc.state = @w}) {
  dlc.return
}

// -----

dlc.variable @w weight : tensor<2xf32>
// expected-error @+1 {{results name variable @w twice}}
dlc.entry @entry_c3_written_twice(%x: tensor<2xf32> {dlc.name = "x"})
    -> (tensor<2xf32> {dlc.state = @w}, tensor<2xf32> {dlc.state = @w}) {
  dlc.return %x, %x : tensor<2xf32>, tensor<2xf32>
}
